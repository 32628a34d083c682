"""Forms of the pages. What a service refuses comes back to the field."""

import re
from collections.abc import Sequence

from babel.support import LazyProxy
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from billhook import limits
from billhook.domain.deliveries import Recipient, RecipientKind, Tone
from billhook.i18n import lazy_gettext as _
from billhook.ids import new_id
from billhook.web.labels import label


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


def _addresses(text: LazyProxy) -> StringField:
    return StringField(
        text,
        validators=[Length(max=limits.TEXT)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class SendForm(FlaskForm):  # type: ignore[misc]
    """Whom to send a document to; what is left empty is as the customer has it."""

    key = HiddenField()
    """The same when the form is sent twice, so that one message goes out."""
    channel = SelectField(_("By"))
    to = _addresses(_("To"))
    cc = _addresses(_("Copy"))
    bcc = _addresses(_("Blind copy"))
    tone = SelectField(_("Tone"), default="")

    @classmethod
    def of(cls, channels: Sequence[str]) -> "SendForm":
        """Return the form for the channels that the tenant switched on."""
        form = cls(key=str(new_id()))
        form.channel.choices = [(key, key.partition(".")[2]) for key in channels]
        form.tone.choices = [
            ("", _("As the customer has it")),
            *((t.value, label(t)) for t in Tone),
        ]
        return form

    def recipients(self) -> tuple[Recipient, ...]:
        """Return whom the person named, in the order of the fields."""
        named = ((RecipientKind.TO, self.to), (RecipientKind.CC, self.cc))
        return tuple(
            Recipient(address=address, kind=kind)
            for kind, field in (*named, (RecipientKind.BCC, self.bcc))
            for address in re.split(r"[\s,;]+", field.data or "")
            if address
        )

    def chosen_tone(self) -> Tone | None:
        """Return the tone that the person chose."""
        return Tone(self.tone.data) if self.tone.data else None
