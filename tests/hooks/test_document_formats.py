"""E-invoice formats that plugins register: what they write is there for tenants that enabled them."""

import pytest

from billhook.errors import PluginFailed, PluginUnavailable
from billhook.plugins.registries import DOCUMENT_FORMATS
from billhook.plugins.runtime import relay
from billhook.problems import Problem
from billhook.sdk.providers import Verdict, Written
from billhook.services import plugins
from billhook.services.contexts import operator_context
from billhook.testing.plugins import plugin_module

FINDING = Problem(code="telex.line_missing", path="BG-25", message="There is no line.")


class Telex:
    key = "telex.plain"
    content_type = "text/plain"
    extension = "txt"

    def __init__(self, ctx):
        pass

    def write(self, publications):
        verdict = Verdict(rules="Telex 1.0", findings=(FINDING,))
        return [Written(content=one.upper().encode(), verdict=verdict) for one in publications]


def test_register_document_formats(tenant_with):
    def register_document_formats():
        return [Telex]

    ctx = tenant_with(plugin_module("telex", register_document_formats))
    form = relay(ctx).document_format("telex.plain", ctx)
    assert (form.key, form.content_type, form.extension) == ("telex.plain", "text/plain", "txt")
    written = form.write(["one", "two"])
    assert [each.content for each in written] == [b"ONE", b"TWO"]
    assert written[0].verdict.findings == (FINDING,)
    plugins.disable(ctx, "telex")
    after = operator_context("shop")
    assert relay(after).keys(DOCUMENT_FORMATS) == []
    with pytest.raises(PluginUnavailable, match="billhook plugin enable telex"):
        relay(after).document_format("telex.plain", after)


PASSED = Verdict(rules="Telex 1.0")


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ([], "0 answers"),
        ([Written(content="text", verdict=PASSED)], "not bytes"),
        ([Written(content=b"", verdict=PASSED)], "content is empty"),
        ([Written(content=b"x", verdict="fine")], "not Verdict"),
        (
            [Written(content=b"x", verdict=Verdict(rules="", findings=("wrong",)))],
            r"findings|Problem",
        ),
    ],
)
def test_what_is_no_file_with_a_verdict_is_not_taken_for_one(tenant_with, answers, complaint):
    class Careless(Telex):
        def write(self, publications):
            return answers

    def register_document_formats():
        return [Careless]

    ctx = tenant_with(plugin_module("telex", register_document_formats))
    with pytest.raises(PluginFailed, match=complaint):
        relay(ctx).document_format("telex.plain", ctx).write(["one"])


def test_a_format_that_fails_is_named_and_writes_nothing(tenant_with):
    class Broken(Telex):
        def write(self, publications):
            raise ZeroDivisionError("no paper")

    def register_document_formats():
        return [Broken]

    ctx = tenant_with(plugin_module("telex", register_document_formats))
    with pytest.raises(PluginFailed, match=r"telex.*no paper"):
        relay(ctx).document_format("telex.plain", ctx).write(["one"])
