"""A hook that will go warns whoever implements it, and is called until then."""

from types import ModuleType

import pluggy
import pytest

from billhook.plugins.contract import contracts
from billhook.plugins.runtime import runtime
from billhook.sdk.hookspecs import PROJECT, Failure, hookspec
from billhook.services.plugin_catalogue import deprecations
from billhook.testing.plugins import plugin_module

ADVICE = "Use new_way instead; old_way is called until version 0.3."


@pytest.fixture
def specifications():
    @hookspec(failure=Failure.STRICT, since="0.1", deprecated=ADVICE)
    def old_way() -> str:
        """Answer as of old."""

    @hookspec(failure=Failure.STRICT, since="0.2")
    def new_way() -> str:
        """Answer anew."""

    module = ModuleType("specifications")
    module.old_way, module.new_way = old_way, new_way
    return module


def test_an_implementation_of_a_deprecated_hook_warns_and_is_called(specifications):
    def old_way():
        return "as ever"

    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(specifications)
    with pytest.warns(DeprecationWarning, match="Use new_way instead"):
        manager.register(plugin_module("late", old_way))
    assert manager.hook.old_way() == ["as ever"]


def test_the_catalogue_names_deprecated_hooks_of_a_plugin(app, specifications):
    plugin = next(iter(runtime().host.installed.values()))
    known = contracts([specifications])
    (warning,) = deprecations(_implementing(plugin, "old_way", "new_way"), known)
    assert (warning.path, warning.severity.value) == ("old_way", "warning")
    assert ADVICE in warning.message


def test_no_hook_of_this_version_is_deprecated(app):
    found = [
        problem
        for plugin in runtime().host.installed.values()
        for problem in deprecations(plugin, runtime().host.contracts)
    ]
    assert found == []


def _implementing(plugin, *hooks):
    from dataclasses import replace

    return replace(plugin, hooks=hooks)
