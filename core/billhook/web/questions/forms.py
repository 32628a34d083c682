"""The forms of a thread's page."""

from uuid import UUID

from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, SelectChoice, SelectField, TextAreaField

from billhook import limits
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.ids import new_id, parse_id
from billhook.sdk.context import Context
from billhook.services import questions
from billhook.services.questions import Thread, Upload
from billhook.services.questions.attached import LARGEST_SUM, MOST, TYPES
from billhook.web.versions import VersionedForm

LARGEST_BODY = LARGEST_SUM + 256 * 1024
"""Bytes of a form with files."""


class AnswerForm(VersionedForm):
    """What the company says, to a thread as it was read."""

    text = TextAreaField(
        _("Your answer"), render_kw={"rows": 6, "maxlength": limits.QUESTION_TEXT}
    )
    files = MultipleFileField(_("Files"), render_kw={"accept": ",".join(TYPES)})
    key = HiddenField()

    @classmethod
    def of(cls, thread: Thread) -> "AnswerForm":
        """Return the empty form for a thread."""
        return cls(formdata=None, version=str(thread.entry.version), key=str(new_id()))

    def uploads(self) -> list[Upload]:
        """Return the files that were sent; one too many is read, so that it is told."""
        return [
            Upload(name=one.filename or "", content=one.read())
            for one in (self.files.data or [])[: MOST + 1]
            if one and one.filename
        ]

    def sent_key(self) -> str | None:
        """Return the key by which a form that is sent twice is one."""
        return str(self.key.data or "")[: limits.CODE] or None


class AssignForm(VersionedForm):
    """Whose task it is."""

    assignee_id = SelectField(_("Answered by"), validate_choice=False)

    @classmethod
    def of(cls, ctx: Context, thread: Thread) -> "AssignForm":
        """Return the form with the members who may answer."""
        entry = thread.entry
        form = cls(
            formdata=None, version=str(entry.version), assignee_id=str(entry.assignee_id or "")
        )
        form.assignee_id.choices = [
            SelectChoice("", gettext("Nobody")),
            *(
                SelectChoice(str(one.person_id), one.name)
                for one in questions.answerers(ctx, entry.id)
            ),
        ]
        return form

    def chosen(self) -> UUID | None:
        """Return who was chosen; None for nobody. Raises NotFound for what is no id."""
        text = str(self.assignee_id.data or "")
        return parse_id(text, gettext("person")) if text else None
