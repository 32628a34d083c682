"""Programs at the door: a key's secret becomes the context in which its request acts."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from billhook.clock import SystemClock
from billhook.db import db, tenant_scope
from billhook.models.keys import ApiKey, ApiSecret
from billhook.sdk.context import Context
from billhook.services.contexts import key_context
from billhook.services.tokens import hash_of

PREFIX = "bhk_"
"""What every secret begins with, so that scanners of source code recognise it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyVisit:
    """A program that showed a secret which is good now."""

    key_id: UUID
    ctx: Context
    api_version: str
    requests_per_minute: int


def visit(secret: str, *, address: str, request_id: UUID) -> KeyVisit | None:
    """Return who shows the secret; None for one that is unknown, expired or revoked.

    The key may do what its scopes say; whoever made it does not matter any more.
    """
    if not secret.startswith(PREFIX):
        return None
    known = db.session.execute(_secret(), {"hash": hash_of(secret)}).one_or_none()
    if known is None or _is_over(known.expires_at):
        return None
    with tenant_scope(known.tenant_id):
        key = db.session.execute(_key(), {"key_id": known.key_id}).one_or_none()
        if key is None or key.revoked_at is not None or _is_over(key.expires_at):
            return None
        return KeyVisit(
            key_id=key.id,
            ctx=key_context(
                known.tenant_id, key.id, key.scopes, address=address, request_id=request_id
            ),
            api_version=key.api_version,
            requests_per_minute=key.requests_per_minute,
        )


def _is_over(expires_at: datetime | None) -> bool:
    """Tell by the machine's clock: a sandbox that lives in next year still has its keys."""
    return expires_at is not None and expires_at <= SystemClock().now()


@cache
def _secret() -> Select[Any]:
    """Build the statement once: every request sends it."""
    return select(ApiSecret.tenant_id, ApiSecret.key_id, ApiSecret.expires_at).where(
        ApiSecret.secret_hash == bindparam("hash")
    )


@cache
def _key() -> Select[Any]:
    return select(
        ApiKey.id,
        ApiKey.scopes,
        ApiKey.api_version,
        ApiKey.requests_per_minute,
        ApiKey.expires_at,
        ApiKey.revoked_at,
    ).where(ApiKey.id == bindparam("key_id"))
