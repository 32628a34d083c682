"""The hook contract, by topic. A plugin implements what it needs with `hookimpl`.

Each hook states what happens when a plugin fails in it (`Failure`), and since
which version of the contract it exists. `HOOK_API` rises when an existing
implementation would stop working.
"""

from billhook.sdk.hookspecs import connections, documents, lifecycle, portal, registration
from billhook.sdk.hookspecs.markers import HOOK_API, PROJECT, Failure, hookimpl, hookspec

MODULES = (registration, lifecycle, connections, documents, portal)

__all__ = ["HOOK_API", "MODULES", "PROJECT", "Failure", "hookimpl", "hookspec"]
