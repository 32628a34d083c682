"""The list of endpoints."""

from collections.abc import Sequence
from typing import NamedTuple

from billhook.domain.webhooks import EndpointState
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import webhooks
from billhook.services.paging import Slice
from billhook.services.webhooks import Endpoint, health
from billhook.services.webhooks.health import Health
from billhook.web.labels import label
from billhook.web.lists import (
    Address,
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
)
from billhook.web.webhooks.words import events_of, reason_of, state_of, success_of


class Listed(NamedTuple):
    """An endpoint, and how it is doing."""

    endpoint: Endpoint
    health: Health


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[Listed]:
    found = webhooks.search(
        ctx,
        state=query.choice("state", EndpointState),
        text=query.text,
        after=after,
        limit=limit,
    )
    doing = health.recent(ctx, [one.id for one in found.rows])
    return Slice(rows=tuple(Listed(one, doing[one.id]) for one in found.rows), next=found.next)


def _states(_ctx: Context) -> Sequence[Choice]:
    return [Choice(state.value, label(state)) for state in EndpointState]


PAGE = ListPage(
    name="webhooks",
    title=_("Webhooks"),
    permission="webhooks.view",
    template="webhooks/list.html",
    search=_("Address or description"),
    columns=(
        Column(
            key="url",
            label=_("Address"),
            value=lambda row: row.endpoint.url,
            href=Address("webhooks.endpoint", endpoint_id=lambda row: row.endpoint.id),
            hint=lambda row: row.endpoint.description,
            is_title=True,
        ),
        Column(
            key="state",
            label=_("State"),
            kind=Kind.BADGE,
            value=lambda row: state_of(row.endpoint),
            hint=lambda row: reason_of(row.endpoint),
        ),
        Column(key="events", label=_("Told of"), value=lambda row: events_of(row.endpoint)),
        Column(key="success", label=_("Last 24 hours"), value=lambda row: success_of(row.health)),
        Column(
            key="failed_at",
            label=_("Last failure in 24 hours"),
            kind=Kind.INSTANT,
            value=lambda row: row.health.failed_at,
            hint=lambda row: row.health.error,
        ),
        Column(
            key="made_at",
            label=_("Made"),
            kind=Kind.INSTANT,
            value=lambda row: row.endpoint.made_at,
            is_extra=True,
        ),
        Column(
            key="id",
            label=_("Id"),
            kind=Kind.CODE,
            value=lambda row: row.endpoint.id,
            is_extra=True,
        ),
    ),
    filters=(Filter(key="state", label=_("State"), kind=FilterKind.CHOICE, choices=_states),),
    fetch=_fetch,
    identify=lambda row: row.endpoint.id,
)
