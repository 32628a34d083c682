"""Webhooks by the Standard Webhooks specification: names, signatures, when to try again.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from uuid import UUID

SECRET_PREFIX = "whsec_"
SECRET_BYTES = 32  # the specification asks for 24 to 64

OVERLAP = timedelta(hours=24)
"""How long an old secret goes on signing beside a new one."""

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long a message waits after its first, second, … failure; after one more it has failed."""

LONGEST_WISH = timedelta(hours=24)
"""How long a receiver's Retry-After is obeyed at most."""

FAILING = timedelta(days=5)
"""How long an endpoint may fail, without a success between, until it is disabled."""

KEPT = timedelta(days=30)
"""How long messages and what was answered are remembered."""

GONE = 410


class EndpointState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # by a person: what happens waits for it
    DISABLED = "disabled"  # by itself: what happens is not kept for it


class DisabledReason(StrEnum):
    GONE = "gone"  # it answered 410
    FAILING = "failing"


class WebhookDeliveryState(StrEnum):
    """Of a message to one endpoint."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"  # it waited when its endpoint was disabled


def new_secret() -> str:
    """Make a secret that receivers verify with."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(
    message_id: UUID, body: str, *, at: datetime, secrets: Iterable[str]
) -> dict[str, str]:
    """Return the headers that prove a message: one signature for each secret."""
    timestamp = int(at.timestamp())
    content = f"{message_id}.{timestamp}.{body}".encode()
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(one, content)}" for one in secrets),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def next_wait(
    failures: int, *, chance: float, wished: timedelta | None = None
) -> timedelta | None:
    """Return how long to wait after so many failures; None when no more tries come.

    `chance`, from 0 to 1, spreads out by up to a tenth what failed together. A
    receiver's wish makes the wait longer, never shorter.
    """
    if failures > len(WAITS):
        return None
    wait = WAITS[failures - 1] * (1 + chance / 10)
    return max(wait, min(wished or timedelta(0), LONGEST_WISH))


def retry_after(header: str, now: datetime) -> timedelta | None:
    """Read the header Retry-After, seconds or a date; None where it says neither."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), int(LONGEST_WISH.total_seconds())))
    try:
        wished = parsedate_to_datetime(text)
    except ValueError:
        return None
    return None if wished.tzinfo is None else max(wished - now, timedelta(0))
