"""Forms of acts that ask why."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from billhook import limits
from billhook.i18n import lazy_gettext as _
from billhook.ids import new_id


class KeyForm(FlaskForm):  # type: ignore[misc]
    """A button, and the key that keeps a second click from doing it twice."""

    key = HiddenField()

    @classmethod
    def fresh(cls) -> "KeyForm":
        """Return the form with a key of its own, or as it was sent."""
        return cls(key=str(new_id()))


class ReasonForm(KeyForm):
    """Why something is done."""

    reason = StringField(
        _("Reason"),
        validators=[
            InputRequired(_("Say why: the reason stands on the document and in its trail.")),
            Length(max=limits.REASON),
        ],
        render_kw={"autocomplete": "off", "maxlength": limits.REASON},
    )
