"""By whom tries are counted: the account, the person, the link."""

from hashlib import sha256

from flask import request
from flask_limiter.util import get_remote_address

from billhook.web import visits


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
