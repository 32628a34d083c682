"""Forms of the pages around log-in. What a service refuses comes back to the field."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from billhook.i18n import lazy_gettext as _
from billhook.problems import Problem


class LogInForm(FlaskForm):  # type: ignore[misc]
    """E-mail address and password."""

    email = EmailField(
        _("E-mail address"),
        validators=[InputRequired(_("Enter your e-mail address."))],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _("Password"),
        validators=[InputRequired(_("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


def _known_address() -> EmailField:
    """Tell password managers whose password it is; nobody sees it, and it is not read."""
    return EmailField(render_kw={"autocomplete": "username", "hidden": True, "readonly": True})


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """A first password, or another one."""

    email = _known_address()
    password = PasswordField(
        _("New password"),
        validators=[InputRequired(_("Choose a password."))],
        render_kw={"autocomplete": "new-password"},
    )


class ProvePasswordForm(FlaskForm):  # type: ignore[misc]
    """The password that the person has already."""

    email = _known_address()
    password = PasswordField(
        _("Your password"),
        validators=[InputRequired(_("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class ButtonForm(FlaskForm):  # type: ignore[misc]
    """A button alone: nothing but the token that proves where the form came from."""


def show(form: FlaskForm, problems: Sequence[Problem]) -> None:
    """Put each problem to its field, or to the form."""
    for problem in problems:
        field = form._fields.get(problem.path)
        (field.errors if field else form.form_errors).append(problem.message)
