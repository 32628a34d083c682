"""The outbox: what went to whom, with each message as it was sent, and what came of it."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.errors import ValidationFailed
from billhook.forms import ButtonForm
from billhook.i18n import gettext as _
from billhook.services import delivering
from billhook.services.delivering import showing
from billhook.services.provider_names import provider_name
from billhook.web import headers, outbox_list
from billhook.web.access import context, requires
from billhook.web.list_routes import add_list

blueprint = Blueprint("outbox", __name__, url_prefix="/outbox")

add_list(blueprint, outbox_list.PAGE)


@blueprint.get("/<uuid:delivery_id>")
@requires("deliveries.view")
def delivery(delivery_id: UUID) -> Response:
    """Show a message as it went out, to whom, and every step of its way."""
    return _page(delivery_id, ButtonForm())


@blueprint.get("/<uuid:delivery_id>/message")
@requires("deliveries.view")
def message(delivery_id: UUID) -> Response:
    """Show the message alone, for the frame on its page: it runs and loads nothing."""
    response = make_response(showing.shown(context(), delivery_id))
    response.headers["Content-Security-Policy"] = headers.FRAMED_MESSAGE
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@blueprint.post("/<uuid:delivery_id>/retry")
@requires("deliveries.send")
def retry(delivery_id: UUID) -> Response:
    """Try a delivery again, for those who do not have it."""
    form = ButtonForm()
    try:
        delivering.retry(context(), delivery_id)
    except ValidationFailed as error:
        form.form_errors.extend(problem.message for problem in error.problems)
        return _page(delivery_id, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(_("It is tried again now. This page shows what becomes of it."))
    return redirect(url_for(".delivery", delivery_id=delivery_id), HTTPStatus.SEE_OTHER)


def _page(delivery_id: UUID, form: ButtonForm, status: HTTPStatus = HTTPStatus.OK) -> Response:
    ctx = context()
    view = delivering.get(ctx, delivery_id)
    page = render_template(
        "outbox/delivery.html",
        view=view,
        state=outbox_list.state_of(view.entry),
        tones=outbox_list.TONES,
        channel=provider_name(ctx, view.entry.channel),
        form=form,
    )
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = headers.WITH_OWN_FRAMES
    return response
