"""A draft as the editor shows it: its texts as they would be typed, and what they stand on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.custom_fields import FieldDefinition, FieldSubject
from billhook.domain.documents import Attachment
from billhook.domain.periods import Period
from billhook.domain.states import DraftState
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.brands import BrandRow
from billhook.models.customers import Customer
from billhook.models.drafts import Draft, DraftLine
from billhook.money import minor_digits, plain
from billhook.sdk.context import Context
from billhook.services import attachments, own_fields
from billhook.services.draft_editing.adjustments import typed_adjustments
from billhook.services.draft_editing.inputs import MOST_LINES, DraftInput, LineInput
from billhook.services.draft_editing.stored import key_of, lines_of, row_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFace:
    """A customer as far as the editor shows: what is left empty on the draft is theirs."""

    reference: str = ""
    name: str = ""
    city: str = ""
    country: str = ""
    currency: str = ""
    language: str = ""
    buyer_reference: str = ""
    purchase_order: str = ""
    payment_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFace:
    """What a stored line stands on, and nobody types."""

    explanation: str
    is_charged: bool
    """Whether it bills a charge, which waits again once the line is removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDraft:
    """A draft in the editor; `draft_id` is None before it is first saved."""

    draft_id: UUID | None
    version: int
    state: DraftState
    given: DraftInput
    faces: Mapping[str, LineFace]
    """By the keys of lines."""
    customer: CustomerFace
    brands: tuple[tuple[str, str], ...]
    """Code and name."""
    own: tuple[FieldDefinition, ...]
    """Of documents."""
    line_own: tuple[FieldDefinition, ...]
    attachments: tuple[Attachment, ...] = ()
    reference: str = ""
    """Which part of a split it is."""
    run_id: UUID | None = None
    created_at: datetime | None = None
    lines: int = 0
    """How many there are; more than `MOST_LINES` are not in `given`."""

    charged_lines: int = 0
    """How many of them bill charges."""

    @property
    def is_too_long(self) -> bool:
        """Tell whether a page cannot edit it."""
        return self.lines > MOST_LINES


def opened(ctx: Context, draft_id: UUID) -> OpenDraft:
    """Return a draft as it is typed. Raises NotFound, AlreadyIssued, Conflict once discarded."""
    ctx.require("drafts.view")
    return stored_input(ctx, draft_id)


def stored_input(ctx: Context, draft_id: UUID) -> OpenDraft:
    """Return what `opened` does for a use-case that asked for its own permission."""
    draft = row_of(draft_id)
    rows = lines_of(draft_id)
    known = _customer(Customer.id == draft.customer_id)
    brands = _brands()
    shown = rows if len(rows) <= MOST_LINES else []
    own = own_fields.definitions(FieldSubject.DOCUMENT, FieldSubject.LINE)
    return OpenDraft(
        draft_id=draft_id,
        version=draft.version,
        state=DraftState(draft.state),
        given=_typed(draft, shown, known.reference, brands),
        faces={
            key_of(row): LineFace(
                explanation=row.explanation, is_charged=row.charge_id is not None
            )
            for row in shown
        },
        customer=known,
        brands=_names(brands),
        own=_of(FieldSubject.DOCUMENT, own),
        line_own=_of(FieldSubject.LINE, own),
        attachments=attachments.of_draft(draft_id),
        reference=draft.reference,
        run_id=draft.run_id,
        created_at=draft.created_at,
        lines=len(rows),
        charged_lines=sum(1 for row in rows if row.charge_id),
    )


def at_version(draft: OpenDraft, version: int) -> OpenDraft:
    """Return a draft as of the version that a form began with, so that saving notices another."""
    return replace(draft, version=version)


def blank(ctx: Context, *, customer: str = "") -> OpenDraft:
    """Return a draft that nobody saved yet, for a customer by reference. Raises NotFound."""
    ctx.require("drafts.edit")
    known = _customer(Customer.reference == customer.strip()) if customer.strip() else None
    own = own_fields.definitions(FieldSubject.DOCUMENT, FieldSubject.LINE)
    return OpenDraft(
        draft_id=None,
        version=0,
        state=DraftState.OPEN,
        given=DraftInput(
            customer=known.reference if known else "",
            currency=known.currency if known else "",
            purchase_order=known.purchase_order if known else "",
            lines=(LineInput(),),
        ),
        faces={},
        customer=known or CustomerFace(),
        brands=_names(_brands()),
        own=_of(FieldSubject.DOCUMENT, own),
        line_own=_of(FieldSubject.LINE, own),
    )


def face(ctx: Context, reference: str) -> CustomerFace:
    """Return a customer by reference, an empty face for none."""
    ctx.require("drafts.edit")
    try:
        return _customer(Customer.reference == reference.strip())
    except NotFound:
        return CustomerFace(reference=reference)


def _customer(condition: object) -> CustomerFace:
    row = db.session.scalar(select(Customer).where(condition))  # type: ignore[arg-type]
    if row and row.merged_into_id:
        row = db.session.scalar(select(Customer).where(Customer.id == row.merged_into_id))
    if row is None:
        raise NotFound(_("customer"), "")
    return CustomerFace(
        reference=row.reference,
        name=row.name,
        city=row.city,
        country=row.country,
        currency=row.currency,
        language=row.language,
        buyer_reference=row.buyer_reference,
        purchase_order=row.purchase_order,
        payment_days=row.payment_days,
    )


def _brands() -> list[BrandRow]:
    return list(db.session.scalars(select(BrandRow).order_by(BrandRow.name, BrandRow.code)))


def _names(brands: list[BrandRow]) -> tuple[tuple[str, str], ...]:
    return tuple((row.code, row.name) for row in brands)


def _of(subject: FieldSubject, own: list[FieldDefinition]) -> tuple[FieldDefinition, ...]:
    return tuple(field for field in own if field.subject is subject)


def _typed(
    draft: Draft, rows: list[DraftLine], customer: str, brands: list[BrandRow]
) -> DraftInput:
    codes = {row.id: row.code for row in brands}
    return DraftInput(
        customer=customer,
        currency=draft.currency,
        lines=tuple(_line(row, draft.currency) for row in rows),
        adjustments=typed_adjustments(draft.adjustments, draft.currency),
        note=draft.note,
        terms=draft.terms,
        purchase_order=draft.purchase_order,
        buyer_reference=draft.buyer_reference or "",
        payment_days="" if draft.payment_days is None else str(draft.payment_days),
        issue_on=draft.issue_on.isoformat() if draft.issue_on else "",
        language=draft.language,
        brand=codes.get(draft.brand_id, "") if draft.brand_id else "",
        delivery_country=draft.delivery_country,
        fields=draft.fields,
    )


def _line(row: DraftLine, currency: str) -> LineInput:
    period = Period(row.period_start, row.period_end) if row.period_start else None  # type: ignore[arg-type]
    return LineInput(
        key=key_of(row),
        sku=row.sku,
        description=row.description,
        section=row.section_label,
        quantity=plain(row.quantity),
        unit=row.unit,
        unit_price=price_text(row, currency),
        base_quantity="" if row.base_quantity == 1 else plain(row.base_quantity),
        adjustments=typed_adjustments(row.adjustments, currency),
        tax_category=row.tax_category,
        supply=row.supply,
        supplied_on="" if period else row.supplied_on.isoformat(),
        period_from=period.start.isoformat() if period else "",
        period_until=period.last_day.isoformat() if period else "",
        fields=row.fields,
    )


def price_text(row: DraftLine, currency: str) -> str:
    """Write a price with at least its currency's decimals: 49.90, 0.0125."""
    whole, _point, decimals = plain(row.unit_price).partition(".")
    wanted = decimals.ljust(minor_digits(currency), "0")
    return f"{whole}.{wanted}" if wanted else whole
