"""Tiles that plugins register: figures on the first page, each behind its own fence."""

import threading

import pytest

from billhook.errors import PluginFailed
from billhook.plugins.registries import DASHBOARD_TILES
from billhook.plugins.runtime import relay
from billhook.sdk.providers import Figure, Tile
from billhook.services import plugins
from billhook.services.contexts import operator_context
from billhook.testing.plugins import plugin_module


class Rain:
    key = "weather.rain"
    title = "Weather"
    permission = "documents.view"

    def __init__(self, ctx):
        self.place = ctx.tenant.slug

    def show(self):
        return Tile(
            figures=(Figure(label=f"Rain in the {self.place}", value="7 mm", tone="warn"),)
        )


def registering(factory):
    def register_dashboard_tiles():
        return [factory]

    return plugin_module("weather", register_dashboard_tiles)


def test_register_dashboard_tiles(tenant_with):
    ctx = tenant_with(registering(Rain))
    ((plugin, key, factory),) = relay(ctx).factories(DASHBOARD_TILES)
    assert (plugin, key, factory.permission) == ("weather", "weather.rain", "documents.view")
    (figure,) = relay(ctx).dashboard_tile(key, ctx).show().figures
    assert (figure.label, figure.value, figure.tone) == ("Rain in the shop", "7 mm", "warn")
    plugins.disable(ctx, "weather")
    assert relay(operator_context("shop")).factories(DASHBOARD_TILES) == []


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ("sunny", "not Tile"),
        (Tile(figures=()), "0 figures"),
        (Tile(figures=("sunny",)), "Figure"),
        (Tile(figures=(Figure(label="Rain", value=7),)), "value is int"),
        (Tile(figures=(Figure(label="x", value="7", address="//evil.example"),)), "no path"),
        (Tile(figures=(Figure(label="x", value="7", address="javascript:x"),)), "no path"),
        (Tile(figures=(Figure(label="x", value="7", tone="loud"),)), "tone"),
    ],
)
def test_what_is_no_tile_is_not_shown(tenant_with, answer, complaint):
    class Careless(Rain):
        def show(self):
            return answer

    ctx = tenant_with(registering(Careless))
    with pytest.raises(PluginFailed, match=complaint):
        relay(ctx).dashboard_tile("weather.rain", ctx).show()


def test_a_slow_tile_is_named_and_not_waited_for(tenant_with):
    go_on = threading.Event()

    class Slow(Rain):
        def show(self):
            go_on.wait(10)

    ctx = tenant_with(registering(Slow))
    try:
        with pytest.raises(PluginFailed, match="weather"):
            relay(ctx).dashboard_tile("weather.rain", ctx).show()
    finally:
        go_on.set()
