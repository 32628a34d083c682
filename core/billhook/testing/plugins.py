"""Plugins made inside a test, to be handed to `create_app(config, plugins=[…])`."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from billhook.sdk.hookspecs import HOOK_API, hookimpl
from billhook.sdk.info import PluginInfo


def plugin_module(name: str, *implementations: Callable[..., Any], **info: Any) -> ModuleType:
    """Make a plugin of functions that are named like the hooks they implement.

    `info` replaces fields of its PluginInfo.
    """
    module: Any = ModuleType(f"billhook_{name}.plugin")
    said = {"title": name.title(), "summary": "", "version": "1.0.0", "hook_api": HOOK_API}
    module.info = PluginInfo(name=name, **{**said, **info})
    for implementation in implementations:
        setattr(module, implementation.__name__, hookimpl(implementation))
    return module  # type: ignore[no-any-return]
