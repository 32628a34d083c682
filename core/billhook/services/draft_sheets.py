"""Drafts as they are stored, with their lines: read for a page at once, neither priced nor taxed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, select

from billhook.db import db
from billhook.domain.adjusting import read_adjustment
from billhook.domain.bills import BillLine
from billhook.domain.states import DocumentType, DraftState
from billhook.domain.totals import Adjustment
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.limits import PAGE_ROWS
from billhook.models.brands import BrandRow
from billhook.models.customers import Customer
from billhook.models.drafts import Draft, DraftLine
from billhook.sdk.context import Context
from billhook.services import draft_search, drafting
from billhook.services.draft_editing.stored import key_of
from billhook.services.draft_rows import bill_line
from billhook.services.draft_search import DraftFilter, DraftOrder
from billhook.services.paging import Slice
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """A line, the key that it keeps while it is edited, and its own fields as stored."""

    key: str
    line: BillLine
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSheet:
    """A draft as it is stored; what is empty among its terms is the customer's."""

    id: UUID
    state: DraftState
    kind: DocumentType
    version: int
    customer_id: UUID
    customer: str
    customer_name: str
    payer_id: UUID
    currency: str
    adjustments: tuple[Adjustment, ...]
    note: str
    terms: str
    purchase_order: str
    buyer_reference: str
    payment_days: int | None
    issue_on: date | None
    language: str
    brand: str
    """Code."""
    delivery_country: str
    reference: str
    fields: Mapping[str, str]
    run_id: UUID | None
    created_at: datetime
    lines: tuple[SheetLine, ...]

    @property
    def net(self) -> int:
        """The lines' sum before tax and discounts of the whole, signed, in minor units."""
        return sum(one.line.amount for one in self.lines)


def get(ctx: Context, draft_id: UUID) -> DraftSheet:
    """Return a draft, a discarded one too. Raises NotFound, AlreadyIssued."""
    ctx.require("drafts.view")
    return stored(draft_id)


def stored(draft_id: UUID) -> DraftSheet:
    """Return a draft for a use-case that asked for its own permission. Raises as `get` does."""
    rows = db.session.execute(
        _drafts().where(Draft.id == draft_id).execution_options(populate_existing=True)
    ).all()
    if not rows:
        drafting.refuse_issued(draft_id)
        raise NotFound(_("draft"), draft_id)
    return _sheets(rows)[0]


def search(
    ctx: Context,
    wanted: DraftFilter,
    *,
    by: DraftOrder = DraftOrder.MADE,
    is_descending: bool = True,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Slice[DraftSheet]:
    """Return the page that follows a cursor. Raises ValidationFailed for one that is none."""
    ctx.require("drafts.view")
    page = draft_search.page_of(
        _drafts(), wanted, by=by, is_descending=is_descending, after=after, limit=limit
    )
    return Slice(rows=tuple(_sheets(page.rows)), next=page.next)


def _drafts() -> Select[Any]:
    return (
        select(Draft, Customer.reference, Customer.name, BrandRow.code)
        .join(
            Customer, and_(Customer.tenant_id == Draft.tenant_id, Customer.id == Draft.customer_id)
        )
        .outerjoin(
            BrandRow, and_(BrandRow.tenant_id == Draft.tenant_id, BrandRow.id == Draft.brand_id)
        )
    )


def _sheets(rows: Sequence[Row[Any]]) -> list[DraftSheet]:
    lines = _lines({row[0].id: row[0].currency for row in rows})
    return [
        DraftSheet(
            id=draft.id,
            state=DraftState(draft.state),
            kind=DocumentType(draft.type),
            version=draft.version,
            customer_id=draft.customer_id,
            customer=reference,
            customer_name=name,
            payer_id=draft.payer_id,
            currency=draft.currency,
            adjustments=tuple(read_adjustment(stored) for stored in draft.adjustments),
            note=draft.note,
            terms=draft.terms,
            purchase_order=draft.purchase_order,
            buyer_reference=draft.buyer_reference or "",
            payment_days=draft.payment_days,
            issue_on=draft.issue_on,
            language=draft.language,
            brand=brand or "",
            delivery_country=draft.delivery_country,
            reference=draft.reference,
            fields=draft.fields,
            run_id=draft.run_id,
            created_at=draft.created_at,
            lines=tuple(lines.get(draft.id, ())),
        )
        for draft, reference, name, brand, *_keys in rows
    ]


def _lines(currencies: Mapping[UUID, str]) -> dict[UUID, list[SheetLine]]:
    found: dict[UUID, list[SheetLine]] = {}
    for row in db.session.scalars(
        select(DraftLine)
        .where(one_of(DraftLine.draft_id, currencies.keys()))
        .order_by(DraftLine.draft_id, DraftLine.line_no)
        .execution_options(populate_existing=True)
    ):
        line = bill_line(row, currencies[row.draft_id])
        found.setdefault(row.draft_id, []).append(
            SheetLine(key=key_of(row), line=line, fields=row.fields)
        )
    return found
