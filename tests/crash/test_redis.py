"""Redis vanishes, forgets and comes back, and workers are killed, all in the middle of a run.

Whatever happens, all work ends done or listed as dead, and each effect is there once.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from billhook.errors import Rejected
from billhook.jobs import dispatch as dispatching
from billhook.jobs import worker
from billhook.jobs.drainer import drain
from billhook.problems import Problem
from billhook.services import outbox
from billhook.services.outbox import NewJob
from billhook.testing.crashing import (
    SEED,
    descendants,
    forked,
    kill,
    kill_one,
    wait_until,
)
from billhook.testing.redis_servers import RedisServer
from billhook.testing.working import due_count, enqueued, note, notes, open_tenant

pytestmark = pytest.mark.slow

JOBS = 200
BAD = 10
ALL = JOBS + BAD
ROUNDS = 8
"""How many blows fall, each when so much more is done."""


@pytest.fixture
def redis(tmp_path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def config(config, redis):
    return replace(config, redis_url=redis.url)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """Give up soon on what RQ sits on: a kill can fall between its queue and our lease."""
    monkeypatch.setattr(dispatching, "FORGOTTEN_AFTER", timedelta(seconds=3))
    monkeypatch.setattr(dispatching, "MOMENT", timedelta(milliseconds=300))


@contextmanager
def working(app, processes: int) -> Iterator[Callable[[], int]]:
    """Run a worker beside the test; yield what gives its process, begun anew after a kill."""
    running = [forked(app, lambda: worker.work(app, processes))]

    def living() -> int:
        if os.waitpid(running[-1], os.WNOHANG)[0]:
            running.append(forked(app, lambda: worker.work(app, processes)))
        return running[-1]

    try:
        yield living
    finally:
        for process in descendants(living()):
            kill_one(process)
        kill(running[-1])


def fill(ctx, name: str, count: int) -> None:
    jobs = [NewJob(name=name, payload={"of": str(n)}, key=f"{name}:{n}") for n in range(count)]
    with ctx.acting(), ctx.transaction():
        outbox.enqueue_all(ctx, jobs)


def slow_note(ctx, payload) -> None:
    note(ctx, payload)
    time.sleep(0.01)


def refuse(ctx, payload) -> None:
    note(ctx, {"of": "never"})
    raise Rejected([Problem(code="test.refused", message="Nobody wants it.")])


def test_all_work_ends_done_or_listed_whatever_becomes_of_redis_and_workers(
    app, ctx, handles, redis
):
    handles("test.note", slow_note)
    handles("test.bad", refuse)
    other = open_tenant("other")
    drain()
    for tenant in (ctx, other):
        fill(tenant, "test.note", JOBS // 2)
        fill(tenant, "test.bad", BAD // 2)
    seed = int(os.environ.get(SEED) or random.randrange(2**32))
    print(f"{SEED}={seed}")  # shown where the test fails
    chance = random.Random(seed)

    def restart() -> None:
        redis.stop()
        time.sleep(chance.uniform(0, 1.5))
        redis.start()

    with working(app, 2) as living:
        blows = [
            redis.flush,
            restart,
            lambda: kill_one(chance.choice(descendants(living()) or [living()])),
            lambda: kill_one(living()),
        ]
        for number in range(1, ROUNDS + 1):
            left = ALL - number * ALL // (ROUNDS + 1)
            wait_until(lambda left=left: bool(living()) and due_count() <= left)
            time.sleep(chance.uniform(0, 0.3))
            blows[number % len(blows)]()
        wait_until(lambda: bool(living()) and due_count() == 0, seconds=120)
    expected = [str(number) for number in range(JOBS // 2)]
    for tenant in (ctx, other):
        assert sorted(notes(tenant), key=int) == expected
        with tenant.acting():
            assert outbox.listing(tenant, state="waiting") == []
            dead = outbox.listing(tenant, state="dead")
        assert [work.last_error for work in dead] == ["Nobody wants it."] * (BAD // 2)


def test_pages_and_commands_do_not_need_redis(app, ctx, client, handles, redis):
    handles("test.note", note)
    redis.stop()
    assert client.get("/ready").status_code == 200
    assert client.get("/log-in").status_code == 200
    enqueued(ctx)
    assert due_count() == 1
    redis.start()
    with working(app, 1):
        wait_until(lambda: notes(ctx) == ["it"])


def test_a_worker_that_begins_while_redis_is_away_works_once_it_is_there(app, ctx, handles, redis):
    handles("test.note", note)
    enqueued(ctx)
    redis.stop()
    with working(app, 1) as living:
        wait_until(lambda: len(descendants(living())) == 3)
        first = descendants(living())
        time.sleep(1.5)
        assert descendants(living()) == first  # they wait: none ends and is begun anew
        redis.start()
        wait_until(lambda: notes(ctx) == ["it"])
