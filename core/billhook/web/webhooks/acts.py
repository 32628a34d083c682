"""What can be done with an endpoint: test, pause, resume, a new secret, sending again, removal."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.clock import SystemClock
from billhook.errors import Conflict, ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.services import webhooks
from billhook.services.webhooks import health
from billhook.web.access import context, requires
from billhook.web.confirming import Question, ask
from billhook.web.webhooks.forms import RotateForm, SinceForm, TestForm
from billhook.web.webhooks.pages import secret_page
from billhook.web.webhooks.room import Page, blueprint


@blueprint.post("/<uuid:endpoint_id>/test")
@requires("webhooks.manage")
def test(endpoint_id: UUID) -> Response:
    """Send a message that was made up, and show what becomes of it."""
    ctx = context()
    found = webhooks.get(ctx, endpoint_id)
    form = TestForm.offer(found, webhooks.event_types(ctx))
    if not form.validate():
        flash(_("Choose an event to make up."), "problem")
        return _back(endpoint_id)
    try:
        delivery_id = webhooks.send_test(ctx, endpoint_id, form.event.data)
    except Conflict as error:
        flash(error.message, "problem")
        return _back(endpoint_id)
    flash(_("The test goes out now. This page shows what becomes of it."))
    address = url_for("webhook_deliveries.delivery", delivery_id=delivery_id)
    return redirect(address, HTTPStatus.SEE_OTHER)


@blueprint.post("/<uuid:endpoint_id>/pause")
@requires("webhooks.manage")
def pause(endpoint_id: UUID) -> Response:
    """Send nothing until it is resumed."""
    try:
        webhooks.pause(context(), endpoint_id)
    except Conflict as error:
        flash(error.message, "problem")
    else:
        flash(_("Nothing is sent until you resume it. What happens meanwhile waits."))
    return _back(endpoint_id)


@blueprint.post("/<uuid:endpoint_id>/resume")
@requires("webhooks.manage")
def resume(endpoint_id: UUID) -> Response:
    """Send again."""
    webhooks.resume(context(), endpoint_id)
    flash(_("It is told of what happens again, and what waited goes out now."))
    return _back(endpoint_id)


def _back(endpoint_id: UUID) -> Response:
    return redirect(url_for(".endpoint", endpoint_id=endpoint_id), HTTPStatus.SEE_OTHER)


@blueprint.get("/<uuid:endpoint_id>/rotate")
@requires("webhooks.manage")
def ask_to_rotate(endpoint_id: UUID) -> str:
    """Ask how long the secret before goes on signing."""
    return _rotate_page(endpoint_id, RotateForm.offer())


@blueprint.post("/<uuid:endpoint_id>/rotate")
@requires("webhooks.manage")
def rotate(endpoint_id: UUID) -> Page:
    """Make a new secret, and show it this once."""
    ctx = context()
    form = RotateForm.offer()
    if form.validate():
        try:
            made = webhooks.rotate(ctx, endpoint_id, overlap=form.length())
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            return secret_page(
                webhooks.get(ctx, endpoint_id),
                made.secret,
                title=_("The webhook has a new secret"),
                overlaps_until=made.overlaps_until if form.length() else None,
            )
    return _rotate_page(endpoint_id, form), HTTPStatus.UNPROCESSABLE_ENTITY


def _rotate_page(endpoint_id: UUID, form: RotateForm) -> str:
    found = webhooks.get(context(), endpoint_id)
    return render_template("webhooks/rotate.html", endpoint=found, form=form)


@blueprint.get("/<uuid:endpoint_id>/replay")
@requires("webhooks.manage")
def ask_to_replay(endpoint_id: UUID) -> Page:
    """Ask before all that an endpoint did not receive is sent again."""
    ctx = context()
    found = webhooks.get(ctx, endpoint_id)
    form = SinceForm.offer()
    count = health.lost_since(ctx, endpoint_id, _instant(form))
    if not count:
        flash(_("Nothing was lost in that time."))
        return _back(endpoint_id)
    text = ngettext(
        "%(count)s message that was not received goes out again, with the id that it had.",
        "%(count)s messages that were not received go out again, with the ids that they had.",
        count,
    )
    return ask(
        Question(
            title=_("Send again what was lost?"),
            text=text,
            details=[found.url],
            label=_("Send again"),
            act=url_for(".replay", endpoint_id=endpoint_id, since=form.since.data),
            back=url_for(".endpoint", endpoint_id=endpoint_id),
        )
    )


@blueprint.post("/<uuid:endpoint_id>/replay")
@requires("webhooks.manage")
def replay(endpoint_id: UUID) -> Response:
    """Send again all that an endpoint did not receive."""
    try:
        count = webhooks.replay_failed(context(), endpoint_id, since=_instant(SinceForm.offer()))
    except Conflict as error:
        flash(error.message, "problem")
    else:
        flash(
            ngettext(
                "%(count)s message goes out again now.",
                "%(count)s messages go out again now.",
                count,
            )
        )
    return _back(endpoint_id)


def _instant(form: SinceForm) -> datetime:
    return SystemClock().now() - form.span()


@blueprint.get("/<uuid:endpoint_id>/remove")
@requires("webhooks.manage")
def ask_to_remove(endpoint_id: UUID) -> str:
    """Ask before an endpoint goes."""
    found = webhooks.get(context(), endpoint_id)
    return ask(
        Question(
            title=_("Remove this webhook?"),
            text=_(
                "Nothing more is sent to it, not even what waits, and its messages with their "
                "answers are deleted. To send later, pause it."
            ),
            details=[found.url],
            label=_("Remove"),
            tone="danger",
            act=url_for(".remove", endpoint_id=endpoint_id),
            back=url_for(".endpoint", endpoint_id=endpoint_id),
        )
    )


@blueprint.post("/<uuid:endpoint_id>/remove")
@requires("webhooks.manage")
def remove(endpoint_id: UUID) -> Response:
    """Delete an endpoint with its log."""
    webhooks.remove(context(), endpoint_id)
    flash(_("The webhook was removed."))
    return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
