"""What was typed becomes a bill, with what is wrong at each input."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from billhook.domain.bills import Bill
from billhook.domain.custom_fields import FieldDefinition, FieldSubject
from billhook.i18n import gettext as _
from billhook.plugins.relay import Relay
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import own_fields
from billhook.services.draft_editing.heading import Heading, read_heading
from billhook.services.draft_editing.inputs import DraftInput
from billhook.services.draft_editing.line_prices import PricedLine, priced_lines
from billhook.services.draft_editing.lines import read_lines
from billhook.services.draft_editing.stored import StoredDraft
from billhook.services.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A typed draft as far as it could be read. Lines that are incomplete are left out."""

    heading: Heading
    lines: tuple[PricedLine, ...]
    problems: tuple[Problem, ...]


def reading(ctx: Context, relay: Relay, given: DraftInput, stored: StoredDraft) -> Reading:
    """Read a draft over what is stored of it. Asks pricing models; writes nothing."""
    read = Fields()
    own = own_fields.definitions(FieldSubject.DOCUMENT, FieldSubject.LINE)
    heading = read_heading(ctx, given, read, of(FieldSubject.DOCUMENT, own), stored)
    typed = read_lines(
        given.lines,
        read,
        currency=heading.currency,
        today=heading.issue_on or ctx.today(),
        own=of(FieldSubject.LINE, own),
        stored=stored.lines,
    )
    lines = priced_lines(ctx, relay, heading, typed, read, of(FieldSubject.LINE, own))
    _refuse_moved(read, heading, stored, given)
    return Reading(heading=heading, lines=tuple(lines), problems=tuple(read.problems))


def of(subject: FieldSubject, own: Sequence[FieldDefinition]) -> list[FieldDefinition]:
    """Return the definitions of one subject."""
    return [field for field in own if field.subject is subject]


def _refuse_moved(read: Fields, heading: Heading, stored: StoredDraft, given: DraftInput) -> None:
    """Charges were made for a customer and in a currency: their lines cannot go elsewhere."""
    kept = {line.key for line in given.lines}
    if not any(row.charge_id and key in kept for key, row in stored.lines.items()):
        return
    if heading.buyer and heading.buyer.id != stored.customer_id:
        message = _(
            "Lines of this draft bill charges of another customer. Remove them first; they "
            "wait for their own bill then."
        )
        read.refuse("customer", "draft.charges_of_another", message)
    if heading.currency != stored.currency:
        message = _(
            "Lines of this draft bill charges in %(currency)s. Remove them first, or keep the "
            "currency.",
            currency=stored.currency,
        )
        read.refuse("currency", "draft.charges_of_another", message)


def bill(reading: Reading, draft_id: UUID, own: Sequence[FieldDefinition]) -> Bill | None:
    """Return the bill that the reading makes so far; None without a customer."""
    heading = reading.heading
    if heading.buyer is None or heading.payer_id is None:
        return None
    return Bill(
        id=draft_id,
        buyer=heading.buyer,
        payer_id=heading.payer_id,
        currency=heading.currency,
        lines=tuple(part for line in reading.lines for part in line.parts),
        adjustments=heading.adjustments,
        delivery_country=heading.delivery_country,
        purchase_order=heading.purchase_order,
        note=heading.note,
        buyer_reference=heading.buyer_reference,
        language=heading.language,
        payment_days=heading.payment_days,
        terms=heading.terms,
        brand_id=heading.brand_id,
        fields=own_fields.frozen(heading.fields, own),
    )
