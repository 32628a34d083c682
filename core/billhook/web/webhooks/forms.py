"""Forms of webhooks."""

from collections.abc import Sequence
from datetime import timedelta

from flask import request
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, URLField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from billhook import limits
from billhook.forms import show
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.problems import Problem
from billhook.services.webhooks import Endpoint, EndpointInput, EventType
from billhook.web.versions import VersionedForm


class EndpointForm(VersionedForm):
    """Whom to tell; of what is ticked beside."""

    url = URLField(
        _("Address"),
        validators=[InputRequired(_("Enter the address.")), Length(max=limits.URL)],
        render_kw={"autocomplete": "off", "placeholder": "https://"},
    )
    description = StringField(
        _("Description"),
        validators=[Length(max=limits.NAME)],
        render_kw={"autocomplete": "off"},
    )
    which = RadioField(
        _("Tell it of"),
        choices=[
            SelectChoice("all", _("All events, with those that come later")),
            SelectChoice("some", _("These events")),
        ],
        default="all",
    )
    event_errors: tuple[str, ...] = ()

    @classmethod
    def of(cls, endpoint: Endpoint) -> "EndpointForm":
        """Return the form filled with an endpoint as it is."""
        return cls(
            url=endpoint.url,
            description=endpoint.description,
            which="some" if endpoint.events else "all",
            version=str(endpoint.version),
        )

    def validate_events(self) -> bool:
        """Refuse that none is chosen: it would mean all of them."""
        if self.which.data == "some" and not ticked():
            self.event_errors = (gettext("Choose at least one event, or all of them."),)
        return not self.event_errors

    def read(self) -> EndpointInput:
        """Return what was typed."""
        return EndpointInput(
            url=self.url.data,
            description=self.description.data or "",
            events=ticked() if self.which.data == "some" else (),
        )


def ticked() -> tuple[str, ...]:
    """Return the events that were ticked."""
    return tuple(request.form.getlist("events"))


def show_problems(form: EndpointForm, problems: Sequence[Problem]) -> None:
    """Put each problem to its field; those of events stand over their list."""
    form.event_errors = tuple(one.message for one in problems if one.path == "events")
    show(form, [one for one in problems if one.path != "events"])


class TestForm(FlaskForm):  # type: ignore[misc]
    """Which event to make up."""

    __test__ = False
    event = SelectField(_("Event"))

    @classmethod
    def offer(cls, endpoint: Endpoint, kinds: Sequence[EventType]) -> "TestForm":
        """Return the form with the events that the endpoint is told of."""
        form = cls(event="document.issued")
        form.event.choices = [
            SelectChoice(one.name, one.name)
            for one in kinds
            if not endpoint.events or one.name in endpoint.events
        ]
        return form


class RotateForm(FlaskForm):  # type: ignore[misc]
    """How long the secret before goes on signing."""

    overlap = SelectField(_("The secret that it has now"))

    @classmethod
    def offer(cls) -> "RotateForm":
        """Return the form with the lengths that there are to choose from, in hours."""
        form = cls(overlap="24")
        form.overlap.choices = [
            SelectChoice("0", gettext("Ends now")),
            SelectChoice("24", gettext("Goes on signing for a day")),
            SelectChoice("72", gettext("Goes on signing for three days")),
            SelectChoice("168", gettext("Goes on signing for a week")),
        ]
        return form

    def length(self) -> timedelta:
        """Return how long was chosen."""
        return timedelta(hours=int(self.overlap.data))


SPANS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}


class SinceForm(FlaskForm):  # type: ignore[misc]
    """From when on what was lost is sent again; it stands in the address."""

    since = SelectField(_("Of the last"), default="day")

    @classmethod
    def offer(cls) -> "SinceForm":
        """Return the form with the spans that there are to choose from; a day where none is chosen."""
        chosen = request.args.get("since", "")
        form = cls(formdata=None, since=chosen if chosen in SPANS else "day")
        form.since.choices = [
            SelectChoice("hour", gettext("Hour")),
            SelectChoice("day", gettext("24 hours")),
            SelectChoice("week", gettext("7 days")),
            SelectChoice("month", gettext("30 days")),
        ]
        return form

    def span(self) -> timedelta:
        """Return how far back was chosen."""
        return SPANS[self.since.data]
