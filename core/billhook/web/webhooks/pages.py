"""The pages of endpoints: how each is doing, and adding and changing one."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.errors import Conflict, ValidationFailed
from billhook.forms import ButtonForm
from billhook.i18n import gettext as _
from billhook.services import webhooks
from billhook.services.webhooks import DeliveryFilter, Endpoint, health
from billhook.web.access import context, requires
from billhook.web.list_routes import add_list
from billhook.web.webhooks import endpoint_list
from billhook.web.webhooks.forms import EndpointForm, SinceForm, TestForm, show_problems, ticked
from billhook.web.webhooks.room import Page, blueprint
from billhook.web.webhooks.words import delivery_state, reason_of, state_of, success_of

LATEST = 10

add_list(blueprint, endpoint_list.PAGE)


@blueprint.get("/<uuid:endpoint_id>")
@requires("webhooks.view")
def endpoint(endpoint_id: UUID) -> str:
    """Show an endpoint: what it is told of, how it is doing, and its last messages."""
    ctx = context()
    found = webhooks.get(ctx, endpoint_id)
    doing = health.recent(ctx, [endpoint_id])[endpoint_id]
    wanted = DeliveryFilter(endpoint_id=endpoint_id)
    return render_template(
        "webhooks/endpoint.html",
        endpoint=found,
        state=state_of(found),
        reason=reason_of(found),
        health=doing,
        success=success_of(doing),
        deliveries=webhooks.deliveries(ctx, wanted, limit=LATEST).rows,
        delivery_state=delivery_state,
        button=ButtonForm(formdata=None),
        test=TestForm.offer(found, webhooks.event_types(ctx)),
        since=SinceForm.offer(),
    )


@blueprint.get("/new")
@requires("webhooks.manage")
def new() -> str:
    """Ask whom to tell of what."""
    return _form_page(EndpointForm(), ())


@blueprint.post("/new")
@requires("webhooks.manage")
def create() -> Page:
    """Add an endpoint, and show its secret this once."""
    form = EndpointForm()
    if form.validate() and form.validate_events():
        try:
            made = webhooks.create(context(), form.read())
        except ValidationFailed as error:
            show_problems(form, error.problems)
        else:
            title = _("The webhook was added")
            return secret_page(made.endpoint, made.secret, title=title)
    return _form_page(form, ticked()), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/<uuid:endpoint_id>/change")
@requires("webhooks.manage")
def edit(endpoint_id: UUID) -> str:
    """Ask where and of what an endpoint is told from now on."""
    found = webhooks.get(context(), endpoint_id)
    return _form_page(EndpointForm.of(found), found.events, found)


@blueprint.post("/<uuid:endpoint_id>/change")
@requires("webhooks.manage")
def change(endpoint_id: UUID) -> Page:
    """Change an endpoint; what waits goes to its new address."""
    ctx = context()
    found = webhooks.get(ctx, endpoint_id)
    form = EndpointForm()
    if form.validate() and form.validate_events():
        try:
            webhooks.change(ctx, endpoint_id, form.read(), version=form.read_version())
        except Conflict as error:
            form.form_errors.append(error.message)
            return _form_page(form, ticked(), found), HTTPStatus.CONFLICT
        except ValidationFailed as error:
            show_problems(form, error.problems)
        else:
            flash(_("The webhook was saved."))
            return redirect(url_for(".endpoint", endpoint_id=endpoint_id), HTTPStatus.SEE_OTHER)
    return _form_page(form, ticked(), found), HTTPStatus.UNPROCESSABLE_ENTITY


def _form_page(form: EndpointForm, chosen: tuple[str, ...], found: Endpoint | None = None) -> str:
    return render_template(
        "webhooks/form.html",
        form=form,
        endpoint=found,
        ticked=chosen,
        kinds=webhooks.event_types(context()),
    )


def secret_page(
    found: Endpoint, secret: str, *, title: str, overlaps_until: datetime | None = None
) -> Response:
    """Return the page that shows a secret, which no browser keeps."""
    page = render_template(
        "webhooks/secret.html",
        title=title,
        endpoint=found,
        secret=secret,
        overlaps_until=overlaps_until,
    )
    return Response(page, mimetype="text/html", headers={"Cache-Control": "no-store"})
