"""Keys with what is good of them, a page at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from billhook import limits
from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.keys import ApiKey, ApiSecret
from billhook.models.people import Person
from billhook.sdk.context import ActorKind, Context
from billhook.services.api_keys.values import KeyEntry, KeyState, LiveSecret, state_of
from billhook.services.paging import Order, Slice, cut
from billhook.services.sets import one_of

_ORDER = (Order(ApiKey.id, UUID),)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFilter:
    """What the list of keys is narrowed by."""

    text: str = ""
    """A part of the name, or the beginning of a secret."""
    state: KeyState | None = None
    made_by: UUID | None = None


def search(
    ctx: Context,
    wanted: KeyFilter,
    *,
    after: str = "",
    limit: int = limits.PAGE_ROWS,
    clock: Clock | None = None,
) -> Slice[KeyEntry]:
    """Return a page of keys, the newest first. Raises ValidationFailed for a cursor that is none."""
    ctx.require("api_keys.view")
    now = (clock or SystemClock()).now()
    page = cut(
        select(ApiKey).where(*_conditions(ctx, wanted, now)),
        _ORDER,
        after=after,
        limit=min(limit, limits.PAGE_ROWS),
        is_descending=True,
        make=lambda row: row[0],
    )
    return Slice(rows=tuple(entries(ctx, page.rows, now)), next=page.next)


def get(ctx: Context, key_id: UUID, *, clock: Clock | None = None) -> KeyEntry:
    """Raises NotFound."""
    ctx.require("api_keys.view")
    row = db.session.scalar(select(ApiKey).where(ApiKey.id == key_id))
    if row is None:
        raise NotFound(_("API key"), key_id)
    return entry(ctx, row, (clock or SystemClock()).now())


def own(ctx: Context, *, clock: Clock | None = None) -> KeyEntry:
    """Return the key that acts, whatever it may do. Raises NotFound for who is no key."""
    wanted = select(ApiKey).where(ApiKey.id == ctx.actor.id)
    row = db.session.scalar(wanted) if ctx.actor.kind is ActorKind.API_KEY else None
    if row is None:
        raise NotFound(_("API key"), ctx.actor.id)
    return entry(ctx, row, (clock or SystemClock()).now())


def names(ctx: Context, key_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return what keys are called, by id."""
    ctx.require("api_keys.view")
    if not key_ids:
        return {}
    rows = db.session.execute(select(ApiKey.id, ApiKey.name).where(one_of(ApiKey.id, key_ids)))
    return dict(rows.tuples().all())


def _conditions(ctx: Context, wanted: KeyFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if text := wanted.text.strip()[: limits.NAME]:
        hinted = select(ApiSecret.key_id).where(
            ApiSecret.tenant_id == ctx.tenant.id, ApiSecret.hint.startswith(text, autoescape=True)
        )
        named = ApiKey.name.icontains(text, autoescape=True)
        conditions.append(or_(named, ApiKey.id.in_(hinted)))
    if wanted.state is not None:
        conditions += _IN_STATE[wanted.state](now)
    if wanted.made_by is not None:
        conditions.append(ApiKey.made_by == wanted.made_by)
    return conditions


_IN_STATE = {
    KeyState.REVOKED: lambda _now: [ApiKey.revoked_at.is_not(None)],
    KeyState.EXPIRED: lambda now: [ApiKey.revoked_at.is_(None), ApiKey.expires_at <= now],
    KeyState.ACTIVE: lambda now: [
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
    ],
}


def entry(ctx: Context, row: ApiKey, now: datetime) -> KeyEntry:
    """Return a row as people see it."""
    (found,) = entries(ctx, [row], now)
    return found


def entries(ctx: Context, rows: Sequence[ApiKey], now: datetime) -> list[KeyEntry]:
    """Return rows as people see them; one query for secrets, and one for each kind of maker."""
    secrets = _secrets(ctx, rows, now)
    makers = _makers(rows)
    return [
        KeyEntry(
            id=row.id,
            name=row.name,
            scopes=tuple(sorted(row.scopes)),
            secrets=tuple(secrets.get(row.id, ())),
            requests_per_minute=row.requests_per_minute,
            api_version=row.api_version,
            state=state_of(row.revoked_at, row.expires_at, now),
            made_by=row.made_by,
            maker=makers.get(row.made_by, "") if row.made_by else "",
            made_at=row.made_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            used_at=row.used_at,
            used_from=row.used_from,
            version=row.version,
        )
        for row in rows
    ]


def _secrets(ctx: Context, rows: Sequence[ApiKey], now: datetime) -> dict[UUID, list[LiveSecret]]:
    found: dict[UUID, list[LiveSecret]] = {}
    if not rows:
        return found
    secrets = db.session.execute(
        select(ApiSecret.key_id, ApiSecret.hint, ApiSecret.made_at, ApiSecret.expires_at)
        .where(
            ApiSecret.tenant_id == ctx.tenant.id,
            one_of(ApiSecret.key_id, {row.id for row in rows}),
            or_(ApiSecret.expires_at.is_(None), ApiSecret.expires_at > now),
        )
        .order_by(ApiSecret.made_at.desc())
    )
    for secret in secrets:
        found.setdefault(secret.key_id, []).append(
            LiveSecret(hint=secret.hint, made_at=secret.made_at, expires_at=secret.expires_at)
        )
    return found


def _makers(rows: Sequence[ApiKey]) -> dict[UUID, str]:
    """Return the names of the people and keys that made the keys."""
    ids = {row.made_by for row in rows if row.made_by}
    if not ids:
        return {}
    people = db.session.execute(select(Person.id, Person.name).where(one_of(Person.id, ids)))
    keys = db.session.execute(select(ApiKey.id, ApiKey.name).where(one_of(ApiKey.id, ids)))
    return {**dict(people.tuples().all()), **dict(keys.tuples().all())}
