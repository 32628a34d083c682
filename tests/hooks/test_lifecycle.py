"""A plugin is asked before it is switched, in the transaction that switches it."""

import threading

import pytest
from sqlalchemy import select

from billhook.db import db, is_writing
from billhook.errors import PluginFailed, PluginOverran, ValidationFailed
from billhook.models.plugins import PluginSetting
from billhook.plugins import activation
from billhook.problems import Problem, Severity
from billhook.services import plugins
from billhook.testing.plugins import plugin_module

OBJECTION = Problem(code="fax.line_missing", message="There is no telephone line.")
REMARK = Problem(code="fax.slow", message="The line is slow.", severity=Severity.WARNING)


def enabled(ctx) -> frozenset[str]:
    return activation.enabled(ctx.tenant.id)


def write_a_row() -> None:
    db.session.add(PluginSetting(plugin="fax", values={}, version=1))
    db.session.flush()


def rows() -> list[PluginSetting]:
    return list(db.session.scalars(select(PluginSetting)))


def test_plugin_enabling(tenant_with):
    seen = []

    def plugin_enabling(ctx):
        seen.append(("fax" in ctx.tenant.plugins, is_writing()))
        write_a_row()
        return [REMARK]

    ctx = tenant_with(plugin_module("fax", plugin_enabling), off=("fax",))
    assert plugins.enable(ctx, "fax") == [REMARK]
    assert seen == [(True, True)]
    assert len(rows()) == 1
    assert enabled(ctx) == {"fax"}


def test_plugin_disabling(tenant_with):
    seen = []

    def plugin_disabling(ctx):
        seen.append(("fax" in ctx.tenant.plugins, is_writing()))
        return [REMARK]

    ctx = tenant_with(plugin_module("fax", plugin_disabling))
    assert plugins.disable(ctx, "fax") == [REMARK]
    assert seen == [(True, True)]
    assert enabled(ctx) == frozenset()


def test_only_the_plugin_itself_is_asked(tenant_with):
    def plugin_enabling(ctx):
        raise AssertionError("It is not about this one.")

    other = plugin_module("telex", plugin_enabling)
    ctx = tenant_with(plugin_module("fax"), other, off=("fax", "telex"))
    assert plugins.enable(ctx, "fax") == []


def test_an_objection_keeps_a_plugin_off(tenant_with):
    def plugin_enabling(ctx):
        return [REMARK, OBJECTION]

    ctx = tenant_with(plugin_module("fax", plugin_enabling), off=("fax",))
    with pytest.raises(ValidationFailed) as refused:
        plugins.enable(ctx, "fax")
    assert refused.value.problems == (REMARK, OBJECTION)
    assert enabled(ctx) == frozenset()


def test_an_objection_keeps_a_plugin_on(tenant_with):
    def plugin_disabling(ctx):
        return [OBJECTION]

    ctx = tenant_with(plugin_module("fax", plugin_disabling))
    with pytest.raises(ValidationFailed):
        plugins.disable(ctx, "fax")
    assert enabled(ctx) == {"fax"}


def raises(_ctx):
    raise RuntimeError("the modem burns")


def nonsense(_ctx):
    return "yes"


def wrong_elements(_ctx):
    return ["yes"]


@pytest.mark.parametrize("answer", [raises, nonsense, wrong_elements])
def test_a_plugin_that_fails_when_it_is_asked_stays_off_and_leaves_nothing(tenant_with, answer):
    def plugin_enabling(ctx):
        write_a_row()
        return answer(ctx)

    ctx = tenant_with(plugin_module("fax", plugin_enabling), off=("fax",))
    with pytest.raises(PluginFailed, match="“fax”"):
        plugins.enable(ctx, "fax")
    assert enabled(ctx) == frozenset()
    assert rows() == []


@pytest.mark.parametrize("answer", [raises, nonsense, wrong_elements])
def test_a_plugin_that_fails_can_always_be_switched_off(tenant_with, answer):
    def plugin_disabling(ctx):
        write_a_row()
        return answer(ctx)

    ctx = tenant_with(plugin_module("fax", plugin_disabling))
    (warning,) = plugins.disable(ctx, "fax")
    assert (warning.code, warning.path) == ("plugin.disabled_unasked", "fax")
    assert enabled(ctx) == frozenset()
    assert rows() == []


def test_a_plugin_that_hangs_stays_off_or_goes_off(tenant_with):
    go = threading.Event()

    def plugin_enabling(ctx):
        go.wait()

    def plugin_disabling(ctx):
        go.wait()

    fax = plugin_module("fax", plugin_enabling)
    telex = plugin_module("telex", plugin_disabling)
    ctx = tenant_with(fax, telex, off=("fax",))
    with pytest.raises(PluginOverran, match="“fax”"):
        plugins.enable(ctx, "fax")
    (warning,) = plugins.disable(ctx, "telex")
    assert warning.code == "plugin.disabled_unasked"
    assert enabled(ctx) == frozenset()
    go.set()
    for thread in threading.enumerate():
        if thread.name.startswith("plugin "):
            thread.join(10)
