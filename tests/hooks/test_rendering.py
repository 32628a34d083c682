"""Renderers that plugins register: what they make is there for tenants that enabled them."""

import pytest

from billhook.errors import PluginFailed, PluginUnavailable
from billhook.plugins.registries import RENDERERS
from billhook.plugins.runtime import relay
from billhook.sdk.providers import Rendered
from billhook.services import plugins
from billhook.services.contexts import operator_context
from billhook.testing.plugins import plugin_module


class Plain:
    key = "telex.plain"
    content_type = "text/plain"
    extension = "txt"

    def __init__(self, ctx):
        pass

    def render(self, pages):
        return [Rendered(content=page.upper().encode()) for page in pages]


def test_register_renderers(tenant_with):
    def register_renderers():
        return [Plain]

    ctx = tenant_with(plugin_module("telex", register_renderers))
    renderer = relay(ctx).renderer("telex.plain", ctx)
    assert [each.content for each in renderer.render(["one", "two"])] == [b"ONE", b"TWO"]
    plugins.disable(ctx, "telex")
    after = operator_context("shop")
    assert relay(after).keys(RENDERERS) == []
    with pytest.raises(PluginUnavailable, match="billhook plugin enable telex"):
        relay(after).renderer("telex.plain", after)


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ([], "0 answers"),
        ([Rendered(content="text")], "not bytes"),
        ([Rendered(content=b"")], "content is empty"),
    ],
)
def test_what_is_not_a_file_is_not_taken_for_one(tenant_with, answers, complaint):
    class Careless(Plain):
        def render(self, pages):
            return answers

    def register_renderers():
        return [Careless]

    ctx = tenant_with(plugin_module("telex", register_renderers))
    with pytest.raises(PluginFailed, match=complaint):
        relay(ctx).renderer("telex.plain", ctx).render(["one"])
