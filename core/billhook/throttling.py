"""How often somebody may try to get in: counted before the password is looked at.

Counts live in Redis where several servers run, else in memory. While Redis is
away, each server counts for itself.
"""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

PER_ADDRESS = "20 per minute; 200 per hour"
PER_ACCOUNT = "6 per minute; 40 per hour"
PER_FACTOR = "6 per minute; 20 per hour; 60 per day"
"""Codes have six digits: so many tries leave one chance in five thousand a day."""
PER_MAILBOX = "3 per hour; 10 per day"
"""How often somebody can have a mail sent to an address."""

limiter = Limiter(
    key_func=get_remote_address,
    strategy="moving-window",
    headers_enabled=True,
    key_prefix="billhook",
)


def init_app(app: Flask, redis_url: str | None) -> None:
    """Choose where the counts live."""
    app.config.from_mapping(
        RATELIMIT_STORAGE_URI=redis_url or "memory://",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(redis_url),
    )
    limiter.init_app(app)
