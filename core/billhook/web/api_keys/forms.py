"""Forms of API keys."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import request
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from billhook import limits
from billhook.forms import show
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import api_keys
from billhook.services.api_keys import MOST_PER_MINUTE, PER_MINUTE, KeyEntry, KeyInput
from billhook.web.versions import VersionedForm, with_path

MOMENT = timedelta(microseconds=1)


class KeyForm(VersionedForm):
    """A key: its name, its end, how often it may ask. What it may do is ticked beside."""

    name = StringField(
        _("Name"),
        validators=[InputRequired(_("Give the key a name.")), Length(max=limits.NAME)],
        render_kw={"autocomplete": "off"},
    )
    expires_on = DateField(_("Last day"), validators=[Optional()])
    requests_per_minute = IntegerField(
        _("Requests per minute"),
        default=PER_MINUTE,
        validators=[
            InputRequired(_("Say how many requests it may send.")),
            NumberRange(
                min=1,
                max=MOST_PER_MINUTE,
                message=_("Allow 1 to 6,000 requests in a minute."),
            ),
        ],
    )

    scope_errors: tuple[str, ...] = ()

    @classmethod
    def of(cls, ctx: Context, key: KeyEntry) -> "KeyForm":
        """Return the form filled with a key as it is."""
        return cls(
            name=key.name,
            expires_on=last_day(ctx, key.expires_at),
            requests_per_minute=key.requests_per_minute,
            version=str(key.version),
        )

    def read(self, ctx: Context, before: datetime | None = None) -> KeyInput:
        """Return what was typed; an end whose day was left alone stays the instant that it was."""
        day = self.expires_on.data
        kept = before is not None and day == last_day(ctx, before)
        return KeyInput(
            name=self.name.data,
            scopes=frozenset(request.form.getlist("scopes")),
            expires_at=before if kept else api_keys.end_of(ctx, day) if day else None,
            requests_per_minute=self.requests_per_minute.data,
        )


def show_problems(form: KeyForm, problems: Sequence[Problem]) -> None:
    """Put each problem to its field; those of scopes stand over the table."""
    form.scope_errors = tuple(one.message for one in problems if one.path == "scopes")
    others = tuple(one for one in problems if one.path != "scopes")
    show(form, with_path(others, expires_at="expires_on"))


def last_day(ctx: Context, expires_at: datetime | None) -> date | None:
    """Return the last day that a key is good on, where the company is."""
    if expires_at is None:
        return None
    return (expires_at - MOMENT).astimezone(ZoneInfo(ctx.tenant.time_zone)).date()


class RotateForm(FlaskForm):  # type: ignore[misc]
    """How long the secret before goes on."""

    overlap = SelectField(_("The secret that it has now"))

    @classmethod
    def offer(cls) -> "RotateForm":
        """Return the form with the lengths that there are to choose from, in hours."""
        form = cls(overlap="24")
        form.overlap.choices = [
            SelectChoice("0", gettext("Ends now")),
            SelectChoice("1", gettext("Stays good for an hour")),
            SelectChoice("24", gettext("Stays good for a day")),
            SelectChoice("72", gettext("Stays good for three days")),
            SelectChoice("168", gettext("Stays good for a week")),
        ]
        return form

    def length(self) -> timedelta:
        """Return how long was chosen."""
        return timedelta(hours=int(self.overlap.data))
