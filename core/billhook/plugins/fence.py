"""Calls into plugins, fenced: they end in time, and their errors name the plugin.

The plugin's code runs in a helper thread, in a copy of the caller's context
(application, tenant, language, session), while the caller waits. A thread
cannot be killed: one that overruns keeps running, but its session is taken away
(see `billhook.db.Loan`). Jobs end it with their process; elsewhere `hung` names it.
"""

import contextvars
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

import structlog
from flask import has_app_context
from sqlalchemy.orm import SessionTransaction

from billhook.db import Loan, db, is_taken, is_writing
from billhook.errors import OutcomeUnknown, PluginFailed, PluginOverran, Rejected, Retryable
from billhook.i18n import gettext as _

T = TypeVar("T")

PASSED_ON = (Retryable, Rejected, OutcomeUnknown, PluginFailed)
"""What a plugin may raise, where a call allows no more; anything else is its bug."""

log = structlog.get_logger(__name__)
_overran: list[tuple[str, threading.Thread]] = []


def fenced(
    plugin: str,
    act: Callable[[], T],
    *,
    deadline: timedelta,
    passed_on: tuple[type[Exception], ...] = PASSED_ON,
) -> T:
    """Run a plugin's code and return what it returns.

    Inside a transaction it runs in a savepoint, so that a call that fails leaves
    nothing behind; an overrun undoes the whole transaction.

    Raises PluginFailed, PluginOverran; what `passed_on` names passes through.
    """
    loan = Loan()
    with _undone_on_failure(plugin, loan):
        return _run(plugin, act, loan, deadline, passed_on)


def hung() -> list[str]:
    """Name the plugin of each call that overran and still runs in this process."""
    _overran[:] = [(plugin, thread) for plugin, thread in _overran if thread.is_alive()]
    return [plugin for plugin, _thread in _overran]


@dataclass(slots=True)
class _Outcome(Generic[T]):
    """What the helper thread leaves for its caller."""

    is_there: threading.Event = field(default_factory=threading.Event)
    values: list[T] = field(default_factory=list)
    error: BaseException | None = None


def _run(
    plugin: str,
    act: Callable[[], T],
    loan: Loan,
    deadline: timedelta,
    passed_on: tuple[type[Exception], ...],
) -> T:
    outcome: _Outcome[T] = _Outcome()
    thread = threading.Thread(
        target=contextvars.copy_context().run,
        args=(_work, act, loan, outcome),
        name=f"plugin {plugin}",
        daemon=True,
    )
    thread.start()
    try:
        is_in_time = outcome.is_there.wait(deadline.total_seconds())
    except BaseException:  # the caller itself is being stopped
        loan.end()
        raise
    if not is_in_time:
        loan.end()
        raise _overrun(plugin, thread, deadline)
    if outcome.error is not None:
        raise _named(plugin, outcome.error, passed_on)
    return outcome.values[0]


def _work(act: Callable[[], T], loan: Loan, outcome: _Outcome[T]) -> None:
    try:
        with loan.use():
            outcome.values.append(act())
    except BaseException as error:  # handed to the caller, which waits for it
        outcome.error = error
    finally:
        outcome.is_there.set()


def _named(
    plugin: str, error: BaseException, passed_on: tuple[type[Exception], ...]
) -> BaseException:
    """Return what the caller is to raise in place of a plugin's error."""
    if isinstance(error, passed_on):
        return error
    log.error("plugin.failed", plugin=plugin, exc_info=error)
    failure = PluginFailed(plugin, _described(error))
    failure.__cause__ = error
    return failure


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _overrun(plugin: str, thread: threading.Thread, deadline: timedelta) -> PluginOverran:
    frame = sys._current_frames().get(thread.ident or 0)
    stack = traceback.format_stack(frame) if frame is not None else []
    log.error("plugin.overran", plugin=plugin, stack="".join(stack))
    _overran.append((plugin, thread))
    seconds = f"{deadline.total_seconds():g}"
    return PluginOverran(
        plugin, _("it did not answer within %(seconds)s seconds.", seconds=seconds)
    )


@contextmanager
def _undone_on_failure(plugin: str, loan: Loan) -> Iterator[None]:
    if not has_app_context():
        yield
        return
    if not is_writing():
        with _clean_reading():
            yield
        return
    session = db.session()
    savepoint = session.begin_nested()
    try:
        yield
        if is_taken(session) or not savepoint.is_active:
            raise PluginFailed(plugin, _("it ended a transaction that is not its own."))
    except BaseException:
        if not is_taken(session):
            _undo(savepoint, loan)
        raise
    savepoint.commit()


def _undo(savepoint: SessionTransaction, loan: Loan) -> None:
    """Undo what the plugin did; all of the transaction where nothing marks its part any more."""
    if savepoint.is_active:
        savepoint.rollback()
    else:
        loan.end()


@contextmanager
def _clean_reading() -> Iterator[None]:
    """End the read transaction of a failed call: PostgreSQL answers nothing more in it."""
    try:
        yield
    except BaseException:
        db.session.rollback()
        raise
