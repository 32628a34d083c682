"""Processes that are kept alive: whichever dies is begun anew, and all stop when they are told to."""

import os
import signal
import time
from pathlib import Path

import pytest

from billhook.jobs import children
from billhook.jobs.children import keep_alive, on_stop
from billhook.jobs.worker import work
from billhook.testing.crashing import descendants, finish, forked, kill, kill_one, wait_until
from billhook.testing.working import due_count, enqueued, note, notes

pytestmark = pytest.mark.slow


@pytest.fixture
def begun(tmp_path):
    """Return a folder in which each process leaves a file with its number."""
    folder = tmp_path / "begun"
    folder.mkdir()
    return folder


def leave(folder: Path) -> None:
    (folder / str(os.getpid())).touch()


def sleep_on(folder: Path) -> None:
    leave(folder)
    signal.pause()


def count(folder: Path) -> int:
    return len(list(folder.iterdir()))


@pytest.fixture
def parent(app):
    """Return how to run a parent of some children; whatever is left of it is killed."""
    running = []

    def begin(acts) -> int:
        running.append(forked(app, lambda: keep_alive(acts)))
        return running[-1]

    yield begin
    for process in running:
        for each in descendants(process):
            kill_one(each)
        kill_if_there(process)


def kill_if_there(process: int) -> None:
    try:
        kill(process)
    except ChildProcessError:
        return


def test_a_child_that_dies_is_replaced(parent, begun):
    running = parent({"one": lambda: sleep_on(begun), "two": lambda: sleep_on(begun)})
    wait_until(lambda: count(begun) == 2)
    kill_one(descendants(running)[0])
    wait_until(lambda: count(begun) == 3)
    assert len(descendants(running)) == 2


def test_a_child_that_cannot_live_is_tried_less_and_less_often(parent, begun, monkeypatch):
    monkeypatch.setattr(children, "LOOK_SECONDS", 0.01)
    parent({"one": lambda: leave(begun)})
    wait_until(lambda: count(begun) >= 3)  # at once, after a second, after two more
    began = time.monotonic()
    wait_until(lambda: count(begun) >= 4)
    assert time.monotonic() - began > 3


def test_all_end_when_the_parent_is_told_to_stop(parent, begun):
    def slow_to_stop() -> None:
        stopping = []
        on_stop(lambda: stopping.append(True))
        leave(begun)
        while not stopping:
            time.sleep(0.01)
        time.sleep(0.5)
        (begun / "done").touch()

    running = parent({"one": slow_to_stop, "two": lambda: sleep_on(begun)})
    wait_until(lambda: count(begun) == 2)
    found = descendants(running)
    os.kill(running, signal.SIGTERM)
    assert finish(running) == 0
    assert (begun / "done").exists()
    assert not any(Path(f"/proc/{process}").exists() for process in found)


def test_children_end_with_a_parent_that_is_killed(parent, begun):
    running = parent({"one": lambda: sleep_on(begun)})
    wait_until(lambda: count(begun) == 1)
    found = descendants(running)
    kill_one(running)
    wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in found))


def test_embedded_processes_share_the_work_and_are_replaced(app, ctx, handles):
    def tell(ctx, payload) -> None:
        note(ctx, {"of": str(os.getpid())})
        time.sleep(0.05)

    handles("test.note", tell)
    running = forked(app, lambda: work(app, 3))
    wait_until(lambda: len(descendants(running)) == 6)  # each has a keeper for plugins' jobs
    victim = descendants(running)[0]
    kill_one(victim)
    for _ in range(30):
        enqueued(ctx)
    wait_until(lambda: due_count() == 0)
    workers = set(notes(ctx))
    assert len(notes(ctx)) == 30
    assert len(workers) > 1
    assert str(victim) not in workers
    os.kill(running, signal.SIGTERM)
    assert finish(running) == 0
