"""Two acts that truly meet: one stands just before its commit, when the other comes upon it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread, get_ident
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from billhook.db import BillhookSession, db
from billhook.errors import BillhookError
from billhook.testing.shops import acting

ORDERS = pytest.mark.parametrize("is_turned", [False, True], ids=["", "turned"])
WITHIN = 20
"""Seconds after which an act that does not end has failed the test."""


@dataclass(slots=True)
class Act:
    """One of the two: what it answered, or how it was refused. Anything else fails the test."""

    do: Callable[[], Any]
    answer: Any = None
    refusal: BillhookError | None = None
    crash: BaseException | None = None
    is_over: Event = field(default_factory=Event)
    has_waited: bool = False
    """Whether it had to wait for the other, so far as anybody looked."""

    def run(self, app: Flask, began: Callable[[], None] | None = None) -> None:
        try:
            with app.app_context():
                if began is not None:
                    began()
                self.answer = self.do()
        except BillhookError as error:
            self.refusal = error
        except BaseException as error:
            self.crash = error
        finally:
            self.is_over.set()


def meet(app: Flask, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Act, Act]:
    """Let `second` do all that it does before it has to wait for `first`, which then commits.

    On PostgreSQL it waits for a row, on SQLite for the write lock; or for nothing, and then
    it is over before `first` commits.
    """
    acts = Act(do=first), Act(do=second)
    with _standing_at_its_commit() as (stands, go_on, let_stand), _at_the_write_lock() as waits:
        threads = [
            Thread(target=acts[0].run, args=(app, let_stand), daemon=True),
            Thread(target=acts[1].run, args=(app, waits.watch), daemon=True),
        ]
        threads[0].start()
        while not stands.wait(0.005) and not acts[0].is_over.is_set():
            continue
        threads[1].start()
        while not acts[1].is_over.wait(0.005) and not waits.is_so(app):
            continue
        acts[1].has_waited = not acts[1].is_over.is_set()
        go_on.set()
        for thread in threads:
            thread.join(WITHIN)
            assert not thread.is_alive(), "the two wait for each other"
    db.session.rollback()  # else the test would not see what they wrote
    for act in acts:
        if act.crash is not None:
            raise act.crash
    return acts


@contextmanager
def _standing_at_its_commit() -> Iterator[tuple[Event, Event, Callable[[], None]]]:
    """Let the thread that asks for it stand at the first commit of its own, until it may go on."""
    stands, go_on, whose = Event(), Event(), []

    def stand(session: BillhookSession) -> None:
        if whose == [get_ident()] and session.get_nested_transaction() is None:
            whose.clear()
            stands.set()
            go_on.wait(WITHIN)

    event.listen(BillhookSession, "before_commit", stand)
    try:
        yield stands, go_on, lambda: whose.append(get_ident())
    finally:
        event.remove(BillhookSession, "before_commit", stand)


class _Waiting:
    """Whether a thread waits for a lock that another holds."""

    def __init__(self) -> None:
        self._whose: int | None = None
        self._asks_to_write = Event()

    def watch(self) -> None:
        self._whose = get_ident()

    def note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if self._whose == get_ident() and statement == "BEGIN IMMEDIATE":
            self._asks_to_write.set()

    def is_so(self, app: Flask) -> bool:
        with app.app_context():
            if db.engine.dialect.name == "sqlite":
                return self._asks_to_write.is_set()
            with db.engine.connect() as connection:
                return bool(connection.scalar(_BLOCKED))


_BLOCKED = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@contextmanager
def _at_the_write_lock() -> Iterator[_Waiting]:
    waiting = _Waiting()
    event.listen(db.engine, "before_cursor_execute", waiting.note)
    try:
        yield waiting
    finally:
        event.remove(db.engine, "before_cursor_execute", waiting.note)


def by_staff(act: Callable[[Any], Any]) -> Callable[[], Any]:
    """Let the company's side act, in a thread of its own."""

    def run() -> Any:
        with acting("office") as ctx:
            return act(ctx)

    return run


def by_client(office: Any, name: str, act: Callable[[Any], Any]) -> Callable[[], Any]:
    """Let a client act, in a thread of its own."""
    client = office.client(name)

    def run() -> Any:
        with client.ctx.acting():
            return act(client)

    return run
