"""Processes that are kept alive: whichever dies is begun anew, and all stop when they are told to."""

import os
import signal
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from billhook.jobs import children, embedded
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
    """Return how to run a parent of some processes; whatever is left of it is killed."""
    running = []

    def begin(act) -> int:
        running.append(forked(app, act))
        return running[-1]

    yield begin
    for process in running:
        for each in descendants(process):
            kill_one(each)
        kill_if_there(process)


@pytest.fixture
def parent_of(parent):
    """Return how to run a parent of those who do these acts."""
    return lambda acts: parent(lambda: keep_alive(acts))


def kill_if_there(process: int) -> None:
    try:
        kill(process)
    except ChildProcessError:
        return


def test_a_child_that_dies_is_replaced(parent_of, begun):
    running = parent_of({"one": lambda: sleep_on(begun), "two": lambda: sleep_on(begun)})
    wait_until(lambda: count(begun) == 2)
    kill_one(descendants(running)[0])
    wait_until(lambda: count(begun) == 3)
    assert len(descendants(running)) == 2


class StoodStill:
    """A clock that goes on by what is slept, and only while no child lives."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with suppress(ChildProcessError):
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        self.now += seconds


def test_a_child_that_cannot_live_is_tried_less_and_less_often(parent_of, begun, monkeypatch):
    clock = StoodStill()
    monkeypatch.setattr(children, "time", clock)
    monkeypatch.setattr(children, "LOOK_SECONDS", 0.25)
    expected = [0, 1, 3, 7, 15, 25, 35]
    parent_of({"one": lambda: (begun / str(clock.now)).touch()})
    wait_until(lambda: count(begun) > len(expected))
    moments = sorted(float(each.name) for each in begun.iterdir())
    assert moments[: len(expected)] == expected


def test_all_end_when_the_parent_is_told_to_stop(parent_of, begun):
    def slow_to_stop() -> None:
        stopping = []
        on_stop(lambda: stopping.append(True))
        leave(begun)
        while not stopping:
            time.sleep(0.01)
        time.sleep(0.5)
        (begun / "done").touch()

    running = parent_of({"one": slow_to_stop, "two": lambda: sleep_on(begun)})
    wait_until(lambda: count(begun) == 2)
    found = descendants(running)
    os.kill(running, signal.SIGTERM)
    assert finish(running) == 0
    assert (begun / "done").exists()
    assert not any(Path(f"/proc/{process}").exists() for process in found)


def test_children_end_with_a_parent_that_is_killed(parent_of, begun):
    running = parent_of({"one": lambda: sleep_on(begun)})
    wait_until(lambda: count(begun) == 1)
    found = descendants(running)
    kill_one(running)
    wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in found))


def test_embedded_processes_share_the_work_and_are_replaced(
    app, ctx, handles, parent, begun, monkeypatch
):
    def tell(ctx, payload) -> None:
        leave(begun)
        wait_until(lambda: count(begun) == 3)  # done by nobody before all of them are at it
        with ctx.transaction():
            note(ctx, {"of": str(os.getpid())})

    monkeypatch.setattr(embedded, "ROUND", timedelta(milliseconds=100))
    handles("test.note", tell, own_transactions=True)
    running = parent(lambda: work(app, 3))
    wait_until(
        lambda: len(descendants(running)) == 7
    )  # with keepers for plugins' jobs, and a sender
    victim = descendants(running)[0]
    kill_one(victim)
    for _ in range(9):
        enqueued(ctx)
    wait_until(lambda: due_count() == 0)
    assert len(notes(ctx)) == 9
    assert set(notes(ctx)) == {process.name for process in begun.iterdir()} - {str(victim)}
    assert len(set(notes(ctx))) == 3
    os.kill(running, signal.SIGTERM)
    assert finish(running) == 0
