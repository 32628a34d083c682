"""What a key may be, and what whoever makes it may give."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from billhook import limits
from billhook.db import db
from billhook.i18n import gettext as _
from billhook.models.keys import ApiKey
from billhook.plugins.runtime import relay
from billhook.sdk.context import ActorKind, Context
from billhook.services.fields import Fields
from billhook.services.permissions import NAMES

PER_MINUTE = 600
MOST_PER_MINUTE = 6_000
OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)
MOST_KEYS = 500
"""Active ones of a tenant."""
MOST_SECRETS = 5
"""Good ones of a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInput:
    """What a key is to be."""

    name: str
    scopes: Collection[str]
    expires_at: datetime | None = None
    """None is never."""
    requests_per_minute: int = PER_MINUTE


def end_of(ctx: Context, day: date) -> datetime:
    """Return when a key ends that is good until a day, that day included, where the company is."""
    zone = ZoneInfo(ctx.tenant.time_zone)
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


def scopes_here(ctx: Context) -> frozenset[str]:
    """Return the scopes that who acts can give a key: what is known here, and they may do."""
    known = _known(ctx)
    return known if ctx.permissions is None else known & ctx.permissions


def _known(ctx: Context) -> frozenset[str]:
    return NAMES.union(permission.name for permission in relay(ctx).permissions())


def read_name(read: Fields, name: str) -> str:
    """Read what a key is called."""
    return read.text("name", name, limit=limits.NAME, is_required=True)


def require_some(read: Fields, scopes: Collection[str]) -> None:
    """Refuse a key that may do nothing."""
    if not scopes:
        read.refuse("scopes", "api_key.scopes_missing", _("Choose at least one thing it may do."))


def check_scopes(ctx: Context, read: Fields, scopes: Collection[str]) -> None:
    """Refuse scopes that nothing here brings, and those that who acts does not have."""
    known = _known(ctx)
    for name in sorted(set(scopes) - known):
        read.refuse(
            "scopes",
            "api_key.scope_unknown",
            _("“%(name)s” is no permission here. Leave it out.", name=name[: limits.CODE]),
        )
    for name in sorted((set(scopes) & known) - scopes_here(ctx)):
        read.refuse(
            "scopes",
            "api_key.scope_lacking",
            _(
                "A key with “%(name)s” is not yours to give, because you may not do that "
                "yourself. Leave it out, or ask an administrator.",
                name=name,
            ),
        )


def check_bounds(read: Fields, wanted: KeyInput, now: datetime) -> None:
    """Refuse an end that is past and a rate that nobody gets."""
    if wanted.expires_at is not None and wanted.expires_at <= now:
        read.refuse(
            "expires_at", "api_key.end_past", _("This is over already. Choose a day to come.")
        )
    if not 1 <= wanted.requests_per_minute <= MOST_PER_MINUTE:
        read.refuse(
            "requests_per_minute",
            "api_key.rate_out_of_bounds",
            _("Allow 1 to %(most)s requests in a minute.", most=MOST_PER_MINUTE),
        )


def check_against_own(
    ctx: Context, read: Fields, *, requests_per_minute: int, expires_at: datetime | None
) -> None:
    """Refuse that a key gives another more requests or a longer life than it has itself."""
    if ctx.actor.kind is not ActorKind.API_KEY:
        return
    own = db.session.scalars(select(ApiKey).where(ApiKey.id == ctx.actor.id)).one()
    if requests_per_minute > own.requests_per_minute:
        read.refuse(
            "requests_per_minute",
            "api_key.faster_than_maker",
            _(
                "The key that you use allows %(own)s requests in a minute, and can give no more.",
                own=own.requests_per_minute,
            ),
        )
    if own.expires_at is not None and (expires_at is None or expires_at > own.expires_at):
        read.refuse(
            "expires_at",
            "api_key.outlives_maker",
            _(
                "The key that you use ends at %(end)s, and can give no longer life.",
                end=own.expires_at.isoformat(timespec="seconds"),
            ),
        )


def refuse_too_many(read: Fields, now: datetime) -> None:
    """Refuse one more key where there are enough."""
    active = select(func.count()).select_from(ApiKey)
    active = active.where(
        ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now)
    )
    if (db.session.scalar(active) or 0) >= MOST_KEYS:
        read.refuse(
            "", "api_key.too_many", _("These are enough keys. Revoke one that nobody uses first.")
        )
