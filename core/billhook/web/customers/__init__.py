"""The customers' room: found, looked at, changed, merged, and let go."""

from billhook.web.customers import (
    agreements,
    contacts,
    editing,
    invitations,
    merging,
    pages,
    portal_access,
    preferences,
    privacy,
    statements,
)
from billhook.web.customers.rooms import blueprint

__all__ = [
    "agreements",
    "blueprint",
    "contacts",
    "editing",
    "invitations",
    "merging",
    "pages",
    "portal_access",
    "preferences",
    "privacy",
    "statements",
]
