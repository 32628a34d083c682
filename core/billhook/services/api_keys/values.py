"""API keys as people and programs see them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class KeyState(StrEnum):
    """Whether a key opens anything."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSecret:
    """A secret that is good now, by its first characters."""

    hint: str
    made_at: datetime
    expires_at: datetime | None
    """The end of the key, or that of the overlap after a rotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """A key without its secrets, which nobody can read."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    """By name. Those of plugins that are off stay here, and allow nothing."""
    secrets: tuple[LiveSecret, ...]
    """Those that are good now, the newest first."""
    requests_per_minute: int
    api_version: str
    state: KeyState
    made_by: UUID | None
    """The person or key that made it; None for the operator."""
    maker: str
    """Their name; empty for the operator."""
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    used_from: str
    """The network address of its last use; empty before the first."""
    version: int


def state_of(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> KeyState:
    """Tell whether a key opens anything; a key that was revoked says so even after its end."""
    if revoked_at is not None:
        return KeyState.REVOKED
    if expires_at is not None and expires_at <= now:
        return KeyState.EXPIRED
    return KeyState.ACTIVE
