"""Changing, rotating and revoking keys."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.keys import ApiKey, ApiSecret
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.api_keys.bounds import (
    LONGEST_OVERLAP,
    MOST_SECRETS,
    OVERLAP,
    KeyInput,
    check_against_own,
    check_bounds,
    check_scopes,
    read_name,
    require_some,
)
from billhook.services.api_keys.key_making import MadeKey, add_secret, told
from billhook.services.api_keys.key_search import entry
from billhook.services.api_keys.values import KeyEntry, KeyState, state_of
from billhook.services.fields import Fields


def change(
    ctx: Context, key_id: UUID, wanted: KeyInput, *, version: int, clock: Clock | None = None
) -> KeyEntry:
    """Let a key be called and do what is wanted, if it is still of the version looked at.

    Who renames a key or takes something from it need not have its scopes; who gives it
    anything must have them all. Raises NotFound, Conflict where somebody changed it
    meanwhile or it has ended, ValidationFailed.
    """
    ctx.require("api_keys.manage")
    now = (clock or SystemClock()).now()
    with ctx.transaction() as session:
        row = _locked(key_id, now)
        if row.version != version:
            raise Conflict(_("Somebody changed this key meanwhile. Look at it again."))
        name = _checked(ctx, row, wanted, now)
        before = set(row.scopes)
        after = set(wanted.scopes)
        if row.expires_at != wanted.expires_at:
            _move_end(row, wanted.expires_at)
        row.name, row.scopes = name, sorted(after)
        row.expires_at = wanted.expires_at
        row.requests_per_minute = wanted.requests_per_minute
        row.version += 1
        session.flush()
        audit.record(
            ctx,
            "api_key.changed",
            "api_key",
            row.id,
            given=" ".join(sorted(after - before)),
            taken=" ".join(sorted(before - after)),
            expires_at=told(row.expires_at),
            requests_per_minute=row.requests_per_minute,
        )
        return entry(ctx, row, now)


def _checked(ctx: Context, row: ApiKey, wanted: KeyInput, now: datetime) -> str:
    """Return the name, if all else can be. Raises ValidationFailed."""
    read = Fields()
    name = read_name(read, wanted.name)
    require_some(read, wanted.scopes)
    check_bounds(read, wanted, now)
    if _gives(row, wanted):
        check_scopes(ctx, read, wanted.scopes)
        check_against_own(
            ctx,
            read,
            requests_per_minute=wanted.requests_per_minute,
            expires_at=wanted.expires_at,
        )
    if read.problems:
        raise ValidationFailed(read.problems)
    return name


def _gives(row: ApiKey, wanted: KeyInput) -> bool:
    """Tell whether a key would do more, more often or longer than it does."""
    if set(wanted.scopes) - set(row.scopes):
        return True
    if wanted.requests_per_minute > row.requests_per_minute:
        return True
    if row.expires_at is None:
        return False
    return wanted.expires_at is None or wanted.expires_at > row.expires_at


def _move_end(row: ApiKey, expires_at: datetime | None) -> None:
    """Let the newest secret end with the key, and no older one after it."""
    newest = select(func.max(ApiSecret.made_at)).where(*_of(row)).scalar_subquery()
    ending = update(ApiSecret).where(*_of(row)).values(expires_at=expires_at)
    ending = ending.execution_options(synchronize_session=False)
    db.session.execute(ending.where(ApiSecret.made_at == newest))
    if expires_at is not None:
        db.session.execute(ending.where(ApiSecret.expires_at > expires_at))


def rotate(
    ctx: Context, key_id: UUID, *, overlap: timedelta = OVERLAP, clock: Clock | None = None
) -> MadeKey:
    """Give a key a new secret; those before are good until the overlap is over, 0 to 7 days.

    Raises NotFound, Conflict for a key that has ended, ValidationFailed, also where the
    key may do more than who acts.
    """
    ctx.require("api_keys.manage")
    now = (clock or SystemClock()).now()
    with ctx.transaction() as session:
        row = _locked(key_id, now)
        _refuse_to_rotate(ctx, row, overlap)
        _end_secrets(row, now + overlap, now)
        secret = add_secret(row, now)
        row.version += 1
        session.flush()
        audit.record(ctx, "api_key.rotated", "api_key", row.id, overlap=overlap)
        return MadeKey(entry=entry(ctx, row, now), secret=secret)


def _refuse_to_rotate(ctx: Context, row: ApiKey, overlap: timedelta) -> None:
    read = Fields()
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        read.refuse(
            "overlap",
            "api_key.overlap_out_of_bounds",
            _(
                "The secret before can stay good for at most %(days)s days.",
                days=LONGEST_OVERLAP.days,
            ),
        )
    check_scopes(ctx, read, row.scopes)
    check_against_own(
        ctx, read, requests_per_minute=row.requests_per_minute, expires_at=row.expires_at
    )
    if read.problems:
        raise ValidationFailed(read.problems)


def _end_secrets(row: ApiKey, end: datetime, now: datetime) -> None:
    """Let all secrets end at an instant, and forget those that have ended.

    Raises ValidationFailed where too many would be left.
    """
    db.session.execute(
        update(ApiSecret)
        .where(*_of(row), or_(ApiSecret.expires_at.is_(None), ApiSecret.expires_at > end))
        .values(expires_at=end)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        delete(ApiSecret)
        .where(*_of(row), ApiSecret.expires_at <= now)
        .execution_options(synchronize_session=False)
    )
    left = db.session.scalar(select(func.count()).select_from(ApiSecret).where(*_of(row))) or 0
    if left >= MOST_SECRETS:
        read = Fields()
        read.refuse(
            "overlap",
            "api_key.too_many_secrets",
            _(
                "%(count)s secrets of this key are still good. Wait until one has ended, or "
                "end them all at once.",
                count=left,
            ),
        )
        raise ValidationFailed(read.problems)


def revoke(ctx: Context, key_id: UUID, *, clock: Clock | None = None) -> None:
    """End a key with all its secrets, at once and for good; one that is revoked stays so.

    Raises NotFound.
    """
    ctx.require("api_keys.manage")
    now = (clock or SystemClock()).now()
    with ctx.transaction() as session:
        row = _row(key_id)
        if row.revoked_at is not None:
            return
        row.revoked_at = now
        row.version += 1
        session.flush()
        session.execute(
            delete(ApiSecret).where(*_of(row)).execution_options(synchronize_session=False)
        )
        audit.record(ctx, "api_key.revoked", "api_key", row.id)


def _of(row: ApiKey) -> tuple[ColumnElement[bool], ...]:
    """Name the tenant too: the table is read before any tenant is known."""
    return (ApiSecret.tenant_id == row.tenant_id, ApiSecret.key_id == row.id)


def _locked(key_id: UUID, now: datetime) -> ApiKey:
    row = _row(key_id)
    if state_of(row.revoked_at, row.expires_at, now) is not KeyState.ACTIVE:
        raise Conflict(_("This key has ended. Make a new one."))
    return row


def _row(key_id: UUID) -> ApiKey:
    row = db.session.scalar(
        select(ApiKey)
        .where(ApiKey.id == key_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(_("API key"), key_id)
    return row
