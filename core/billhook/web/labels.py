"""Words for the closed sets that pages show."""

from enum import StrEnum

from babel.support import LazyProxy

from billhook.domain.deliveries import DeliveryState, RecipientKind, Tone
from billhook.domain.states import DocumentType, DraftState
from billhook.i18n import lazy_gettext as _
from billhook.services.delivering.trail import StepKind

_LABELS: dict[tuple[type[StrEnum], str], LazyProxy] = {
    (type(value), value.value): label
    for value, label in (
        (DeliveryState.QUEUED, _("Waiting")),
        (DeliveryState.SENT, _("Sent")),
        (DeliveryState.BOUNCED, _("Bounced")),
        (DeliveryState.FAILED, _("Failed")),
        (DeliveryState.OPENED, _("Opened")),
        (DocumentType.INVOICE, _("Invoice")),
        (DocumentType.CREDIT_NOTE, _("Credit note")),
        (DraftState.OPEN, _("Open")),
        (DraftState.APPROVED, _("Approved")),
        (DraftState.DISCARDED, _("Discarded")),
        (RecipientKind.TO, _("To")),
        (RecipientKind.CC, _("Copy")),
        (RecipientKind.BCC, _("Blind copy")),
        (StepKind.TRIED, _("Tried")),
        (StepKind.COMMITTED, _("Handed over; the other side may have it from here on")),
        (StepKind.SENT, _("Taken by the other side")),
        (StepKind.CAPTURED, _("Kept by the sandbox")),
        (StepKind.REFUSED, _("Refused")),
        (StepKind.POSTPONED, _("Postponed by the other side")),
        (StepKind.FAILED, _("Failed")),
        (StepKind.UNKNOWN, _("No answer: nobody knows whether it arrived")),
        (StepKind.BOUNCED, _("Came back")),
        (StepKind.OPENED, _("Opened")),
        (StepKind.RETRIED, _("Sent again by somebody here")),
        (Tone.FORMAL, _("Formal")),
        (Tone.FRIENDLY, _("Friendly")),
    )
}


def label(value: StrEnum) -> str:
    """Return a value's word in the reader's language."""
    return str(_LABELS[type(value), value.value])
