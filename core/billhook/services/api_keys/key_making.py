"""Making keys and their secrets."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.errors import ValidationFailed
from billhook.ids import new_id
from billhook.models.keys import ApiKey, ApiSecret
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.api_keys.bounds import (
    KeyInput,
    check_against_own,
    check_bounds,
    check_scopes,
    read_name,
    refuse_too_many,
    require_some,
)
from billhook.services.api_keys.key_search import entry
from billhook.services.api_keys.values import KeyEntry
from billhook.services.fields import Fields
from billhook.services.key_contexts import PREFIX
from billhook.services.tokens import hash_of

HINT = 12
"""Characters of a secret that people see; 210 of its 258 random bits stay unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A key with its new secret, which nobody can read again."""

    entry: KeyEntry
    secret: str


def make(
    ctx: Context, wanted: KeyInput, *, api_version: str, clock: Clock | None = None
) -> MadeKey:
    """Make a key; its secret is told now and never again.

    Raises ValidationFailed, also for a scope that who acts does not have.
    """
    ctx.require("api_keys.manage")
    now = (clock or SystemClock()).now()
    with ctx.transaction() as session:
        name = _checked(ctx, wanted, now)
        row = ApiKey(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            name=name,
            scopes=sorted(set(wanted.scopes)),
            api_version=api_version,
            requests_per_minute=wanted.requests_per_minute,
            expires_at=wanted.expires_at,
            made_by=ctx.actor.id,
            made_at=now,
            version=1,
        )
        session.add(row)
        session.flush()
        secret = add_secret(row, now)
        audit.record(
            ctx,
            "api_key.made",
            "api_key",
            row.id,
            scopes=" ".join(row.scopes),
            expires_at=told(row.expires_at),
            requests_per_minute=row.requests_per_minute,
        )
        return MadeKey(entry=entry(ctx, row, now), secret=secret)


def _checked(ctx: Context, wanted: KeyInput, now: datetime) -> str:
    """Return the name, if all else can be. Raises ValidationFailed."""
    read = Fields()
    name = read_name(read, wanted.name)
    require_some(read, wanted.scopes)
    check_scopes(ctx, read, wanted.scopes)
    check_bounds(read, wanted, now)
    check_against_own(
        ctx,
        read,
        requests_per_minute=wanted.requests_per_minute,
        expires_at=wanted.expires_at,
    )
    refuse_too_many(read, now)
    if read.problems:
        raise ValidationFailed(read.problems)
    return name


def add_secret(row: ApiKey, now: datetime) -> str:
    """Give a key one more secret, inside the transaction in progress; return it."""
    secret = PREFIX + secrets.token_urlsafe(32)
    db.session.add(
        ApiSecret(
            secret_hash=hash_of(secret),
            tenant_id=row.tenant_id,
            key_id=row.id,
            hint=secret[:HINT],
            made_at=now,
            expires_at=row.expires_at,
        )
    )
    db.session.flush()
    return secret


def told(instant: datetime | None) -> str:
    """Write an instant for the audit log; “never” for none."""
    return instant.isoformat() if instant else "never"
