"""What a mail about a document says, in a formal and a friendly tone.

In German, French and Spanish the tones differ in how they address the reader
(Sie and du, vous and tu, usted and tú), so each has sentences of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from billhook.domain.deliveries import Tone
from billhook.domain.publications import Publication
from billhook.domain.states import DocumentType
from billhook.services.presenting.texts import gettext as _
from billhook.services.presenting.texts import without_isolates


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The words around a document's facts."""

    greeting: str
    paragraphs: tuple[str, ...]
    closing: str


def letter(publication: Publication, tone: Tone, values: Mapping[str, str]) -> Letter:
    """Return the words of a tone; `values` are those of the placeholders of texts."""
    return _LETTERS[publication.document.type, tone](publication, values)


def subject(publication: Publication, values: Mapping[str, str]) -> str:
    """Return one line that names the document and who sends it."""
    if publication.document.type is DocumentType.CREDIT_NOTE:
        text = _("Credit note %(number)s from %(seller)s", **values)
    else:
        text = _("Invoice %(number)s from %(seller)s", **values)
    return " ".join(without_isolates(text).split())


def summary(publication: Publication, values: Mapping[str, str]) -> str:
    """Return what a list of mails shows beside the subject."""
    if publication.document.type is DocumentType.CREDIT_NOTE:
        return _("%(total)s to be refunded", **values)
    return _("%(total)s, due on %(due_on)s", **values)


def link_label(publication: Publication) -> str:
    """Return what the button says that shows the document at the portal."""
    if publication.document.type is DocumentType.CREDIT_NOTE:
        return _("View credit note")
    return _("View invoice")


def _formal_invoice(publication: Publication, values: Mapping[str, str]) -> Letter:
    is_due = publication.document.payable > 0
    return _formal(
        publication,
        _("Please find attached our invoice %(number)s of %(issue_on)s for %(total)s.", **values),
        _("We kindly ask you to pay it by %(due_on)s.", **values)
        if is_due
        else _("No payment is required."),
    )


def _formal_credit_note(publication: Publication, values: Mapping[str, str]) -> Letter:
    return _formal(
        publication,
        _("Please find attached credit note %(number)s for our invoice %(credited)s.", **values)
        if publication.credited
        else _("Please find attached our credit note %(number)s of %(issue_on)s.", **values),
        _(
            "We will refund %(total)s or set the amount off against invoices that are open.",
            **values,
        ),
    )


def _formal(publication: Publication, *paragraphs: str) -> Letter:
    name = publication.document.buyer.party.contact_name
    return Letter(
        greeting=_("Dear %(name)s,", name=name) if name else _("Dear Sir or Madam,"),
        paragraphs=(
            *paragraphs,
            _("Should you have any questions, please reply to this e-mail."),
        ),
        closing=_("Kind regards"),
    )


def _friendly_invoice(publication: Publication, values: Mapping[str, str]) -> Letter:
    is_due = publication.document.payable > 0
    return _friendly(
        publication,
        _("Here is your invoice %(number)s of %(issue_on)s for %(total)s.", **values),
        _("Please pay it by %(due_on)s. Thank you!", **values)
        if is_due
        else _("You need not pay anything."),
    )


def _friendly_credit_note(publication: Publication, values: Mapping[str, str]) -> Letter:
    return _friendly(
        publication,
        _("Here is credit note %(number)s for your invoice %(credited)s.", **values)
        if publication.credited
        else _("Here is your credit note %(number)s of %(issue_on)s.", **values),
        _("We refund %(total)s to you or set it off against open invoices.", **values),
    )


def _friendly(publication: Publication, *paragraphs: str) -> Letter:
    name = publication.document.buyer.party.contact_name
    return Letter(
        greeting=_("Hello %(name)s,", name=name) if name else _("Hello,"),
        paragraphs=(*paragraphs, _("Do you have a question? Just reply to this mail.")),
        closing=_("Best wishes"),
    )


_LETTERS: Mapping[tuple[DocumentType, Tone], Callable[..., Letter]] = {
    (DocumentType.INVOICE, Tone.FORMAL): _formal_invoice,
    (DocumentType.INVOICE, Tone.FRIENDLY): _friendly_invoice,
    (DocumentType.CREDIT_NOTE, Tone.FORMAL): _formal_credit_note,
    (DocumentType.CREDIT_NOTE, Tone.FRIENDLY): _friendly_credit_note,
}
