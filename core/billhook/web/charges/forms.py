"""The form of a charge by hand, and the reasons that acts on charges ask for."""

from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from billhook import limits
from billhook.i18n import lazy_gettext as _
from billhook.ids import new_id

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
_NUMBER = {**_PLAIN, "inputmode": "decimal"}


class ChargeForm(FlaskForm):  # type: ignore[misc]
    """What is to be billed; its fields are those of an import of charges."""

    key = HiddenField()
    """The same when the form is sent twice, so that one charge waits."""
    customer = StringField(
        _("Customer's reference"),
        validators=[InputRequired(_("Say whom to bill."))],
        render_kw={**_PLAIN, "list": "customers-found"},
    )
    product = StringField(_("Product's SKU"), render_kw={**_PLAIN, "list": "products-found"})
    description = TextAreaField(_("Description"), render_kw={"rows": "2"})
    quantity = StringField(_("Quantity"), render_kw=_NUMBER)
    unit_price = StringField(_("Unit price"), render_kw=_NUMBER)
    amount = StringField(_("Amount of the whole line"), render_kw=_NUMBER)
    currency = StringField(_("Currency"), render_kw={**_PLAIN, "maxlength": "3"})
    date = StringField(_("Date"), render_kw={"type": "date"})
    period_start = StringField(_("Service from"), render_kw={"type": "date"})
    period_end = StringField(_("Service until"), render_kw={"type": "date"})
    group = StringField(_("Group"), render_kw=_PLAIN)
    purchase_order = StringField(_("Order number"), render_kw=_PLAIN)

    @classmethod
    def new(cls, today: str) -> "ChargeForm":
        """Return an empty form, or the one that was sent."""
        return cls(key=str(new_id()), date=today, quantity="1")

    def typed(self) -> dict[str, str]:
        """Return what was typed, as a row of a file of charges has it."""
        return {
            field.name: field.data or ""
            for field in self
            if field.name not in ("key", "csrf_token")
        }

    def chosen_key(self) -> UUID:
        """Return the form's own key; a key that is none makes a charge of its own."""
        try:
            return UUID(self.key.data or "")
        except ValueError:
            return new_id()


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why, for whoever reads the charge's page and the audit log."""

    reason = StringField(
        _("Reason"),
        validators=[
            InputRequired(_("Say why. The reason stands on the charge's page.")),
            Length(max=limits.REASON),
        ],
    )
