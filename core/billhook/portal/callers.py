"""By whom tries are counted at a portal: the account, the contact, the link; each of one tenant."""

from hashlib import sha256

from flask import g, request
from flask_limiter.util import get_remote_address

from billhook.portal import addresses


def account() -> str:
    """Return the key of the account that a log-in tries, whether it exists or not."""
    return _key("account", request.form.get("email", "").strip().lower())


def link() -> str:
    """Return the key of the one-time link that a form uses."""
    return _key("link", str((request.view_args or {}).get("token", "")))


def contact() -> str:
    """Return the key of the contact who is at the browser, whatever session they began."""
    found = g.get("client")
    if found is None or found.contact_id is None:
        return get_remote_address()
    return _key("contact", found.contact_id.hex)


def _key(kind: str, value: str) -> str:
    return sha256(f"{kind}\0{addresses.slug()}\0{value}".encode()).hexdigest()
