"""Fair shares: nobody's long queue, and nobody's long work, keeps another tenant waiting."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import insert

from billhook.clock import SystemClock
from billhook.db import db, tenant_scope, transaction
from billhook.ids import new_id
from billhook.jobs import turns as turns_module
from billhook.jobs.drainer import drain
from billhook.jobs.turns import Turns, share
from billhook.models.work import DueWork
from billhook.sdk.context import Context
from billhook.testing.working import claim, enqueued, let_lapse, note, open_tenant

A_QUEUE = 50


@pytest.fixture
def crowd(ctx) -> list[Context]:
    """Open three tenants of which nothing is due yet."""
    found = [ctx, open_tenant("second"), open_tenant("third")]
    drain()
    return found


@pytest.fixture(autouse=True)
def _looks_before_each_round(monkeypatch):
    monkeypatch.setattr(turns_module, "LOOK", timedelta(0))


def fill(ctx: Context, count: int, *, late_by: timedelta = timedelta(0)) -> None:
    due_at = SystemClock().now() - late_by
    rows = [
        {"tenant_id": ctx.tenant.id, "batch_id": new_id(), "due_at": due_at, "fence": 0}
        for _ in range(count)
    ]
    with tenant_scope(None), transaction() as session:
        session.execute(insert(DueWork), rows)


def claimed_by(turns: Turns, count: int) -> list:
    found = [turns.claim() for _ in range(count)]
    return [lease.tenant_id for lease in found if lease is not None]


def test_in_each_round_every_tenant_that_waits_has_one_turn(crowd):
    for ctx in crowd:
        fill(ctx, 4)
    turns = Turns()
    for _round in range(4):
        assert set(claimed_by(turns, 3)) == {ctx.tenant.id for ctx in crowd}
    assert turns.claim() is None


def test_a_long_queue_keeps_another_tenant_waiting_for_one_job(crowd):
    first, second, _third = crowd
    fill(first, A_QUEUE, late_by=timedelta(hours=1))
    turns = Turns()
    assert set(claimed_by(turns, 5)) == {first.tenant.id}
    fill(second, 1)
    assert second.tenant.id in claimed_by(turns, 2)


def test_a_look_at_who_waits_is_good_for_a_while(crowd, monkeypatch):
    """So that a worker alone with one tenant does not ask for each batch whose turn it is."""
    monkeypatch.setattr(turns_module, "LOOK", timedelta(hours=1))
    first, second, _third = crowd
    fill(first, A_QUEUE)
    turns = Turns()
    claimed_by(turns, 1)
    fill(second, 1)
    assert claimed_by(turns, A_QUEUE) == [first.tenant.id] * (A_QUEUE - 1) + [second.tenant.id]


def test_workers_that_remember_nothing_are_fair_by_lot(crowd):
    """As processes are that RQ forks for a moment. Luck fails this once in 10^15 runs."""
    first, second, _third = crowd
    fill(first, A_QUEUE, late_by=timedelta(hours=1))
    fill(second, 1)
    tries = 0
    while claim_and_let_go() != second.tenant.id:
        tries += 1
        assert tries < A_QUEUE


def claim_and_let_go():
    lease = claim()
    let_lapse(lease)
    return lease.tenant_id


def test_of_one_tenant_the_longest_due_comes_first(ctx, handles):
    drain()
    for minutes in (1, 3, 2):
        fill(ctx, 1, late_by=timedelta(minutes=minutes))
    dues = [due_of(lease) for lease in iter(Turns().claim, None)]
    assert len(dues) == 3
    assert dues == sorted(dues)


def due_of(lease):
    db.session.rollback()
    return db.session.get(DueWork, (lease.tenant_id, lease.batch_id)).due_at


def test_long_work_of_one_tenant_leaves_workers_to_those_who_wait(crowd):
    """Four workers, two of which the first tenant's work keeps: the next go to the second."""
    first, second, _third = crowd
    fill(first, A_QUEUE)
    assert claimed_by(Turns(), 2) == [first.tenant.id] * 2
    fill(second, 5)
    assert [claim_and_let_go() for _ in range(5)] == [second.tenant.id] * 5


def test_a_tenant_alone_gets_every_worker(crowd):
    first, _second, _third = crowd
    fill(first, A_QUEUE)
    assert claimed_by(Turns(), 10) == [first.tenant.id] * 10


@pytest.mark.parametrize(
    ("held", "most"),
    [
        ((0, 0, 0), 1),
        ((1, 1, 1), 2),
        ((2, 0, 0), 1),
        ((2, 1, 0), 2),
        ((9, 0, 0), 4),
    ],
)
def test_a_share_leaves_somebody_to_go_on(held, most):
    waiting = [new_id() for _ in held]
    found = share(waiting, Counter(dict(zip(waiting, held, strict=True))))
    assert found == most
    assert min(held) < found


def test_work_is_claimed_across_tenants_without_a_tenant_in_scope(crowd, handles):
    handles("test.note", note)
    for ctx in crowd:
        enqueued(ctx)
    assert drain().count == 3
