"""What was sent to webhooks: the messages with every attempt and its answer."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook import limits
from billhook.domain.webhooks import WebhookDeliveryState
from billhook.errors import Conflict
from billhook.forms import ButtonForm
from billhook.i18n import gettext, ngettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import webhooks
from billhook.services.paging import Slice
from billhook.services.webhooks import DeliveryEntry, DeliveryFilter
from billhook.web.access import context, requires
from billhook.web.labels import label
from billhook.web.list_routes import add_list
from billhook.web.lists import (
    Address,
    BulkAct,
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
    Outcome,
    Question,
)
from billhook.web.webhooks.room import deliveries_blueprint as blueprint
from billhook.web.webhooks.words import delivery_state

ONE_DAY = timedelta(days=1)
ENDPOINTS_OFFERED = 100


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[DeliveryEntry]:
    since, until = query.day("since"), query.day("until")
    wanted = DeliveryFilter(
        endpoint_id=query.key("webhook"),
        event=query.value("event"),
        state=query.choice("state", WebhookDeliveryState),
        text=query.text,
        since=_midnight(ctx, since) if since else None,
        until=_midnight(ctx, until + ONE_DAY) if until and until < date.max else None,
    )
    return webhooks.deliveries(ctx, wanted, after=after, limit=limit)


def _midnight(ctx: Context, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(ctx.tenant.time_zone))


def _endpoints(ctx: Context) -> Sequence[Choice]:
    found = webhooks.search(ctx, limit=ENDPOINTS_OFFERED).rows
    return [Choice(str(one.id), one.description or one.url) for one in found]


def _events(ctx: Context) -> Sequence[Choice]:
    return [Choice(one.name, one.name) for one in webhooks.event_types(ctx)]


def _states(_ctx: Context) -> Sequence[Choice]:
    return [Choice(state.value, label(state)) for state in WebhookDeliveryState]


def _question(_ctx: Context, ids: Sequence[UUID]) -> Question:
    return Question(
        ngettext(
            "%(count)s message goes out again, with the id that it had.",
            "%(count)s messages go out again, with the ids that they had.",
            len(ids),
        ),
        details=(
            gettext("What was received already goes out again, too: programs know it by its id."),
        ),
    )


def _replay(ctx: Context, ids: Sequence[UUID]) -> Outcome:
    count, problems = 0, []
    for place in range(0, len(ids), limits.PAGE_ROWS):
        some = ids[place : place + limits.PAGE_ROWS]
        try:
            count += len(webhooks.replay(ctx, some))
        except Conflict as error:
            problems.append(error.message)
    text = ngettext(
        "%(count)s message goes out again now.", "%(count)s messages go out again now.", count
    )
    return Outcome(text, problems)


PAGE = ListPage(
    name="webhook-deliveries",
    title=_("Messages to webhooks"),
    permission="webhooks.view",
    template="webhooks/deliveries.html",
    search=_("Id of a message"),
    columns=(
        Column(
            key="event",
            label=_("Event"),
            value=lambda row: row.event,
            href=Address("webhook_deliveries.delivery", delivery_id=lambda row: row.id),
            is_title=True,
        ),
        Column(key="state", label=_("State"), kind=Kind.BADGE, value=delivery_state),
        Column(key="url", label=_("To"), value=lambda row: row.url),
        Column(key="attempts", label=_("Tries"), kind=Kind.NUMBER, value=lambda row: row.attempts),
        Column(key="made_at", label=_("When"), kind=Kind.INSTANT, value=lambda row: row.made_at),
        Column(key="due_at", label=_("Next try"), kind=Kind.INSTANT, value=lambda row: row.due_at),
        Column(
            key="finished_at",
            label=_("Finished"),
            kind=Kind.INSTANT,
            value=lambda row: row.finished_at,
            is_extra=True,
        ),
        Column(
            key="message_id",
            label=_("Id of the message"),
            kind=Kind.CODE,
            value=lambda row: row.message_id,
            is_extra=True,
        ),
    ),
    filters=(
        Filter(key="webhook", label=_("Webhook"), kind=FilterKind.CHOICE, choices=_endpoints),
        Filter(key="event", label=_("Event"), kind=FilterKind.CHOICE, choices=_events),
        Filter(key="state", label=_("State"), kind=FilterKind.CHOICE, choices=_states),
        Filter(key="since", label=_("From"), kind=FilterKind.DAY),
        Filter(key="until", label=_("Until"), kind=FilterKind.DAY),
    ),
    bulk=(
        BulkAct(
            key="replay",
            label=_("Send again"),
            permission="webhooks.manage",
            question=_question,
            act=_replay,
            icon="refresh",
        ),
    ),
    fetch=_fetch,
    identify=lambda row: row.id,
)
add_list(blueprint, PAGE)


@blueprint.get("/<uuid:delivery_id>")
@requires("webhooks.view")
def delivery(delivery_id: UUID) -> str:
    """Show a message with each request and its answer."""
    view = webhooks.delivery(context(), delivery_id)
    return render_template(
        "webhooks/delivery.html",
        view=view,
        one=view.entry,
        state=delivery_state(view.entry),
        body=_readable(view.body),
        form=ButtonForm(formdata=None),
    )


def _readable(body: str) -> str:
    """Return JSON in lines, as people read it; anything else as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


@blueprint.post("/<uuid:delivery_id>/replay")
@requires("webhooks.manage")
def replay(delivery_id: UUID) -> Response:
    """Send a message again, with the same id."""
    try:
        webhooks.replay(context(), [delivery_id])
    except Conflict as error:
        flash(error.message, "problem")
    else:
        flash(gettext("It goes out again now. This page shows what becomes of it."))
    return redirect(url_for(".delivery", delivery_id=delivery_id), HTTPStatus.SEE_OTHER)
