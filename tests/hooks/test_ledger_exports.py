"""Ledger exports that plugins register: the journal's days in the format of an accountant's program."""

from datetime import date

import pytest

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.errors import PluginFailed, PluginUnavailable, ValidationFailed
from billhook.problems import Problem, Severity
from billhook.sdk.providers import LedgerFile
from billhook.services import audit, billing, handing_over, plugins
from billhook.services.contexts import operator_context
from billhook.testing.plugins import plugin_module
from billhook.testing.shops import END, make_charge, make_customer

SINCE, UNTIL = date(2026, 10, 1), END


class Abacus:
    key = "abacus.beads"
    title = "Abacus"

    def __init__(self, ctx):
        pass

    def write(self, period, entries):
        rows = [
            f"{entry.number} {line.account} {line.amount}"
            for entry in entries
            for line in entry.lines
        ]
        return LedgerFile(
            name=f"{period.since}.txt", content_type="text/plain", content="\n".join(rows).encode()
        )


def registering(factory):
    def register_ledger_exports():
        return [factory]

    return plugin_module("abacus", register_ledger_exports)


@pytest.fixture
def abacus(tenant_with):
    """Return a way to open a shop whose one invoice is posted, with the plugin on."""

    def open_with(factory=Abacus):
        ctx = tenant_with(registering(factory), pricing_standard, tax_rules)
        make_charge(ctx, make_customer(ctx, "ann"), "10")
        billing.run(ctx, until=END, issue_on=END)
        return ctx

    return open_with


def test_register_ledger_exports(abacus):
    ctx = abacus()
    (way,) = handing_over.ways(ctx)
    assert (way.key, way.title, way.plugin) == ("abacus.beads", "Abacus", "abacus")
    file = handing_over.export(ctx, "abacus.beads", SINCE, UNTIL)
    assert file.name == "2026-10-01.txt"
    assert file.content.decode().splitlines() == [
        "INV-2026-00001 1200 1200",
        "INV-2026-00001 4000 -1000",
        "INV-2026-00001 2200 -200",
    ]
    (act,) = audit.listing(ctx, action="export.finished")
    assert (act.details["kind"], act.details["rows"]) == ("abacus.beads", "1")
    plugins.disable(ctx, "abacus")
    after = operator_context("shop")
    assert handing_over.ways(after) == []
    with pytest.raises(PluginUnavailable):
        handing_over.export(after, "abacus.beads", SINCE, UNTIL)


def test_days_without_entries_are_an_empty_file_and_not_those_of_other_days(abacus):
    ctx = abacus()
    file = handing_over.export(ctx, "abacus.beads", date(2026, 9, 1), date(2026, 9, 30))
    assert file.content == b""


def test_what_the_format_cannot_express_keeps_the_file_back(abacus):
    class Unsure(Abacus):
        def write(self, period, entries):
            problem = Problem(code="abacus.no_account", path="mapping", message="No account.")
            return LedgerFile(name="x", content_type="x", content=b"", problems=(problem,))

    with pytest.raises(ValidationFailed) as caught:
        handing_over.export(abacus(Unsure), "abacus.beads", SINCE, UNTIL)
    assert [one.code for one in caught.value.problems] == ["abacus.no_account"]


def test_a_warning_goes_with_the_file(abacus):
    class Careful(Abacus):
        def write(self, period, entries):
            problem = Problem(code="abacus.x", message="Look.", severity=Severity.WARNING)
            return LedgerFile(name="x", content_type="x", content=b"1", problems=(problem,))

    file = handing_over.export(abacus(Careful), "abacus.beads", SINCE, UNTIL)
    assert [one.message for one in file.problems] == ["Look."]


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ("text", "not LedgerFile"),
        (LedgerFile(name="x", content_type="x", content="text"), "not bytes"),
        (LedgerFile(name="x", content_type="x", content=b"", problems=("wrong",)), "Problem"),
    ],
)
def test_what_is_no_file_is_not_handed_over(abacus, answer, complaint):
    class Careless(Abacus):
        def write(self, period, entries):
            return answer

    with pytest.raises(PluginFailed, match=complaint):
        handing_over.export(abacus(Careless), "abacus.beads", SINCE, UNTIL)
