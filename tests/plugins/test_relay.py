"""A strict hook fails the act; an isolated one loses the contribution, and says so."""

import threading
from collections.abc import Sequence
from types import ModuleType

import pytest
from sqlalchemy import text

from billhook.db import db, transaction
from billhook.errors import PluginFailed, PluginOverran, PluginUnavailable
from billhook.plugins import admission
from billhook.problems import Severity
from billhook.sdk.hookspecs import MODULES, Failure, hookspec
from billhook.testing.plugins import plugin_module


@pytest.fixture
def tiles(monkeypatch) -> ModuleType:
    """Return a topic of hooks beside the real ones."""
    topic = ModuleType("tiles")

    @hookspec(failure=Failure.ISOLATED, since="0.1")
    def tiles_of(day: str) -> Sequence[str]:
        """Return tiles."""

    @hookspec(failure=Failure.STRICT, since="0.1")
    def checks_of(day: str) -> Sequence[str]:
        """Return checks."""

    topic.tiles_of, topic.checks_of = tiles_of, checks_of
    specifications = (*MODULES, topic)
    monkeypatch.setattr(admission, "MODULES", specifications)
    monkeypatch.setattr(admission.new_manager, "__defaults__", (specifications,))
    monkeypatch.setattr(admission.contracts, "__defaults__", (specifications,))
    return topic


def answering(name, *values, hook="tiles_of", **info):
    def implementation(day):
        return [f"{name} {value} on {day}" for value in values]

    implementation.__name__ = hook
    return plugin_module(name, implementation, **info)


def doing(name, act, hook="tiles_of"):
    def implementation(day):
        return act()

    implementation.__name__ = hook
    return plugin_module(name, implementation)


@pytest.fixture
def relay(host, tiles):
    def make(*plugins):
        found = host(*plugins, specifications=(*MODULES, tiles))
        return found.relay(frozenset(found.installed))

    return make


def raises():
    raise ValueError("no tiles today")


def test_contributions_come_in_a_fixed_order_each_with_its_plugin(relay):
    asked = relay(answering("b", 1), answering("c", 2), answering("a", 3, depends=("c",)))
    found = asked.gather("tiles_of", day="Monday")
    assert found.contributions == (
        ("b", ["b 1 on Monday"]),
        ("c", ["c 2 on Monday"]),
        ("a", ["a 3 on Monday"]),
    )
    assert found.problems == ()


@pytest.mark.parametrize(
    ("act", "reason"),
    [(raises, "ValueError: no tiles today"), (lambda: 3, "int"), (lambda: [3], "[0] is int")],
)
def test_a_failed_isolated_contribution_is_dropped_logged_and_said(relay, log, act, reason):
    found = relay(doing("bad", act), answering("good", 1)).gather("tiles_of", day="Monday")
    assert [plugin for plugin, _tiles in found.contributions] == ["good"]
    (problem,) = found.problems
    assert (problem.code, problem.path, problem.severity) == (
        "plugin.dropped",
        "bad",
        Severity.WARNING,
    )
    assert reason in problem.message
    dropped = [entry for entry in log if entry["event"] == "plugin.dropped"]
    assert [(entry["plugin"], entry["hook"]) for entry in dropped] == [("bad", "tiles_of")]


def test_a_failed_strict_hook_fails_the_act(relay):
    plugins = doing("bad", raises, "checks_of"), answering("good", 1, hook="checks_of")
    with pytest.raises(PluginFailed, match="“bad” failed: ValueError: no tiles today"):
        relay(*plugins).call("checks_of", day="Monday")


def test_a_failed_isolated_contribution_leaves_no_rows_and_the_transaction_goes_on(relay, notes):
    def act():
        db.session.execute(text("INSERT INTO note VALUES ('plugin')"))
        raises()

    asked = relay(doing("bad", act), answering("good", 1))
    with transaction() as session:
        assert len(asked.gather("tiles_of", day="Monday").contributions) == 1
        session.execute(text("INSERT INTO note VALUES ('core')"))
    assert notes() == ["core"]


def test_an_overrun_drops_a_contribution_but_never_a_transaction(relay, notes):
    go = threading.Event()
    asked = relay(doing("bad", go.wait), answering("good", 1))
    assert len(asked.gather("tiles_of", day="Monday").contributions) == 1
    with pytest.raises(PluginOverran), transaction():
        asked.gather("tiles_of", day="Monday")
    go.set()
    for thread in threading.enumerate():
        if thread.name.startswith("plugin "):
            thread.join(10)


def test_one_plugin_alone_is_asked(relay):
    asked = relay(answering("a", 1), answering("b", 2), plugin_module("silent"))
    assert asked.ask("b", "tiles_of", day="Monday") == [("b", ["b 2 on Monday"])]
    assert asked.ask("silent", "tiles_of", day="Monday") == []
    with pytest.raises(PluginUnavailable):
        asked.ask("absent", "tiles_of", day="Monday")


def test_none_is_no_contribution(relay):
    assert relay(doing("quiet", lambda: None)).gather("tiles_of", day="x").contributions == ()


def test_a_core_that_calls_a_hook_in_the_wrong_way_is_told(relay):
    asked = relay(answering("a", 1))
    with pytest.raises(TypeError, match="isolated"):
        asked.call("tiles_of", day="Monday")
    with pytest.raises(TypeError, match="strict"):
        asked.gather("checks_of", day="Monday")
    with pytest.raises(TypeError, match="takes"):
        asked.gather("tiles_of", date="Monday")


def test_a_set_of_plugins_has_one_relay_and_sees_no_other_plugin(host, tiles):
    found = host(answering("a", 1), answering("b", 2), specifications=(*MODULES, tiles))
    one = found.relay(frozenset({"a"}))
    assert found.relay(frozenset({"a"})) is one
    assert found.relay(frozenset({"a", "unknown"})) is one
    assert [plugin for plugin, _ in one.gather("tiles_of", day="x").contributions] == ["a"]
    assert found.relay(frozenset()).gather("tiles_of", day="x").contributions == ()
