"""Plugins that fail in a bill run are named and fenced; everybody else is billed."""

import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from threading import Event

import pytest

from billhook.domain.states import ChargeState
from billhook.domain.tax import TaxAnswer, TaxComponent, TaxTreatment
from billhook.errors import Conflict, PeriodClosed, Retryable
from billhook.problems import Problem
from billhook.services import billing, charging, documents, ledgers, plugins
from billhook.testing.plugins import plugin_module

from .conftest import END, acting, make_charge, make_customer, opened

TEN = TaxTreatment(
    components=(TaxComponent(tax="VAT", country="GB", rate=Decimal(10)),), category="S"
)


def engine(misbehave):
    """Make a plugin whose tax engine lets `misbehave` look at each buyer's language."""

    class Engine:
        key = "bad.engine"
        is_remote = False

        def __init__(self, ctx):
            pass

        def assess(self, queries):
            answers = []
            for query in queries:
                if query.situation.language == "xx":
                    answers.append(misbehave(query))
                else:
                    answers.append(TaxAnswer(treatments=(TEN,) * len(query.lines)))
            return answers

    def register_tax_engines():
        return [Engine]

    return plugin_module("bad", register_tax_engines)


@contextmanager
def tenant_with(make_app, config, plugin, **settings):
    app = make_app(replace(config, **settings), plugins=[plugin])
    with app.app_context(), opened("shop", pack=(plugin.info.name,)) as ctx:
        for number in range(9):
            make_charge(ctx, make_customer(ctx, f"c{number}"))
        make_charge(ctx, make_customer(ctx, "poison", language="de"), "10")
        yield ctx


def poison(ctx):
    """Give the poisoned customer the language that the engine trips over."""
    from sqlalchemy import update

    from billhook.models.customers import Customer

    with ctx.transaction() as session:
        session.execute(
            update(Customer)
            .where(Customer.tenant_id == ctx.tenant.id, Customer.reference == "poison")
            .values(language="xx")
        )


def raises(query):
    raise RuntimeError("division by zero of the plugin")


def nonsense(query):
    return "no answer"


def too_short(query):
    return TaxAnswer(treatments=())


def outage(query):
    raise Retryable("The tax office is closed.")


@pytest.mark.parametrize(
    ("misbehave", "code", "billed"),
    [
        (raises, "plugin.failed", 9),
        (nonsense, "plugin.failed", 9),
        (too_short, "plugin.failed", 9),
        (outage, "provider.retryable", 0),  # an outage is nobody's fault: all wait for it
    ],
)
def test_a_bad_answer_parks_only_whom_it_is_about(make_app, config, misbehave, code, billed):
    with tenant_with(make_app, config, engine(misbehave)) as ctx:
        poison(ctx)
        result = billing.run(ctx, until=END, issue_on=END)
        parked = {item.customer: item for item in result.result.parked}
        assert len(documents.listing(ctx)) == billed
        assert len(parked) == 10 - billed
        assert parked["poison"].code == code
        if code == "plugin.failed":
            assert parked["poison"].plugin == "bad"
            assert "bad" in parked["poison"].reason


def test_a_hanging_plugin_ends_at_its_deadline_and_parks(make_app, config):
    ends = Event()

    def hangs(query):
        ends.wait(120)

    deadline = timedelta(seconds=0.3)
    with tenant_with(make_app, config, engine(hangs), plugin_deadline=deadline) as ctx:
        poison(ctx)
        began = time.monotonic()
        result = billing.run(ctx, until=END, issue_on=END)
        assert time.monotonic() - began < 4
        ends.set()
        assert {item.plugin for item in result.result.parked} == {"bad"}
        assert documents.listing(ctx) == []
        assert len(charging.listing(ctx)) == 10  # the session still works


def test_a_finding_of_a_plugin_parks_before_a_number_is_used(make_app, config):
    def register_tax_engines():
        return engine(raises).register_tax_engines()

    def document_problems(ctx, documents, stage):
        return [
            [Problem(code="bad.too_much", message="More than the plugin likes.")]
            if document.gross > 1500
            else []
            for document in documents
        ]

    plugin = plugin_module("bad", register_tax_engines, document_problems)
    with tenant_with(make_app, config, plugin) as ctx:
        make_charge(ctx, make_customer(ctx, "rich"), "100")
        result = billing.run(ctx, until=END, issue_on=END)
        assert [(p.customer, p.code) for p in result.result.parked] == [("rich", "bad.too_much")]
        numbers = sorted(entry.number for entry in documents.listing(ctx))
        assert numbers == [f"INV-2026-{n:05}" for n in range(1, 11)]


def test_what_changes_while_plugins_are_asked_is_read_again(make_app, config):
    held = []

    def register_tax_engines():
        return engine(raises).register_tax_engines()

    def document_problems(ctx, documents, stage):
        if not held:  # somebody holds a charge while the run computes
            (first,) = (line.charge_id for line in documents[0].lines)
            held.append(first)
            charging.hold(ctx, [first], reason="Wait")
        return [[] for _document in documents]

    plugin = plugin_module("bad", register_tax_engines, document_problems)
    with tenant_with(make_app, config, plugin) as ctx:
        result = billing.run(ctx, until=END, issue_on=END)
        assert result.result.currencies["GBP"].documents == 9
        assert [c.id for c in charging.listing(ctx, state=ChargeState.HELD)] == held


@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [
        (lambda ctx: ledgers.close(ctx, END), PeriodClosed),
        (lambda ctx: _issue_later(ctx), Conflict),
    ],
)
def test_books_that_move_on_while_a_run_computes_refuse_it_whole(
    make_app, config, meanwhile, refusal
):
    done = []

    def register_tax_engines():
        return engine(raises).register_tax_engines()

    def document_problems(ctx, documents, stage):
        if not done:
            done.append(True)
            meanwhile(ctx)
        return [[] for _document in documents]

    plugin = plugin_module("bad", register_tax_engines, document_problems)
    with tenant_with(make_app, config, plugin) as ctx:
        with pytest.raises(refusal):
            billing.run(ctx, until=END, issue_on=END)
        assert [d for d in documents.listing(ctx) if d.issue_on == END] == []
        assert len(charging.listing(ctx, state=ChargeState.OPEN)) == 10


def _issue_later(ctx):
    """Bill somebody else at a later date, in the middle of another run."""
    early = date(2026, 10, 1)
    make_charge(ctx, make_customer(ctx, "late"), "1", charged_on=early)
    billing.run(ctx, until=early, issue_on=date(2026, 11, 5))


def test_without_a_tax_engine_everybody_is_parked_and_old_documents_stay(shop, customer, charge):
    charge(customer("ann"))
    billing.run(shop, until=END, issue_on=END)
    plugins.disable(shop, "tax_rules")
    charge(customer("bob"))
    with acting("shop") as ctx:
        result = billing.run(ctx, until=END, issue_on=END)
        assert [p.customer for p in result.result.parked] == ["bob"]
        (entry,) = documents.listing(ctx)
        assert documents.get(ctx, entry.id).content["plugins"].keys() == {"tax_rules"}


def test_a_part_that_a_dead_worker_leased_is_taken_over(shop, customer, charge):
    from billhook.services import run_parts

    charge(customer("ann"))
    with shop.transaction():
        begun = run_parts.begin(shop, until=END, issue_on=END, mode=billing.RunMode.ISSUE)
    lease = run_parts.lease(shop, begun.id, timedelta(seconds=0.2))
    assert run_parts.lease(shop, begun.id, timedelta(seconds=1)) is None
    result = billing.resume(shop, begun.id)
    assert result.result.currencies["GBP"].documents == 1
    with shop.transaction():  # the dead one comes back too late
        assert not run_parts.end(shop, begun.id, lease, billing.PartResult())
