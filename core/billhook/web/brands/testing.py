"""A sample of a brand to oneself, by the channel that clients are written to by."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField

from billhook.domain.brands import Brand
from billhook.domain.states import DocumentType
from billhook.errors import (
    OutcomeUnknown,
    PluginFailed,
    PluginUnavailable,
    Rejected,
    Retryable,
    ValidationFailed,
)
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.plugins.registries import CHANNELS
from billhook.plugins.runtime import relay
from billhook.services import sample_sending
from billhook.services.provider_names import provider_choices
from billhook.services.sample_sending import SentSample
from billhook.web.access import context, here, requires
from billhook.web.brands.rooms import blueprint
from billhook.web.labels import label

FAILURES = (
    OutcomeUnknown,
    PluginFailed,
    PluginUnavailable,
    Rejected,
    Retryable,
    ValidationFailed,
)


class TestForm(FlaskForm):  # type: ignore[misc]
    """Which sample goes out by which channel."""

    __test__ = False

    kind = SelectField(_("What"))
    channel = SelectField(_("By"))

    @classmethod
    def of(cls) -> "TestForm":
        """Return the form with the channels that are on."""
        form = cls()
        form.kind.choices = [(kind.value, label(kind)) for kind in DocumentType]
        keys = relay(context()).keys(CHANNELS)
        form.channel.choices = provider_choices(context(), keys)
        return form


@blueprint.get("/<code>/test")
@requires("deliveries.send")
def test(code: str) -> str:
    """Offer to send a sample to oneself."""
    return _page(TestForm.of(), sample_sending.brand_of(context(), code))


@blueprint.post("/<code>/test")
@requires("deliveries.send")
def send_test(code: str) -> Response | str | tuple[str, int]:
    """Send a sample to the person who asks, and say what became of it."""
    form, known = TestForm.of(), sample_sending.brand_of(context(), code)
    try:
        if form.validate():
            sent = sample_sending.send_to_self(
                context(),
                brand=code,
                kind=DocumentType(form.kind.data),
                channel=form.channel.data,
            )
            if sent.is_captured:
                return _page(form, known, sent)
            flash(gettext("The sample is on its way to %(address)s.", address=sent.recipient))
            return redirect(url_for(".test", code=code), HTTPStatus.SEE_OTHER)
    except FAILURES as error:
        form.form_errors.append(error.message)
    return _page(form, known), HTTPStatus.UNPROCESSABLE_ENTITY


def _page(form: TestForm, known: Brand, sent: SentSample | None = None) -> str:
    return render_template(
        "brands/test.html", form=form, brand=known, address=here().email, sent=sent
    )
