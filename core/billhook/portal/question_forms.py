"""The forms by which clients ask, dispute and answer; guests fill in the same ones."""

from uuid import UUID

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import Field, HiddenField, SelectChoice, SelectField, StringField, TextAreaField

from billhook import limits
from billhook.domain.questions import DisputeReason, QuestionKind
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.ids import new_id
from billhook.services.portal.questions import NewQuestion, Subject
from billhook.services.questions import Upload
from billhook.services.questions.attached import LARGEST_SUM, MOST, TYPES

LARGEST_BODY = LARGEST_SUM + 256 * 1024
"""Bytes of a form with files."""
MOST_LINES = 200
"""Lines that can be chosen from; of a longer document the link beside a line chooses it."""
_LONGEST_LINE = 80
_MOST_PARTS = MOST + 1
"""Files that are read: one too many, so that it is told."""

REASONS = {
    DisputeReason.WRONG_AMOUNT: _("The amount is wrong"),
    DisputeReason.NOT_RECEIVED: _("We did not get what it is for"),
    DisputeReason.ALREADY_PAID: _("We have paid it already"),
    DisputeReason.DUPLICATE: _("We got it twice"),
    DisputeReason.WRONG_DATA: _("An address or other data is wrong"),
    DisputeReason.OTHER: _("Something else"),
}


class SayForm(FlaskForm):  # type: ignore[misc]
    """A message with files."""

    text = TextAreaField(
        _("Your message"), render_kw={"rows": 6, "maxlength": limits.QUESTION_TEXT}
    )
    files = MultipleFileField(_("Files"), render_kw={"accept": ",".join(TYPES)})
    key = HiddenField()
    """By which a form that is sent twice is one."""

    @classmethod
    def fresh(cls) -> "SayForm":
        """Return the form with a key of its own."""
        return cls(key=str(new_id()))

    def uploads(self) -> list[Upload]:
        """Return the files that were sent."""
        return [
            Upload(name=one.filename or "", content=one.read())
            for one in (self.files.data or [])[:_MOST_PARTS]
            if one and one.filename
        ]

    def sent_key(self) -> str | None:
        """Return the key; None where somebody took it out."""
        return str(self.key.data or "")[: limits.CODE] or None


class AskForm(SayForm):
    """A question about a document, or a dispute of it."""

    line = SelectField(_("What it is about"), validate_choice=False)
    reason = SelectField(_("What is wrong"), validate_choice=False)
    amount = StringField(
        _("Amount in dispute"), render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )

    @classmethod
    def about(cls, subject: Subject, kind: QuestionKind, *, line: str = "") -> "AskForm":
        """Return the form for a document; a line may have been chosen already."""
        known = line if line.isdigit() and len(line) < 9 and int(line) in subject.lines else ""
        form = cls(key=str(new_id()), line=known)
        form.line.choices = _lines(subject, form.line.data or known)
        if kind is QuestionKind.DISPUTE:
            form.reason.choices = [SelectChoice("", gettext("Choose"))]
            form.reason.choices += [SelectChoice(one.value, text) for one, text in REASONS.items()]
        else:
            del form.reason
            del form.amount
        return form

    def question(self, document_id: UUID, kind: QuestionKind) -> NewQuestion:
        """Return what was typed."""
        line = str(self.line.data or "")
        return NewQuestion(
            document_id=document_id,
            kind=kind,
            reason=_text(self._fields.get("reason")),
            line_no=(int(line) if line.isdecimal() and len(line) < 9 else -1) if line else None,
            amount=_text(self._fields.get("amount")),
            text=str(self.text.data or ""),
            uploads=self.uploads(),
        )


def _text(field: Field | None) -> str:
    return str(field.data or "") if field is not None else ""


def _lines(subject: Subject, chosen: str) -> list[SelectChoice]:
    whole = SelectChoice("", gettext("The whole document"))
    shown = dict(list(subject.lines.items())[:MOST_LINES])
    if chosen.isdecimal() and len(chosen) < 9 and int(chosen) in subject.lines:
        shown[int(chosen)] = subject.lines[int(chosen)]
    return [whole, *(SelectChoice(str(no), _line(no, shown[no])) for no in sorted(shown))]


def _line(number: int, text: str) -> str:
    first = " ".join(text.split())
    cut = first if len(first) <= _LONGEST_LINE else f"{first[: _LONGEST_LINE - 1]}…"
    return gettext("Line %(number)s: %(text)s", number=number, text=cut)
