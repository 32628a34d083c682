"""The form in which a contact chooses a password."""

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from billhook.i18n import lazy_gettext as _


def known_address() -> EmailField:
    """Tell password managers whose password it is; nobody sees it, and it is not read."""
    return EmailField(render_kw={"autocomplete": "username", "hidden": True, "readonly": True})


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """A first password, or another one."""

    email = known_address()
    password = PasswordField(
        _("New password"),
        validators=[InputRequired(_("Choose a password."))],
        render_kw={"autocomplete": "new-password"},
    )
