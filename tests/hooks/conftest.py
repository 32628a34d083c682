from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from types import ModuleType

import pytest

from billhook.config import Config
from billhook.plugins.fence import hung
from billhook.sdk.context import Context
from billhook.services.contexts import operator_context
from billhook.testing.crashing import wait_until
from billhook.testing.members import open_tenant


@pytest.fixture
def tenant_with(make_app, config: Config) -> Iterator[Callable[..., Context]]:
    """Return a function that opens a tenant in an application of exactly some plugins, and acts in it.

    What is good is enabled, but for what `off` names. A plugin may take a quarter of a second.
    """
    with ExitStack() as entered:

        def make(*plugins: ModuleType, off: tuple[str, ...] = ()) -> Context:
            short = replace(config, plugin_deadline=timedelta(seconds=0.25))
            app = make_app(short, plugins=plugins)
            entered.enter_context(app.app_context())
            installed = app.extensions["billhook"].host.installed
            open_tenant("shop", pack=tuple(name for name in installed if name not in off))
            ctx = operator_context("shop")
            entered.enter_context(ctx.acting())
            return ctx

        yield make


@pytest.fixture(autouse=True)
def _no_call_hangs_on() -> Iterator[None]:
    """A test must let its hanging plugins go; their threads need a moment to end."""
    yield
    wait_until(lambda: hung() == [])
