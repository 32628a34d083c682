"""Draining: every piece of work is done once, or people see why not."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from billhook import limits
from billhook.clock import SystemClock
from billhook.db import db
from billhook.domain.events import PluginDisabled, PluginEnabled
from billhook.errors import Rejected, Retryable
from billhook.jobs import leases
from billhook.jobs.drainer import WAITS, Drained, Ending, drain, run
from billhook.jobs.subscribing import Announced, fan_out
from billhook.models.work import DueWork
from billhook.plugins.runtime import EXTENSION
from billhook.problems import Problem
from billhook.services import outbox
from billhook.testing.working import (
    claim,
    due_count,
    enqueued,
    let_lapse,
    make_due,
    note,
    notes,
    open_tenant,
    work_row,
)


class Bug(Exception):
    pass


@pytest.fixture(autouse=True)
def _no_schedules(ctx):
    """Let nothing be due but what the test makes due."""
    drain()


def raising(error: BaseException):
    def work(ctx, payload):
        note(ctx, payload)
        raise error

    return work


def test_a_job_is_done_once_and_remembered(ctx, handles):
    handles("test.note", note)
    work_id = enqueued(ctx, payload={"of": "one"})
    assert drain() == Drained(count=1, failed=0)
    assert drain() == Drained(count=0, failed=0)
    assert notes(ctx) == ["one"]
    assert work_row(ctx, work_id).state == "done"
    assert due_count() == 0


def test_the_longest_due_comes_first_and_a_limit_is_kept(ctx, handles):
    handles("test.note", note)
    later = ctx.now() - timedelta(minutes=1)
    enqueued(ctx, payload={"of": "second"}, due_at=later)
    enqueued(ctx, payload={"of": "first"}, due_at=later - timedelta(minutes=1))
    assert drain(1).count == 1
    assert notes(ctx) == ["first"]
    drain()
    assert notes(ctx) == ["first", "second"]


def test_work_that_is_not_due_waits(ctx, handles):
    handles("test.note", note)
    enqueued(ctx, due_at=ctx.now() + timedelta(minutes=1))
    assert drain().count == 0


def test_a_job_runs_inside_its_own_tenant(ctx, handles):
    handles("test.note", note)
    other = open_tenant("other")
    enqueued(other, payload={"of": "other"})
    enqueued(ctx, payload={"of": "mine"})
    drain()
    assert (notes(ctx), notes(other)) == (["mine"], ["other"])


def test_a_failed_job_leaves_no_effect_and_waits(ctx, handles):
    handles("test.note", raising(Bug("no paper")))
    work_id = enqueued(ctx)
    before = SystemClock().now()
    assert drain() == Drained(count=1, failed=1)
    after = SystemClock().now()
    row = work_row(ctx, work_id)
    assert (row.state, row.attempts, row.last_error) == ("waiting", 1, "Bug: no paper")
    assert notes(ctx) == []
    (shown,) = [work for work in outbox.listing(ctx, state="waiting") if work.id == work_id]
    assert before + WAITS[0] <= shown.due_at <= after + WAITS[0] * 1.1


def test_each_failure_waits_longer_until_the_last_is_dead(ctx, handles):
    assert len(WAITS) == limits.JOB_ATTEMPTS - 1
    assert list(WAITS) == sorted(WAITS)
    handles("test.note", raising(Bug("no paper")))
    work_id = enqueued(ctx)
    for attempt in range(1, limits.JOB_ATTEMPTS + 1):
        assert drain().failed == 1
        row = work_row(ctx, work_id)
        assert row.attempts == attempt
        assert row.state == ("dead" if attempt == limits.JOB_ATTEMPTS else "waiting")
        make_due(row)
    assert drain().count == 0
    assert due_count() == 0


def test_a_provider_says_when_to_try_again(ctx, handles):
    handles("test.note", raising(Retryable("Busy.", after=timedelta(hours=3))))
    work_id = enqueued(ctx)
    drain()
    (shown,) = [work for work in outbox.listing(ctx) if work.id == work_id]
    wait = shown.due_at - SystemClock().now()
    assert timedelta(hours=2, minutes=59) < wait <= timedelta(hours=3)
    assert shown.last_error == "Busy."


def test_what_is_refused_for_good_is_not_tried_again(ctx, handles):
    problem = Problem(code="fax.number_missing", message="Give the customer a fax number.")
    handles("test.note", raising(Rejected([problem])))
    work_id = enqueued(ctx)
    drain()
    row = work_row(ctx, work_id)
    assert (row.state, row.last_error) == ("dead", "Give the customer a fax number.")


def test_the_job_of_a_plugin_that_is_off_is_dead_with_the_reason(ctx, handles):
    handles("fax.send", note)
    work_id = enqueued(ctx, "fax.send", plugin="fax")
    drain()
    row = work_row(ctx, work_id)
    assert row.state == "dead"
    assert "fax" in row.last_error
    assert notes(ctx) == []


def test_failing_work_stops_no_other(ctx, handles):
    handles("test.note", note)
    handles("test.fail", raising(Bug("no paper")))
    for name in ("test.fail", "test.note", "test.fail", "test.note"):
        enqueued(ctx, name)
    assert drain() == Drained(count=4, failed=2)
    assert len(notes(ctx)) == 2


# Leases


def test_what_one_worker_holds_no_other_gets(ctx):
    enqueued(ctx)
    assert claim() is not None
    assert claim() is None


def test_a_lease_that_lapsed_is_taken_over(ctx):
    enqueued(ctx)
    first = claim()
    let_lapse(first)
    second = claim()
    assert second.batch_id == first.batch_id
    assert second.fence == first.fence + 1


@pytest.mark.parametrize("own_transactions", [False, True])
def test_a_worker_that_was_given_up_finishes_nothing(ctx, handles, own_transactions):
    """The slow one has no effect: its transaction ends with the fence of another."""
    handles("test.note", note if not own_transactions else noting_alone)
    enqueued(ctx)
    slow = claim()
    let_lapse(slow)
    assert run(claim()) is Ending.DONE
    assert run(slow) is Ending.LOST
    assert notes(ctx) == ["it"]


def noting_alone(ctx, payload):
    """Note unless it was noted: what a handler with transactions of its own must be."""
    with ctx.transaction():
        if not notes(ctx):
            note(ctx, payload)


def test_a_failure_of_a_worker_that_was_given_up_is_not_recorded(ctx, handles):
    handles("test.note", raising(Bug("no paper")))
    work_id = enqueued(ctx)
    slow = claim()
    let_lapse(slow)
    fresh = claim()
    assert run(slow) is Ending.LOST
    assert work_row(ctx, work_id).attempts == 0
    assert run(fresh) is Ending.FAILED


def test_a_lease_lost_in_the_middle_of_a_job_undoes_the_job(ctx, handles):
    """As on PostgreSQL, where another worker can take over while this one still works."""

    def overtaken(ctx, payload):
        note(ctx, payload)
        db.session.execute(
            update(DueWork)
            .where(DueWork.batch_id == lease.batch_id)
            .values(fence=DueWork.fence + 1)
        )

    handles("test.note", overtaken)
    enqueued(ctx)
    lease = claim()
    assert run(lease) is Ending.LOST
    assert notes(ctx) == []


def test_workers_side_by_side_do_each_job_once(app, ctx, handles):
    handles("test.note", note)
    for number in range(40):
        enqueued(ctx, payload={"of": str(number)})

    def work() -> None:
        with app.app_context():
            drain()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drain()
    assert sorted(notes(ctx), key=int) == [str(number) for number in range(40)]


@pytest.mark.parametrize("own_transactions", [False, True])
def test_a_worker_that_lives_keeps_its_lease(
    app, ctx, handles, backend, monkeypatch, own_transactions
):
    if backend == "sqlite" and not own_transactions:
        pytest.skip("the job's transaction holds the only write lock: nobody else can claim")
    length = timedelta(milliseconds=300)
    runtime = app.extensions[EXTENSION]
    short = replace(runtime, config=replace(runtime.config, lease=length))
    monkeypatch.setitem(app.extensions, EXTENSION, short)
    stolen = []

    def slow(ctx, payload):
        note(ctx, payload) if not own_transactions else None
        ends = time.monotonic() + 3 * length.total_seconds()
        while time.monotonic() < ends and not stolen:
            thread = threading.Thread(target=steal)
            thread.start()
            thread.join()

    def steal() -> None:
        with app.app_context():
            if free_to_claim():
                stolen.append(True)

    handles("test.note", slow, own_transactions=own_transactions)
    enqueued(ctx)
    assert drain() == Drained(count=1, failed=0)
    assert not stolen


def free_to_claim() -> bool:
    found = db.session.execute(
        select(DueWork.batch_id).where(*leases.free(SystemClock().now()))
    ).first()
    db.session.rollback()
    return found is not None


def test_work_past_its_deadline_is_stopped_and_said(ctx, handles):
    def endless(ctx, payload):
        note(ctx, payload)
        while True:
            pass

    handles("test.note", endless, deadline=timedelta(milliseconds=100))
    work_id = enqueued(ctx)
    assert drain().failed == 1
    assert "longer" in work_row(ctx, work_id).last_error
    assert notes(ctx) == []


def test_a_job_that_swallows_every_error_is_stopped_all_the_same(ctx, handles):
    def stubborn(ctx, payload):
        while True:
            try:
                time.sleep(1)
            except Exception:
                continue

    handles("test.note", stubborn, deadline=timedelta(milliseconds=100))
    enqueued(ctx)
    assert drain().failed == 1


def test_a_job_over_which_workers_keep_dying_is_given_up(ctx, handles):
    handles("test.note", note)
    work_id = enqueued(ctx)
    for _death in range(limits.JOB_CRASHES):
        let_lapse(claim())
    drain()
    row = work_row(ctx, work_id)
    assert row.state == "dead"
    assert str(limits.JOB_CRASHES) in row.last_error
    outbox.retry(ctx, work_id)
    assert drain() == Drained(count=1, failed=0)


def test_work_of_many_transactions_is_resumed_however_often_workers_die(ctx, handles):
    handles("test.note", noting_alone, own_transactions=True)
    enqueued(ctx)
    for _death in range(limits.JOB_CRASHES + 1):
        let_lapse(claim())
    assert drain() == Drained(count=1, failed=0)


# Events


def test_an_event_that_nobody_wants_is_done(ctx):
    with ctx.transaction():
        outbox.publish(ctx, PluginEnabled(plugin="fax"))
    assert drain() == Drained(count=1, failed=0)
    assert due_count() == 0


def test_an_event_becomes_one_job_for_each_subscriber(ctx, handles):
    told = []
    for who in ("first", "second"):
        handles(
            f"test.{who}",
            lambda ctx, payload, who=who: told.append((who, payload)),
            on=("plugin.enabled", "plugin.disabled"),
        )
    handles("test.third", note, on=("document.issued",))
    with ctx.transaction():
        outbox.publish(ctx, PluginEnabled(plugin="fax"))
        outbox.publish(ctx, PluginDisabled(plugin="fax"))
    assert drain() == Drained(count=5, failed=0)
    assert sorted((who, payload["event"]) for who, payload in told) == [
        ("first", "plugin.disabled"),
        ("first", "plugin.enabled"),
        ("second", "plugin.disabled"),
        ("second", "plugin.enabled"),
    ]
    assert all(payload["plugin"] == "fax" for _who, payload in told)
    assert notes(ctx) == []


def announced(ctx) -> list[Announced]:
    return [
        Announced(id=work.id, batch_id=work.id, name=work.name, payload={})
        for work in outbox.listing(ctx)
        if work.kind == "event"
    ]


def test_an_event_that_is_fanned_out_twice_makes_no_second_job(ctx, handles):
    handles("test.it", note, on=("plugin.enabled",))
    with ctx.transaction():
        outbox.publish(ctx, PluginEnabled(plugin="fax"))
    for _ in range(2):
        with ctx.transaction():
            fan_out(ctx, announced(ctx))
    drain()
    assert [work.name for work in outbox.listing(ctx) if work.kind == "job"] == ["test.it"]
    assert notes(ctx) == ["it"]


def test_a_batch_of_many_events_is_fanned_out_in_few_statements(ctx, handles):
    """As a bill run writes them: statements grow with the batches, not with the events."""
    handles("test.it", note, on=("plugin.enabled",))
    counts = []
    for count in (10, 100):
        with ctx.transaction():
            for number in range(count):
                outbox.publish(ctx, PluginEnabled(plugin=f"p{number}"))
        with statements() as sent:
            assert run(claim()) is Ending.DONE
        counts.append(len(sent))
        assert drain() == Drained(count=count, failed=0)
    few, many = counts
    assert many == few
    assert len(notes(ctx)) == 110


@contextmanager
def statements() -> Iterator[list[str]]:
    sent: list[str] = []

    def keep(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", keep)
