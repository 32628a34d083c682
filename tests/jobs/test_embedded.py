"""Draining beside the pages: at once, in a thread, and past whatever plugins do."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from billhook.db import db
from billhook.jobs import embedded, horses
from billhook.jobs.embedded import ROUND, EmbeddedDrainer
from billhook.testing.crashing import wait_until
from billhook.testing.working import due_count, enqueued, note, notes, work_row

IN_TIME = ROUND.total_seconds() - 1
"""Sooner than the drainer would have looked by itself."""


@pytest.fixture
def start(app, ctx):
    """Return how to start a drainer, which knows the handlers that the test brought so far."""
    started = []

    def start() -> EmbeddedDrainer:
        db.session.rollback()
        started.append(EmbeddedDrainer(app))
        started[-1].start()
        return started[-1]

    yield start
    for drainer in started:
        drainer.stop()


def note_process(ctx, payload) -> None:
    note(ctx, {"of": str(os.getpid())})


def all_done() -> bool:
    return due_count() == 0


def test_a_wake_gets_work_done_at_once(ctx, handles, start):
    handles("test.note", note)
    drainer = start()
    wait_until(all_done)  # the first round is over: the drainer waits for a call
    enqueued(ctx)
    drainer.wake()
    wait_until(all_done, seconds=IN_TIME)
    assert notes(ctx) == ["it"]


def test_a_commit_wakes_the_drainer_of_its_application(app, ctx, handles):
    handles("test.note", note)
    drainer = app.extensions["billhook.drainer"]
    drainer.start()
    wait_until(all_done)
    enqueued(ctx)
    wait_until(all_done, seconds=IN_TIME)
    drainer.stop()
    assert notes(ctx) == ["it"]


def test_work_that_nobody_announced_is_found(ctx, handles, monkeypatch, start):
    monkeypatch.setattr(embedded, "ROUND", timedelta(milliseconds=50))
    handles("test.note", note)
    start()
    enqueued(ctx)
    wait_until(all_done)
    assert notes(ctx) == ["it"]


def test_wakes_that_nobody_waits_for_do_not_pile_up(app):
    drainer = EmbeddedDrainer(app)
    for _ in range(1000):
        drainer.wake()
    assert drainer._calls.qsize() == 1


def test_stopping_finishes_the_job_in_hand(ctx, handles, start):
    is_at_work = threading.Event()

    def slow(ctx, payload) -> None:
        is_at_work.set()
        time.sleep(0.2)
        note(ctx, payload)

    handles("test.note", slow)
    enqueued(ctx)
    drainer = start()
    is_at_work.wait()
    drainer.stop()
    assert notes(ctx) == ["it"]


@pytest.mark.parametrize("error", [OperationalError("", {}, Exception("away")), KeyError("bug")])
def test_a_round_that_fails_is_not_the_last(ctx, handles, monkeypatch, start, error):
    monkeypatch.setattr(embedded, "ROUND", timedelta(milliseconds=50))
    errors = [error]

    def begin_missing() -> None:
        if errors:
            raise errors.pop()

    monkeypatch.setattr(embedded, "begin_missing", begin_missing)
    handles("test.note", note)
    enqueued(ctx)
    start()
    wait_until(all_done)
    assert notes(ctx) == ["it"]


# Work that runs a plugin's code


def test_the_cores_work_stays_in_the_process(ctx, handles, start):
    handles("test.note", note_process)
    enqueued(ctx)
    start()
    wait_until(all_done)
    assert notes(ctx) == [str(os.getpid())]


def test_plugins_run_in_a_process_of_their_own_each_time(ctx, handles, start):
    handles("test.note", note_process, runs_plugins=True)
    for _ in range(2):
        enqueued(ctx)
    start()
    wait_until(all_done)
    first, second = notes(ctx)
    assert len({first, second, str(os.getpid())}) == 3


def failure_of(ctx, work_id) -> str:
    """Wait for the first failure of a job; return what is said of it."""
    wait_until(lambda: work_row(ctx, work_id).attempts == 1)
    row = work_row(ctx, work_id)
    assert row.state == "waiting"
    return row.last_error


def test_a_plugin_that_hangs_fails_its_job_and_no_other(ctx, handles, start):
    def hang(ctx, payload) -> None:
        note(ctx, {"of": "hung"})
        time.sleep(60)

    handles("test.hang", hang, runs_plugins=True, deadline=timedelta(milliseconds=200))
    handles("test.note", note, runs_plugins=True)
    hung = enqueued(ctx, "test.hang")
    enqueued(ctx)
    start()
    assert "longer" in failure_of(ctx, hung)
    wait_until(lambda: notes(ctx) == ["it"])


def test_a_plugin_that_cannot_be_interrupted_is_killed(ctx, handles, start, monkeypatch):
    def hang(ctx, payload) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        time.sleep(60)

    monkeypatch.setattr(horses, "GRACE", timedelta(milliseconds=200))
    handles("test.hang", hang, runs_plugins=True, deadline=timedelta(milliseconds=100))
    work_id = enqueued(ctx, "test.hang")
    start()
    assert "longer" in failure_of(ctx, work_id)


def test_a_plugin_that_ends_its_process_fails_its_job(ctx, handles, start):
    handles("test.crash", lambda ctx, payload: os._exit(7), runs_plugins=True)
    work_id = enqueued(ctx, "test.crash")
    start()
    assert "7" in failure_of(ctx, work_id)


def test_a_keeper_that_is_killed_is_replaced(ctx, handles, start):
    def kill_keeper(ctx, payload) -> None:
        os.kill(os.getppid(), signal.SIGKILL)
        note(ctx, {"of": "orphan"})

    handles("test.kill", kill_keeper, runs_plugins=True)
    handles("test.note", note, runs_plugins=True)
    enqueued(ctx, "test.kill")
    enqueued(ctx)
    start()
    wait_until(lambda: notes(ctx) == ["orphan", "it"])


def test_failed_work_of_plugins_says_why(ctx, handles, start):
    def refuse(ctx, payload) -> None:
        raise ValueError("no paper")

    handles("test.fail", refuse, runs_plugins=True)
    work_id = enqueued(ctx, "test.fail")
    start()
    assert failure_of(ctx, work_id) == "ValueError: no paper"
