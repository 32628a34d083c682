"""A draft as it is stored, for the editor: read once, compared when it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.states import DraftState
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.models.drafts import Draft, DraftLine
from billhook.services.drafting import given_up, refuse_issued


class StoredLine(NamedTuple):
    """What of a line nobody types: in the order of the columns."""

    line_no: int
    key: UUID | None
    sku: str
    quantity: Decimal
    unit_price: Decimal
    base_quantity: Decimal
    section_key: str
    section_label: str
    revenue_account: str
    product_id: UUID | None
    charge_id: UUID | None
    explanation: str
    plugins: Mapping[str, str]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """What stands there now; nothing of all for a draft that is yet to be made."""

    version: int = 0
    customer_id: UUID | None = None
    payer_id: UUID | None = None
    currency: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, StoredLine] = field(default_factory=dict)
    """By their keys, in order."""


NOTHING = StoredDraft()


def stored_draft(draft_id: UUID) -> StoredDraft:
    """Raises NotFound, AlreadyIssued, Conflict once it is discarded."""
    draft = row_of(draft_id)
    return StoredDraft(
        version=draft.version,
        customer_id=draft.customer_id,
        payer_id=draft.payer_id,
        currency=draft.currency,
        fields=draft.fields,
        lines=_stored_lines(draft_id),
    )


def _stored_lines(draft_id: UUID) -> dict[str, StoredLine]:
    columns = [getattr(DraftLine, name) for name in StoredLine._fields]
    rows = db.session.execute(
        select(*columns).where(DraftLine.draft_id == draft_id).order_by(DraftLine.line_no)
    )
    return {key_of(line): line for line in map(StoredLine._make, rows)}


def row_of(draft_id: UUID) -> Draft:
    """Return an open draft's row. Raises NotFound, AlreadyIssued, Conflict once it is discarded."""
    draft = db.session.scalar(select(Draft).where(Draft.id == draft_id))
    if draft is None:
        refuse_issued(draft_id)
        raise NotFound(_("draft"), draft_id)
    if draft.state == DraftState.DISCARDED.value:
        raise Conflict(given_up(draft_id))
    return draft


def lines_of(draft_id: UUID) -> list[DraftLine]:
    """Return a draft's lines in order."""
    rows = db.session.scalars(
        select(DraftLine).where(DraftLine.draft_id == draft_id).order_by(DraftLine.line_no)
    )
    return list(rows)


def key_of(row: DraftLine | StoredLine) -> str:
    """Return what a stored line is known by while it is edited."""
    return str(row.key or row.line_no)
