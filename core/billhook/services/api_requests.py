"""The access log of the API: each request without its content, kept for 90 days.

Requests are written after they were answered, many at once. A request's id tells its
time, so that days are found by the primary key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, bindparam, delete, or_, select, update

from billhook import limits
from billhook.clock import Clock, SystemClock
from billhook.db import db, insert, tenant_scope, transaction
from billhook.errors import NotFound, readable
from billhook.i18n import gettext as _
from billhook.ids import first_id_of
from billhook.models.keys import ApiKey, ApiRequest
from billhook.sdk.context import Context
from billhook.services.paging import Order, Slice, cut

KEPT = timedelta(days=90)
_ORDER = (Order(ApiRequest.id, UUID),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequestRecord:
    """A request that was answered; its id is the request's."""

    id: UUID
    key_id: UUID
    requested_at: datetime
    method: str
    route: str
    """The pattern that the address matched; empty for none."""
    path: str
    """Without the query."""
    status: int
    problem: str = ""
    """The code that it was refused with."""
    milliseconds: int
    address: str
    user_agent: str = ""
    api_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilter:
    """What the log is narrowed by; dates are the company's and inclusive."""

    key_id: UUID | None = None
    status_class: int | None = None
    """The first digit of the status: 2 went well, 4 was refused, 5 failed."""
    method: str = ""
    text: str = ""
    """A part of the path, the code of a problem, or a request's id."""
    since: date | None = None
    until: date | None = None


def write(tenant_id: UUID, records: Sequence[ApiRequestRecord]) -> None:
    """Write requests of one tenant, and when and from where each key was last used.

    Called outside of any request, with as many as have gathered.
    """
    if not records:
        return
    with tenant_scope(tenant_id), transaction() as session:
        session.execute(insert(ApiRequest), [_values(tenant_id, one) for one in records])
        session.connection().execute(_USED, _last_uses(tenant_id, records))


_LENGTHS = {
    "method": 10,
    "route": limits.NAME,
    "path": limits.NAME,
    "problem": limits.CODE,
    "address": limits.CODE,
    "user_agent": limits.NAME,
    "api_version": 10,
}


def _values(tenant_id: UUID, record: ApiRequestRecord) -> dict[str, Any]:
    clipped = {name: readable(getattr(record, name), most) for name, most in _LENGTHS.items()}
    return {
        "tenant_id": tenant_id,
        "id": record.id,
        "key_id": record.key_id,
        "requested_at": record.requested_at,
        "status": record.status,
        "milliseconds": record.milliseconds,
        **clipped,
    }


_USED = (
    update(ApiKey)
    .where(
        ApiKey.tenant_id == bindparam("of_tenant"),
        ApiKey.id == bindparam("of_key"),
        or_(ApiKey.used_at.is_(None), ApiKey.used_at < bindparam("at")),
    )
    .values(used_at=bindparam("at"), used_from=bindparam("by"))
)
"""Servers write in any order; the latest use stays."""


def _last_uses(tenant_id: UUID, records: Iterable[ApiRequestRecord]) -> list[dict[str, Any]]:
    """Return the last use of each key, in the order in which all lock them."""
    last = {one.key_id: one for one in sorted(records, key=lambda one: one.requested_at)}
    return [
        {
            "of_tenant": tenant_id,
            "of_key": key_id,
            "at": last[key_id].requested_at,
            "by": readable(last[key_id].address, limits.CODE),
        }
        for key_id in sorted(last)
    ]


def search(
    ctx: Context, wanted: RequestFilter, *, after: str = "", limit: int = limits.PAGE_ROWS
) -> Slice[ApiRequestRecord]:
    """Return a page of requests, newest first. Raises ValidationFailed for a cursor that is none."""
    ctx.require("api_keys.view")
    return cut(
        select(ApiRequest).where(*_conditions(ctx, wanted)),
        _ORDER,
        after=after,
        limit=min(limit, limits.PAGE_ROWS),
        is_descending=True,
        make=_record,
    )


def get(ctx: Context, request_id: UUID) -> ApiRequestRecord:
    """Raises NotFound."""
    ctx.require("api_keys.view")
    row = db.session.execute(select(ApiRequest).where(ApiRequest.id == request_id)).one_or_none()
    if row is None:
        raise NotFound(_("request"), request_id)
    return _record(row)


def _conditions(ctx: Context, wanted: RequestFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.key_id is not None:
        conditions.append(ApiRequest.key_id == wanted.key_id)
    if wanted.status_class is not None:
        least = wanted.status_class * 100
        conditions.append(ApiRequest.status.between(least, least + 99))
    if wanted.method:
        conditions.append(ApiRequest.method == wanted.method)
    if text := wanted.text.strip()[: limits.NAME]:
        conditions.append(_about(text))
    if wanted.since:
        conditions.append(ApiRequest.id >= _first_id(ctx, wanted.since))
    if wanted.until and wanted.until < date.max:
        following = wanted.until + timedelta(days=1)
        conditions.append(ApiRequest.id < _first_id(ctx, following))
    return conditions


def _about(text: str) -> ColumnElement[bool]:
    try:
        return ApiRequest.id == UUID(text)
    except ValueError:
        return or_(
            ApiRequest.path.contains(text, autoescape=True),
            ApiRequest.route.contains(text, autoescape=True),
            ApiRequest.problem == text,
        )


def _first_id(ctx: Context, day: date) -> UUID:
    """Return an id that sorts before those of a day where the company is."""
    midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(ctx.tenant.time_zone))
    return first_id_of(max(midnight, datetime.fromtimestamp(0, UTC)))


def _record(row: Row[Any]) -> ApiRequestRecord:
    found: ApiRequest = row[0]
    return ApiRequestRecord(
        id=found.id,
        key_id=found.key_id,
        requested_at=found.requested_at,
        method=found.method,
        route=found.route,
        path=found.path,
        status=found.status,
        problem=found.problem,
        milliseconds=found.milliseconds,
        address=found.address,
        user_agent=found.user_agent,
        api_version=found.api_version,
    )


def tidy(ctx: Context, *, clock: Clock | None = None) -> int:
    """Forget requests that are older than `KEPT`, a bounded number; return it."""
    old = first_id_of((clock or SystemClock()).now() - KEPT)
    oldest = (
        select(ApiRequest.id)
        .where(ApiRequest.tenant_id == ctx.tenant.id, ApiRequest.id < old)
        .order_by(ApiRequest.id)
        .limit(limits.PAGE_ROWS)
    )
    with ctx.transaction() as session:
        gone = delete(ApiRequest).where(ApiRequest.id.in_(oldest)).returning(ApiRequest.id)
        return len(session.execute(gone).all())
