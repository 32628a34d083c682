"""Charges come in, wait, are held, released or withdrawn, and are found again."""

from billhook.services.charging.adding import Added, add, content_hash
from billhook.services.charging.finding import (
    ChargeCount,
    ChargeEntry,
    ChargeFilter,
    counts,
    listing,
    search,
    sources,
    states,
)
from billhook.services.charging.holding import hold, release, take, withdraw

__all__ = [
    "Added",
    "ChargeCount",
    "ChargeEntry",
    "ChargeFilter",
    "add",
    "content_hash",
    "counts",
    "hold",
    "listing",
    "release",
    "search",
    "sources",
    "states",
    "take",
    "withdraw",
]
