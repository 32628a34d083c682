"""Bill runs that are killed at random: no gap, nothing twice, nothing lost, finished without help."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from billhook import limits
from billhook.db import db
from billhook.domain.charges import Charge
from billhook.ids import new_id
from billhook.jobs.drainer import drain
from billhook.kernel import post
from billhook.models.charges import ChargeClaim, ChargeOpen, ChargeRow
from billhook.models.documents import DocumentLineRow
from billhook.models.runs import BillRun
from billhook.services import billing, charging, contexts, customers, run_parts, series_reports
from billhook.services.customers import CustomerInput
from billhook.services.verifying import verify
from billhook.testing.crashing import kill_at_random, wait_until, wanted_kills
from billhook.testing.members import open_tenant

DAY = date(2026, 10, 31)
CUSTOMERS = 60


@pytest.fixture
def crashing_app(make_app: Callable[..., Flask], config, monkeypatch) -> Iterator[Flask]:
    """An application with small parts and short leases, so that every kill hits something."""
    monkeypatch.setattr(limits, "DOCUMENTS_PER_CHUNK", 6)
    monkeypatch.setattr(billing, "_CONTINUE_AFTER", timedelta(seconds=0.2))
    app = make_app(replace(config, lease=timedelta(seconds=0.3)))
    with app.app_context():
        open_tenant("shop")
        ctx = contexts.operator_context("shop")
        with ctx.acting():
            for number in range(CUSTOMERS):
                given = CustomerInput(
                    reference=f"c{number:03}", name="Customer", country="GB", currency="GBP"
                )
                customers.save(ctx, given)
        yield app


def acting(act):
    db.session.rollback()  # look anew
    ctx = contexts.operator_context("shop")
    with ctx.acting():
        return act(ctx)


def add_charges(_round: int) -> None:
    """Let every customer owe something more."""

    def add(ctx):
        ids = [customer.id for customer in customers.listing(ctx)]
        charging.add(
            ctx,
            [
                Charge(
                    id=new_id(),
                    source="crash",
                    reference=new_id().hex,
                    customer_id=customer_id,
                    payer_id=customer_id,
                    currency="GBP",
                    charged_on=DAY,
                    description="Work",
                    unit_price=Decimal(price),
                )
                for customer_id in ids
                for price in ("9.99", "-0.50")
            ],
        )

    acting(add)


def bill() -> None:
    ctx = contexts.operator_context("shop")
    with ctx.acting():
        billing.run(ctx, until=DAY, issue_on=DAY)


def unfinished(_ctx) -> int:
    """Count the runs that nobody has ended."""
    query = select(func.count()).select_from(BillRun).where(BillRun.finished_at.is_(None))
    return db.session.scalar(query) or 0


def counts(ctx) -> dict[str, int]:
    def count(row, *conditions):
        return db.session.scalar(select(func.count()).select_from(row).where(*conditions))

    return {
        "charges": count(ChargeRow),
        "waiting": count(ChargeOpen),
        "claims": count(ChargeClaim),
        "billed lines": count(DocumentLineRow, DocumentLineRow.charge_id.is_not(None)),
    }


def test_killed_runs_bill_everything_once_and_end_without_help(crashing_app):
    kill_at_random(
        crashing_app,
        bill,
        kills=wanted_kills(),
        within=0.4,
        feed=add_charges,
        workers=2,
    )
    wait_until(lambda: acting(unfinished) == 0, act=drain)
    bill()  # what came in last may have been killed before its run began
    found = acting(counts)
    assert found["waiting"] == 0
    assert found["charges"] == found["claims"] == found["billed lines"] > 0
    assert all(report.missing == 0 for report in acting(series_reports.report))
    verdict = acting(verify)
    assert verdict.is_whole, [result for result in verdict.checks if result.checked.broken]


def test_the_check_sees_what_a_missing_guard_leaves(crashing_app, monkeypatch):
    """The control: charges are taken and billed in two transactions, as they must not be."""

    def in_two(ctx, found, lease, part):
        with ctx.transaction():
            charging.take(ctx, part.charge_ids)
        with ctx.transaction() as session:
            if run_parts.end(ctx, found.id, lease, part.result) and part.prepared:
                post(session, part.prepared)

    monkeypatch.setattr(billing, "_commit", in_two)
    for _attempt in range(5):
        kill_at_random(
            crashing_app,
            bill,
            kills=10,
            within=0.4,
            feed=add_charges,
            workers=2,
        )
        found = acting(counts)
        if found["charges"] != found["waiting"] + found["claims"]:
            return
    pytest.fail("Charges were taken without being billed, and nobody saw it.")
