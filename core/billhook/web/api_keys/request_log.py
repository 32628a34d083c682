"""What was asked with keys: the access log of the API."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from flask import render_template, url_for

from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import api_keys, api_requests
from billhook.services.api_keys import KeyFilter
from billhook.services.api_requests import ApiRequestRecord, RequestFilter
from billhook.services.paging import Slice
from billhook.web.access import context, requires
from billhook.web.api_keys.room import requests_blueprint as blueprint
from billhook.web.list_routes import add_list
from billhook.web.lists import (
    Address,
    Badge,
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
)

KEYS_OFFERED = 200
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CLASSES = {"2": _("Went well"), "4": _("Refused"), "5": _("Failed")}
TONES = {2: "good", 3: "quiet", 4: "warn", 5: "bad"}


class Asked(NamedTuple):
    """A request with the name of its key."""

    request: ApiRequestRecord
    key: str


def status_of(request: ApiRequestRecord) -> Badge:
    """Return how a request ended, in a colour."""
    return Badge(str(request.status), TONES.get(request.status // 100, "quiet"))


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[Asked]:
    status = query.value("status")
    wanted = RequestFilter(
        key_id=query.key("key"),
        status_class=int(status) if status in CLASSES else None,
        method=query.value("method"),
        text=query.text,
        since=query.day("since"),
        until=query.day("until"),
    )
    found = api_requests.search(ctx, wanted, after=after, limit=limit)
    names = api_keys.names(ctx, {one.key_id for one in found.rows})
    return Slice(rows=tuple(Asked(one, names[one.key_id]) for one in found.rows), next=found.next)


def _keys(ctx: Context) -> Sequence[Choice]:
    found = api_keys.search(ctx, KeyFilter(), limit=KEYS_OFFERED).rows
    return [Choice(str(one.id), one.name) for one in found]


PAGE = ListPage(
    name="api-requests",
    title=_("Requests to the API"),
    permission="api_keys.view",
    template="api_keys/requests.html",
    search=_("Path, code of a problem, or id"),
    columns=(
        Column(
            key="path",
            label=_("Request"),
            value=lambda row: f"{row.request.method} {row.request.path}",
            href=Address("api_requests.request", request_id=lambda row: row.request.id),
            hint=lambda row: row.request.problem,
            is_title=True,
        ),
        Column(
            key="status",
            label=_("Status"),
            kind=Kind.BADGE,
            value=lambda row: status_of(row.request),
        ),
        Column(
            key="requested_at",
            label=_("When"),
            kind=Kind.INSTANT,
            value=lambda row: row.request.requested_at,
        ),
        Column(
            key="key",
            label=_("Key"),
            value=lambda row: row.key,
            href=Address("api_keys.key", key_id=lambda row: row.request.key_id),
        ),
        Column(
            key="milliseconds",
            label=_("Milliseconds"),
            kind=Kind.NUMBER,
            value=lambda row: row.request.milliseconds,
        ),
        Column(
            key="address",
            label=_("From"),
            kind=Kind.CODE,
            value=lambda row: row.request.address,
        ),
        Column(
            key="problem",
            label=_("Problem"),
            kind=Kind.CODE,
            value=lambda row: row.request.problem,
            is_extra=True,
        ),
        Column(
            key="route",
            label=_("Route"),
            kind=Kind.CODE,
            value=lambda row: row.request.route,
            is_extra=True,
        ),
        Column(
            key="user_agent",
            label=_("Program"),
            value=lambda row: row.request.user_agent,
            is_extra=True,
        ),
        Column(
            key="api_version",
            label=_("Version of the API"),
            kind=Kind.CODE,
            value=lambda row: row.request.api_version,
            is_extra=True,
        ),
        Column(
            key="id",
            label=_("Id"),
            kind=Kind.CODE,
            value=lambda row: row.request.id,
            is_extra=True,
        ),
    ),
    filters=(
        Filter(key="key", label=_("Key"), kind=FilterKind.CHOICE, choices=_keys),
        Filter(
            key="status",
            label=_("Status"),
            kind=FilterKind.CHOICE,
            choices=lambda _ctx: [Choice(code, text) for code, text in CLASSES.items()],
        ),
        Filter(
            key="method",
            label=_("Method"),
            kind=FilterKind.CHOICE,
            choices=lambda _ctx: [Choice(one, one) for one in METHODS],
        ),
        Filter(key="since", label=_("From"), kind=FilterKind.DAY),
        Filter(key="until", label=_("Until"), kind=FilterKind.DAY),
    ),
    fetch=_fetch,
    identify=lambda row: row.request.id,
)
add_list(blueprint, PAGE)


@blueprint.get("/<uuid:request_id>")
@requires("api_keys.view")
def request(request_id: UUID) -> str:
    """Show all that is known of one request."""
    ctx = context()
    found = api_requests.get(ctx, request_id)
    name = api_keys.names(ctx, [found.key_id])[found.key_id]
    return render_template(
        "api_keys/request.html",
        request_=found,
        title=gettext("%(method)s %(path)s", method=found.method, path=found.path),
        status=status_of(found),
        key=name,
        back=url_for(".listing"),
    )
