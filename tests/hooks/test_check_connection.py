"""A plugin tries its connections when somebody asks on its page; a bad one says so and no more."""

import time
from threading import Event

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.domain.deliveries import TrialStep
from billhook.errors import Conflict, PluginUnavailable, Retryable
from billhook.models.audit import Audit
from billhook.sdk.health import Health
from billhook.services import plugin_health
from billhook.testing.plugins import plugin_module


def line(answer):
    def check_connection(ctx):
        return answer(ctx)

    return plugin_module("phone", check_connection)


def test_check_connection(tenant_with):
    steps = (TrialStep(what="Dial", answer="tone"), TrialStep(what="Speak", is_good=False))
    ctx = tenant_with(line(lambda ctx: Health(steps=steps)))
    found = plugin_health.check(ctx, "phone")
    assert found.steps == steps
    assert not found.is_good
    acts = db.session.scalars(select(Audit.action)).all()
    assert "plugin.connection_checked" in acts


def test_it_is_asked_before_the_plugin_is_enabled_too(tenant_with):
    seen = []
    good = Health(steps=(TrialStep(what="Dial"),))
    ctx = tenant_with(line(lambda ctx: seen.append(ctx.tenant.plugins) or good), off=("phone",))
    assert plugin_health.check(ctx, "phone").is_good
    assert seen == [frozenset({"phone"})]
    assert "phone" not in ctx.tenant.plugins


@pytest.mark.parametrize(
    "answer",
    [lambda ctx: 1 / 0, lambda ctx: "fine", lambda ctx: _raise(Retryable("The line is busy."))],
)
def test_a_plugin_that_breaks_is_a_failed_step(tenant_with, answer):
    ctx = tenant_with(line(answer))
    (step,) = plugin_health.check(ctx, "phone").steps
    assert not step.is_good
    assert step.advice


def _raise(error):
    raise error


def test_a_plugin_that_hangs_is_a_failed_step_in_time(tenant_with):
    ends = Event()
    ctx = tenant_with(line(lambda ctx: ends.wait(120)))
    began = time.monotonic()
    (step,) = plugin_health.check(ctx, "phone").steps
    assert time.monotonic() - began < 10
    assert "phone" in step.advice
    assert plugin_health.condition(ctx, "phone").hung_calls == 1
    ends.set()
    while plugin_health.condition(ctx, "phone").hung_calls:
        ends.wait(0)


def test_a_plugin_without_a_connection_and_one_that_is_not_there_say_so(tenant_with):
    ctx = tenant_with(plugin_module("quiet"))
    assert not plugin_health.condition(ctx, "quiet").can_check
    with pytest.raises(Conflict):
        plugin_health.check(ctx, "quiet")
    with pytest.raises(PluginUnavailable):
        plugin_health.check(ctx, "missing")
