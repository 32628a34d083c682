"""The customers' room: found, looked at, changed, merged, and let go."""

from billhook.web.customers import (
    agreements,
    contacts,
    editing,
    merging,
    pages,
    preferences,
    privacy,
)
from billhook.web.customers.rooms import blueprint

__all__ = [
    "agreements",
    "blueprint",
    "contacts",
    "editing",
    "merging",
    "pages",
    "preferences",
    "privacy",
]
