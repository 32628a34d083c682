"""Workers are killed at random moments: no work is lost, none is done twice.

The controls take a guard out and must see the fault that it prevents; a test
that passes without the guard shows nothing.
"""

import os
import signal
import time
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import delete

from billhook.db import db
from billhook.jobs import drainer
from billhook.jobs.drainer import drain
from billhook.jobs.embedded import EmbeddedDrainer
from billhook.jobs.handlers import HANDLERS
from billhook.models.work import DueWork
from billhook.services import idempotency, outbox
from billhook.testing.crashing import finish, forked, kill_at_random, wait_until, wanted_kills
from billhook.testing.working import due_count, enqueued, note, notes

pytestmark = pytest.mark.slow

AHEAD = 30
"""How many jobs wait at least when a worker starts, so that a kill finds one in hand."""


class Jobs:
    """Jobs that are numbered, so that each effect can be told from the others."""

    def __init__(self, ctx, name: str) -> None:
        self._ctx = ctx
        self._name = name
        self._count = 0

    def feed(self, _round: int = 0) -> None:
        missing = AHEAD - due_count()
        with self._ctx.acting(), self._ctx.transaction():
            for _ in range(missing):
                outbox.enqueue(self._ctx, self._name, {"of": str(self._count)})
                self._count += 1

    def assert_each_was_done_once(self) -> None:
        wait_until(lambda: due_count() == 0, act=drain)
        done = notes(self._ctx)
        assert sorted(done, key=int) == [str(number) for number in range(self._count)]
        with self._ctx.acting():
            assert outbox.listing(self._ctx, state="dead") == []
            assert outbox.listing(self._ctx, state="waiting") == []


def slow_note(ctx, payload) -> None:
    note(ctx, payload)
    time.sleep(0.002)


def in_three_transactions(ctx, payload) -> None:
    """Note in the second of three transactions, safe to repeat: as work too long for one."""

    def effect(step: int) -> dict:
        if step == 1:
            slow_note(ctx, payload)
        return {}

    for step in range(3):
        key = f"{payload['of']}-{step}"
        idempotency.once(
            ctx, route="test.parts", key=key, request=payload, effect=partial(effect, step)
        )


def drain_for_ever() -> None:
    while True:
        drain()
        time.sleep(0.002)


@pytest.mark.parametrize("work", [slow_note, in_three_transactions])
def test_killed_workers_lose_no_job_and_double_none(app, ctx, handles, work):
    handles("test.note", work, own_transactions=work is in_three_transactions)
    jobs = Jobs(ctx, "test.note")
    kill_at_random(
        app, drain_for_ever, kills=wanted_kills(), within=0.3, feed=jobs.feed, workers=2
    )
    jobs.assert_each_was_done_once()


def test_killed_processes_for_plugins_lose_no_job_and_double_none(app, ctx, handles):
    handles("test.note", slow_note, runs_plugins=True)
    jobs = Jobs(ctx, "test.note")
    kill_at_random(
        app,
        lambda: EmbeddedDrainer(app).work(),
        kills=max(wanted_kills() // 5, 1),
        within=0.4,
        feed=jobs.feed,
    )
    jobs.assert_each_was_done_once()


def test_the_control_with_the_effect_in_a_transaction_of_its_own_is_caught(
    app, ctx, handles, monkeypatch
):
    def in_two_transactions(ctx, lease, job) -> None:
        with ctx.transaction():
            drainer.handler_of(ctx, job).work(ctx, job.payload)
        time.sleep(0.05)  # a moment that is there without it, made long enough to be hit
        with ctx.transaction():
            drainer._end(ctx, lease)

    monkeypatch.setattr(drainer, "_do", in_two_transactions)
    handles("test.note", slow_note)
    jobs = Jobs(ctx, "test.note")
    kill_at_random(app, drain_for_ever, kills=wanted_kills(), within=0.3, feed=jobs.feed)
    with pytest.raises(AssertionError):
        jobs.assert_each_was_done_once()


# A worker that is given up and comes back


def stand_still() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def drain_standing_still_before_the_transaction() -> None:
    """Claim and read a job, stand still until somebody lets go on, and do it then."""
    usual = drainer.handler_of

    def handler_of(ctx, job):
        stand_still()
        return usual(ctx, job)

    drainer.handler_of = handler_of  # in this child alone
    drain()


def drain_standing_still_in_the_transaction() -> None:
    def stopping(ctx, payload) -> None:
        note(ctx, payload)
        stand_still()

    HANDLERS["test.note"] = replace(HANDLERS["test.note"], work=stopping)
    drain()


def done_by_two(app, ctx, slow_work) -> list[str]:
    """Let a worker stand still for longer than its lease and another do its job; return the effects."""
    drain()  # what the schedule of a new tenant asks for
    enqueued(ctx, payload={"of": "0"})
    slow = forked(app, slow_work)
    os.waitpid(slow, os.WUNTRACED)
    wait_until(lambda: due_count() == 0, act=drain)
    os.kill(slow, signal.SIGCONT)
    assert finish(slow) == 0
    return notes(ctx)


@pytest.mark.parametrize(
    "slow_work",
    [
        drain_standing_still_before_the_transaction,
        pytest.param(  # on SQLite it would keep everybody from writing until it goes on
            drain_standing_still_in_the_transaction, marks=pytest.mark.postgresql
        ),
    ],
)
def test_a_worker_that_comes_back_too_late_has_no_effect(app, ctx, handles, slow_work):
    handles("test.note", note)
    assert done_by_two(app, ctx, slow_work) == ["0"]


def test_the_control_without_the_fence_is_caught(app, ctx, handles, monkeypatch):
    def unfenced(lease) -> None:
        db.session.execute(delete(DueWork).where(DueWork.batch_id == lease.batch_id))

    monkeypatch.setattr(drainer, "finish", unfenced)
    handles("test.note", note)
    slow_work = drain_standing_still_before_the_transaction
    assert done_by_two(app, ctx, slow_work) == ["0", "0"]
