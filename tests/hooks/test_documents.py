"""Plugins are asked about documents before a number is used."""

import pytest

from billhook.errors import PluginFailed
from billhook.plugins.runtime import relay
from billhook.problems import Problem
from billhook.services import plugins
from billhook.services.contexts import operator_context
from billhook.testing.plugins import plugin_module

FINDING = Problem(code="fax.number_missing", message="The buyer has no fax number.")


def asked(ctx, documents):
    return relay(ctx).call("document_problems", ctx=ctx, documents=documents, stage="issue")


def test_document_problems(tenant_with):
    def document_problems(ctx, documents, stage):
        return [[FINDING] if document == "bad" else [] for document in documents]

    ctx = tenant_with(plugin_module("fax", document_problems))
    assert asked(ctx, ["good", "bad"]) == [("fax", [[], [FINDING]])]
    plugins.disable(ctx, "fax")
    assert asked(operator_context("shop"), ["bad"]) == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([[]], "1 answers for 2 documents"),
        ([[], [], []], "3 answers for 2 documents"),
        ([[], ["late"]], r"the answer\[1\]\[0\] is str, not Problem"),
        ([[], None], r"the answer\[1\] is NoneType"),
        ("no", "the answer is str"),
        (iter([[], []]), "the answer is list_iterator"),
    ],
)
def test_an_answer_that_breaks_the_contract_is_refused_with_its_place(tenant_with, answer, reason):
    def document_problems(ctx, documents, stage):
        return answer

    ctx = tenant_with(plugin_module("fax", document_problems))
    with pytest.raises(PluginFailed, match=f"“fax” failed: document_problems: {reason}"):
        asked(ctx, ["one", "two"])


def test_a_plugin_implements_what_it_needs_of_the_arguments(tenant_with):
    def document_problems(documents):
        return [[] for _document in documents]

    ctx = tenant_with(plugin_module("fax", document_problems))
    assert asked(ctx, ["one"]) == [("fax", [[]])]
