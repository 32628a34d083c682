"""How often somebody may try to get in: counted before the password is looked at.

Counts live in Redis where several servers run, else in memory. While Redis is
away, each server counts for itself.
"""

from hashlib import sha256

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from billhook.plugins.runtime import runtime
from billhook.web import visits

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


def init_app(app: Flask) -> None:
    """Choose where the counts live."""
    with app.app_context():
        redis_url = runtime().config.redis_url
    app.config.from_mapping(
        RATELIMIT_STORAGE_URI=redis_url or "memory://",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(redis_url),
    )
    limiter.init_app(app)


def account() -> str:
    """Return the key of the account that a log-in tries, whether it exists or not."""
    return sha256(request.form.get("email", "").strip().lower().encode()).hexdigest()


def person() -> str:
    """Return the key of the person who is at the browser, whatever session they began."""
    found = visits.visit()
    return found.person_id.hex if found else get_remote_address()


def link() -> str:
    """Return the key of the one-time link that a form uses."""
    return sha256(str((request.view_args or {}).get("token", "")).encode()).hexdigest()
