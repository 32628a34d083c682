"""A call into a plugin ends in time, names the plugin, and leaves nothing half-written."""

import signal
import sys
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta

import psycopg
import pytest
from flask import current_app
from sqlalchemy import text

from billhook import i18n
from billhook.db import SessionTaken, db, tenant_scope, transaction
from billhook.errors import PluginFailed, PluginOverran, Rejected, Retryable
from billhook.ids import new_id
from billhook.plugins.fence import fenced, hung

SOON = timedelta(seconds=0.2)
LONG = timedelta(seconds=20)


def write(content: str) -> None:
    db.session.execute(text("INSERT INTO note VALUES (:content)"), {"content": content})


def in_transaction(*acts) -> None:
    with transaction():
        for act in acts:
            act()


def core() -> None:
    write("core")


def ask_bad(act, deadline=SOON) -> None:
    fenced("bad", act, deadline=deadline)


def settle() -> None:
    """Wait for the threads that overran."""
    for thread in threading.enumerate():
        if thread.name.startswith("plugin "):
            thread.join(10)


class Hanging:
    """An act that hangs until it is let go, then goes on with what it had in mind."""

    def __init__(self, before=lambda: None, after=lambda: None) -> None:
        self.before = before
        self.after = after
        self.go = threading.Event()
        self.is_done = threading.Event()
        self.outcome: object = None

    def __call__(self) -> None:
        self.before()
        self.go.wait()
        try:
            self.outcome = self.after()
        except BaseException as error:
            self.outcome = error
        finally:
            self.is_done.set()

    def let_go(self) -> object:
        """Return what it did, or the error it met."""
        self.go.set()
        assert self.is_done.wait(10)
        settle()
        return self.outcome


@contextmanager
def overrunning(act: Hanging):
    with pytest.raises(
        PluginOverran, match=r"“bad” failed: it did not answer within 0\.2 seconds"
    ):
        fenced("bad", act, deadline=SOON)
    yield
    act.let_go()


def test_what_the_plugin_returns_comes_back():
    assert fenced("good", lambda: 42, deadline=LONG) == 42


def test_the_plugin_sees_application_tenant_and_language_of_its_caller(notes):
    tenant_id = new_id()

    def look():
        return (
            current_app._get_current_object(),
            db.session.info["tenant_id"],
            i18n.current_language(),
        )

    with tenant_scope(tenant_id), i18n.language("de"):
        db.session.execute(text("SELECT 1"))
        assert fenced("good", look, deadline=LONG) == (
            current_app._get_current_object(),
            tenant_id,
            "de",
        )


@pytest.mark.parametrize("error", [ValueError("oh"), SystemExit("oh"), KeyboardInterrupt("oh")])
def test_a_plugin_that_raises_is_named_with_its_error(error):
    def act():
        raise error

    with pytest.raises(PluginFailed) as caught:
        fenced("bad", act, deadline=LONG)
    assert caught.value.plugin == "bad"
    assert caught.value.reason == f"{type(error).__name__}: oh"
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [Retryable("Later."), Rejected([]), PluginFailed("other", "")])
def test_what_a_plugin_may_raise_passes_through(error):
    def act():
        raise error

    with pytest.raises(type(error)) as caught:
        fenced("good", act, deadline=LONG)
    assert caught.value is error


def test_a_plugin_that_hangs_is_left_behind_in_time():
    act = Hanging()
    with overrunning(act):
        assert hung() == ["bad"]
    assert hung() == []


def test_the_innermost_plugin_that_hangs_is_the_one_that_is_named():
    act = Hanging()

    def outer():
        return fenced("bad", act, deadline=SOON)

    with pytest.raises(PluginOverran) as caught:
        fenced("good", outer, deadline=LONG)
    assert caught.value.plugin == "bad"
    act.let_go()


# In a transaction


def test_a_plugin_s_rows_are_part_of_the_transaction(notes):
    with transaction():
        write("core")
        fenced("good", lambda: write("plugin"), deadline=LONG)
        assert notes() == []
    assert notes() == ["core", "plugin"]


def test_a_plugin_that_raises_leaves_no_rows_behind(notes):
    def act():
        write("plugin")
        raise ValueError

    with transaction():
        write("core")
        with pytest.raises(PluginFailed):
            fenced("bad", act, deadline=LONG)
    assert notes() == ["core"]


def test_a_statement_that_fails_spoils_neither_transaction_nor_reading(notes):
    def act():
        db.session.execute(text("SELECT nonsense FROM nowhere"))

    with transaction():
        with pytest.raises(PluginFailed):
            fenced("bad", act, deadline=LONG)
        write("core")
    with pytest.raises(PluginFailed):
        fenced("bad", act, deadline=LONG)
    assert db.session.scalar(text("SELECT content FROM note")) == "core"


def test_a_plugin_cannot_commit_what_is_not_its_own(notes):
    with pytest.raises(PluginFailed, match="committed by the block that began it"):
        in_transaction(core, lambda: ask_bad(lambda: db.session.commit(), LONG))
    assert notes() == []


def test_a_plugin_cannot_roll_back_what_is_not_its_own(notes):
    with pytest.raises(PluginFailed, match="ended a transaction"):
        in_transaction(core, lambda: ask_bad(lambda: db.session.rollback(), LONG))
    assert notes() == []


def test_a_transaction_that_a_plugin_ended_does_not_go_on(notes):
    def ask():
        with pytest.raises(PluginFailed):
            ask_bad(lambda: db.session.rollback(), LONG)

    with pytest.raises(SessionTaken):
        in_transaction(core, ask, core)
    assert notes() == []


def test_a_plugin_may_have_a_transaction_of_its_own(notes):
    def act():
        with transaction():
            write("plugin")

    fenced("good", act, deadline=LONG)
    assert notes() == ["plugin"]


# After an overrun the session is nobody's


def test_an_overrun_undoes_the_transaction_at_once(notes):
    act = Hanging(before=lambda: write("plugin"))
    with pytest.raises(PluginOverran):
        in_transaction(core, lambda: ask_bad(act))
    with transaction():  # waits for no lock, although the plugin still hangs
        write("next")
    assert notes() == ["next"]
    act.let_go()


def test_a_transaction_does_not_go_on_after_an_overrun(notes):
    act = Hanging()

    def ask():
        with overrunning(act):
            pass

    with pytest.raises(SessionTaken):
        in_transaction(core, ask, core)
    assert notes() == []


def test_the_caller_gets_another_session_and_the_plugin_none(notes):
    act = Hanging(before=lambda: write("plugin"), after=lambda: write("late"))
    with pytest.raises(PluginOverran), transaction() as lent:
        fenced("bad", act, deadline=SOON)
    assert db.session() is not lent
    assert isinstance(act.let_go(), SessionTaken)
    assert notes() == []


def test_a_session_that_the_plugin_kept_writes_nothing(notes):
    kept = []

    def keep():
        kept.append(db.session())
        write("plugin")

    def misuse():
        for act in (kept[0].rollback, kept[0].close):
            act()
        kept[0].execute(text("INSERT INTO note VALUES ('late')"))
        kept[0].commit()

    act = Hanging(before=keep, after=misuse)
    with pytest.raises(PluginOverran), transaction():
        fenced("bad", act, deadline=SOON)
    assert isinstance(act.let_go(), SessionTaken)
    assert notes() == []


def test_a_connection_that_the_plugin_kept_writes_nothing(notes):
    kept = []

    def keep():
        write("plugin")
        kept.append(db.session.connection().connection.dbapi_connection)

    def misuse():
        kept[0].execute("INSERT INTO note VALUES ('late')")
        kept[0].commit()

    act = Hanging(before=keep, after=misuse)
    with pytest.raises(PluginOverran), transaction():
        fenced("bad", act, deadline=SOON)
    assert "closed" in str(act.let_go())
    assert notes() == []


def test_a_statement_that_the_plugin_has_half_read_keeps_no_lock(notes):
    cursors = []

    def half_read():
        write("one")
        write("two")
        raw = db.session.connection().connection.dbapi_connection
        cursors.append(raw.execute("SELECT content FROM note"))
        cursors[0].fetchone()

    act = Hanging(before=half_read)
    with pytest.raises(PluginOverran):
        in_transaction(core, lambda: ask_bad(act))
    with transaction():
        write("next")
    assert notes() == ["next"]
    act.let_go()


def test_a_transaction_that_the_plugin_began_itself_is_undone(notes):
    go, is_done = threading.Event(), threading.Event()
    errors = []

    def act():
        try:
            with transaction():
                write("plugin")
                go.wait()
        except SessionTaken as error:
            errors.append(error)
        finally:
            is_done.set()

    with pytest.raises(PluginOverran):
        fenced("bad", act, deadline=SOON)
    with transaction():
        write("next")
    go.set()
    assert is_done.wait(10)
    assert notes() == ["next"]
    assert len(errors) == 1
    settle()


def test_a_statement_that_does_not_end_is_cancelled(notes, backend):
    endless = {
        "postgresql": "SELECT pg_sleep(60)",
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n",
    }
    is_over = threading.Event()

    def act():
        write("plugin")
        try:
            db.session.execute(text(endless[backend])).all()
        finally:
            is_over.set()

    with pytest.raises(PluginOverran), transaction():
        fenced("bad", act, deadline=SOON)
    assert is_over.wait(5)
    with transaction():
        write("next")
    assert notes() == ["next"]
    settle()


@pytest.mark.postgresql
def test_a_connection_that_no_cancelling_frees_is_cut(notes, monkeypatch):
    monkeypatch.setattr("billhook.severing.PATIENCE", 0.1)
    go = threading.Event()
    outcome = []

    def act():
        write("plugin")
        raw = db.session.connection().connection.dbapi_connection
        with raw.lock:  # as if it were inside libpq
            go.wait()
        try:
            raw.execute("SELECT 1")
        except psycopg.OperationalError as error:
            outcome.append(error)

    with pytest.raises(PluginOverran):
        in_transaction(lambda: ask_bad(act))
    with transaction():
        write("next")
    go.set()
    settle()
    assert notes() == ["next"]
    assert len(outcome) == 1


def test_an_inner_overrun_leaves_no_thread_with_the_session(notes):
    act = Hanging(after=lambda: write("late"))

    def outer():
        fenced("bad", act, deadline=LONG)

    with pytest.raises(PluginOverran, match="“outer”"):
        in_transaction(core, lambda: fenced("outer", outer, deadline=SOON))
    assert isinstance(act.let_go(), SessionTaken)
    settle()
    assert notes() == []


def test_a_plugin_that_hides_the_overrun_of_another_fails_with_it(notes):
    act = Hanging()

    def outer():
        with suppress(PluginOverran):
            ask_bad(act)

    with pytest.raises(PluginFailed, match="“outer” failed: it ended a transaction"):
        in_transaction(core, lambda: fenced("outer", outer, deadline=LONG))
    act.let_go()
    assert notes() == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_caller_that_is_stopped_while_it_waits_takes_its_session_along(notes):
    class Stopped(BaseException):
        pass

    def stop(_number, _frame):
        raise Stopped

    act = Hanging(before=lambda: write("plugin"), after=lambda: write("late"))
    earlier = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Stopped), transaction():
            fenced("bad", act, deadline=LONG)
    finally:
        signal.signal(signal.SIGALRM, earlier)
    with transaction():
        write("next")
    assert isinstance(act.let_go(), SessionTaken)
    assert notes() == ["next"]
