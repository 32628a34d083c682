"""The form of a bill run: up to when, for whom, and whether it issues."""

import re
from datetime import date

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from billhook.domain.states import RunMode
from billhook.errors import ValidationFailed
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import customer_tags, run_scopes
from billhook.services.fields import Fields
from billhook.services.run_scopes import RunScope


class RunForm(FlaskForm):  # type: ignore[misc]
    """What a run is asked for; what is left empty narrows nothing."""

    until = DateField(
        _("Charges up to and with"), validators=[InputRequired(_("Say up to which day to bill."))]
    )
    issue_on = DateField(
        _("Date of the documents"),
        validators=[InputRequired(_("Say which date the documents bear."))],
    )
    mode = RadioField(
        _("What becomes of them"),
        choices=[
            SelectChoice(
                RunMode.ISSUE.value, _("Issue the documents: they get numbers and are sent")
            ),
            SelectChoice(
                RunMode.DRAFT.value, _("Stop at drafts, to be looked at and issued one by one")
            ),
        ],
        default=RunMode.ISSUE.value,
    )
    customers = TextAreaField(
        _("Only these customers"), render_kw={"rows": "2", "autocomplete": "off"}
    )
    tag = SelectField(_("Only customers with the tag"), validators=[Optional()])
    currency = StringField(
        _("Only this currency"), render_kw={"maxlength": "3", "autocomplete": "off"}
    )

    @classmethod
    def of(cls, ctx: Context, today: date) -> "RunForm":
        """Return the form as it was sent, or with the usual answers."""
        form = cls(until=today, issue_on=today)
        form.tag.choices = [("", _("All")), *((tag, tag) for tag in customer_tags.all_tags(ctx))]
        return form

    def scope(self, ctx: Context) -> RunScope:
        """Return whom the person chose. Raises ValidationFailed; an unknown currency is told."""
        fields = Fields()
        currency = fields.currency("currency", self.currency.data or "")
        if fields.problems:
            raise ValidationFailed(fields.problems)
        references = [one for one in re.split(r"[\s,;]+", self.customers.data or "") if one]
        return RunScope(
            payers=run_scopes.payers_of(ctx, references) if references else None,
            tag=self.tag.data or "",
            currency=currency,
        )

    @property
    def chosen_mode(self) -> RunMode:
        return RunMode(self.mode.data)
