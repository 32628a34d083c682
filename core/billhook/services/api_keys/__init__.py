"""API keys: what programs may do here, by secrets that are shown once and never again.

Nobody gives what they lack: a key never gets a scope by the hand of somebody without
it, and only who may do all that a key may can rotate it, because they get its secret.
A key that makes keys gives them no more requests and no longer life than it has itself.
Revoking is open to all who manage keys.

Keys live by the machine's clock, also in a sandbox that moved its own.
"""

from billhook.services.api_keys.bounds import (
    LONGEST_OVERLAP,
    MOST_KEYS,
    MOST_PER_MINUTE,
    OVERLAP,
    PER_MINUTE,
    KeyInput,
    end_of,
    scopes_here,
)
from billhook.services.api_keys.key_changes import change, revoke, rotate
from billhook.services.api_keys.key_making import MadeKey, make
from billhook.services.api_keys.key_search import KeyFilter, get, names, own, search
from billhook.services.api_keys.values import KeyEntry, KeyState, LiveSecret

__all__ = [
    "LONGEST_OVERLAP",
    "MOST_KEYS",
    "MOST_PER_MINUTE",
    "OVERLAP",
    "PER_MINUTE",
    "KeyEntry",
    "KeyFilter",
    "KeyInput",
    "KeyState",
    "LiveSecret",
    "MadeKey",
    "change",
    "end_of",
    "get",
    "make",
    "names",
    "own",
    "revoke",
    "rotate",
    "scopes_here",
    "search",
]
