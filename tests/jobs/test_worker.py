"""Production: RQ carries due work to its workers, and what Redis loses is carried again."""

import os
import random
import signal
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq.job import Job
from sqlalchemy import select

from billhook.clock import SystemClock
from billhook.db import db
from billhook.jobs import dispatch as dispatching
from billhook.jobs import worker
from billhook.jobs.dispatch import dispatch, queue_in, run_outbox
from billhook.jobs.drainer import drain
from billhook.models.audit import Audit
from billhook.models.work import DueWork
from billhook.plugins.runtime import runtime
from billhook.services import outbox
from billhook.testing.crashing import (
    descendants,
    finish,
    forked,
    kill,
    kill_one,
    wait_until,
)
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

pytestmark = pytest.mark.redis


@pytest.fixture
def config(config, redis_url):
    return replace(config, redis_url=redis_url, lease=timedelta(seconds=1))


@pytest.fixture
def redis(redis_url):
    with Redis.from_url(redis_url) as connection:
        yield connection


@pytest.fixture
def ctx(app):
    ctx = open_tenant()
    drain()  # what the schedule of a new tenant asks for
    return ctx


def waiting_in(redis) -> int:
    return queue_in(redis).count


# The dispatcher


def test_what_is_due_is_shown_to_rq_once(ctx, redis):
    enqueued(ctx)
    enqueued(ctx, due_at=ctx.now() + timedelta(hours=1))
    assert dispatch(redis) == 1
    assert dispatch(redis) == 0
    assert waiting_in(redis) == 1


def test_what_redis_lost_is_shown_again(ctx, redis):
    enqueued(ctx)
    dispatch(redis)
    redis.flushdb()
    assert dispatch(redis) == 1


def test_what_a_worker_holds_is_not_shown(ctx, redis):
    enqueued(ctx)
    claim()
    assert dispatch(redis) == 0


def test_what_a_dead_worker_held_is_shown_again_though_rq_calls_it_started(ctx, redis):
    """RQ keeps a job "started" for good when worker and work-horse die together."""
    enqueued(ctx)
    dispatch(redis)
    (job_id,) = queue_in(redis).job_ids
    redis.delete(queue_in(redis).key)  # as if a worker had taken it off the queue
    assert Job.exists(job_id, connection=redis)
    let_lapse(claim())
    assert dispatch(redis) == 1


def test_what_rq_sits_on_is_shown_again_after_a_while(ctx, redis, monkeypatch):
    work_id = enqueued(ctx)
    dispatch(redis)
    redis.delete(queue_in(redis).key)
    assert dispatch(redis) == 0
    monkeypatch.setattr(dispatching, "FORGOTTEN_AFTER", timedelta(milliseconds=500))
    make_due(work_row(ctx, work_id))
    assert dispatch(redis) == 1


def test_rq_is_shown_a_window_of_a_long_queue(ctx, redis, monkeypatch):
    monkeypatch.setattr(dispatching, "WINDOW", 3)
    for _ in range(5):
        enqueued(ctx)
    assert dispatch(redis) == 3
    assert dispatch(redis) == 0
    assert waiting_in(redis) == 3


def test_a_call_does_what_is_due_once(ctx, handles):
    handles("test.note", note)
    fill(ctx, 3)
    for _ in range(2):
        run_outbox()
    assert sorted(notes(ctx)) == ["0", "1", "2"]


def test_a_call_ends_after_a_moment_though_work_is_left(ctx, handles, monkeypatch):
    monkeypatch.setattr(dispatching, "MOMENT", timedelta(0))
    handles("test.note", note)
    fill(ctx, 3)
    run_outbox()
    assert notes(ctx) == ["0"]


def test_a_call_leaves_what_another_worker_holds(ctx, handles):
    handles("test.note", note)
    enqueued(ctx)
    claim()
    run_outbox()
    assert notes(ctx) == []


# The worker as a whole


@pytest.fixture
def _impatient(monkeypatch):
    """Give up soon on what RQ sits on: a kill can fall between its queue and our lease."""
    monkeypatch.setattr(dispatching, "FORGOTTEN_AFTER", timedelta(seconds=3))


@contextmanager
def working(app, processes: int = 1):
    """Run `billhook worker` beside the test."""
    running = forked(app, lambda: worker.work(app, processes))
    try:
        yield running
    finally:
        for process in descendants(running):  # RQ's work-horses lead groups of their own
            kill_one(process)
        kill(running)


def fill(ctx, count: int, start: int = 0) -> None:
    with ctx.acting(), ctx.transaction():
        for number in range(start, start + count):
            outbox.enqueue(ctx, "test.note", {"of": str(number)})


def slow_note(ctx, payload) -> None:
    note(ctx, payload)
    time.sleep(0.02)


def moments_of_notes(ctx) -> list[datetime]:
    with ctx.acting():
        return list(
            db.session.scalars(select(Audit.happened_at).where(Audit.action == "test.noted"))
        )


def assert_all_were_done_once(ctx, count: int) -> None:
    wait_until(lambda: due_count() == 0, seconds=120)
    assert sorted(notes(ctx), key=int) == [str(number) for number in range(count)]


@pytest.mark.slow
def test_work_is_done_once_by_several_workers(app, ctx, handles):
    handles("test.note", note)
    fill(ctx, 40)
    with working(app), working(app):
        assert_all_were_done_once(ctx, 40)


@pytest.mark.slow
def test_processes_of_one_worker_do_each_their_own_work(app, ctx, handles):
    def tell(ctx, payload) -> None:
        note(ctx, {"of": str(os.getppid())})
        time.sleep(0.2)

    handles("test.note", tell)
    for _ in range(12):
        enqueued(ctx)
    with working(app, processes=3):
        wait_until(lambda: due_count() == 0)
    assert len(notes(ctx)) == 12
    assert len(set(notes(ctx))) == 3


@pytest.mark.slow
def test_a_long_queue_of_one_tenant_keeps_no_other_waiting(
    app, ctx, handles, monkeypatch, tmp_path
):
    """Though every call that Redis holds was made for the first tenant's jobs."""
    other_has_work = tmp_path / "other_has_work"

    def note_and_wait(ctx, payload) -> None:
        if payload["of"] == "2":
            wait_until(other_has_work.exists)
        note(ctx, payload)

    monkeypatch.setattr(dispatching, "MOMENT", timedelta(0))
    handles("test.note", note_and_wait)
    other = open_tenant("other")
    drain()
    fill(ctx, 40)
    with working(app):
        wait_until(lambda: len(notes(ctx)) >= 2)
        fill(other, 1)
        other_has_work.touch()
        assert_all_were_done_once(ctx, 40)
    [theirs] = moments_of_notes(other)
    assert sum(moment < theirs for moment in moments_of_notes(ctx)) < 30


@pytest.mark.slow
def test_a_job_that_fails_is_tried_again_and_shows_why(app, ctx, handles):
    def fail(ctx, payload) -> None:
        raise ValueError("no paper")

    handles("test.fail", fail)
    work_id = enqueued(ctx, "test.fail")
    with working(app):
        wait_until(lambda: work_row(ctx, work_id).attempts == 1)
    row = work_row(ctx, work_id)
    assert (row.state, row.last_error) == ("waiting", "ValueError: no paper")


@pytest.mark.slow
def test_a_job_that_hangs_is_stopped_and_keeps_nobody_else_waiting(app, ctx, handles):
    def hang(ctx, payload) -> None:
        time.sleep(60)

    handles("test.hang", hang, deadline=timedelta(milliseconds=300))
    handles("test.note", note)
    hung = enqueued(ctx, "test.hang")
    fill(ctx, 3)
    with working(app):
        wait_until(lambda: len(notes(ctx)) == 3)
        wait_until(lambda: work_row(ctx, hung).attempts == 1)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_to_stop_finishes_the_job_in_hand(app, ctx, handles, number):
    def slow(ctx, payload) -> None:
        redis_says("begun")
        time.sleep(1.5)
        note(ctx, payload)

    def redis_says(word: str) -> None:
        with Redis.from_url(runtime().config.redis_url) as connection:
            connection.set("test", word)

    def has_begun() -> bool:
        with Redis.from_url(runtime().config.redis_url) as connection:
            return connection.get("test") == b"begun"

    handles("test.note", slow)
    enqueued(ctx)
    running = forked(app, lambda: worker.work(app))
    wait_until(has_begun)
    children = descendants(running)
    os.killpg(running, number)  # as a terminal does: to the whole group
    assert finish(running) == 0
    assert notes(ctx) == ["it"]
    assert not any(Path(f"/proc/{child}").exists() for child in children)


@pytest.mark.slow
def test_a_tenant_without_a_schedule_gets_one_from_the_worker(app, handles):
    fresh = open_tenant()
    with working(app):
        wait_until(lambda: schedule_of(fresh) > SystemClock().now())


def schedule_of(ctx) -> datetime:
    db.session.rollback()
    never = datetime(2000, 1, 1, tzinfo=UTC)
    wanted = select(DueWork.due_at).where(DueWork.batch_id == ctx.tenant.id)
    return db.session.scalar(wanted) or never


@pytest.mark.slow
def test_nothing_is_lost_when_redis_forgets_everything(app, ctx, handles, redis):
    handles("test.note", slow_note)
    fill(ctx, 45)
    with working(app):
        for done in (5, 15, 30):
            wait_until(lambda done=done: len(notes(ctx)) >= done)
            redis.flushdb()
        assert_all_were_done_once(ctx, 45)


@pytest.mark.slow
@pytest.mark.usefixtures("_impatient")
def test_nothing_is_lost_when_processes_of_the_worker_are_killed(app, ctx, handles):
    """Any of them: the supervisor's children, and the processes that RQ forks for jobs."""
    handles("test.note", slow_note)
    count = 0
    with working(app) as running:
        for _ in range(6):
            fill(ctx, 8, start=count)
            count += 8
            wait_until(lambda: len(descendants(running)) >= 2)
            time.sleep(random.uniform(0, 0.3))
            victims = descendants(running)
            if victims:
                kill_one(random.choice(victims))
        assert_all_were_done_once(ctx, count)
