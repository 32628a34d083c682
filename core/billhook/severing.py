"""Cut a database connection that another thread may be using this very moment.

What is open in it is undone, so that its locks are free. Neither driver allows
a plain `close` from outside: psycopg would leave the other thread reading freed
memory, and SQLite would keep the lock for a statement that is half read.
"""

import os
import socket
import sqlite3
from contextlib import suppress
from threading import Thread
from typing import Any

import psycopg
from sqlalchemy import Connection

PATIENCE = 5
"""Seconds to wait for the other thread to come out of the driver."""

_STEPS = 100_000  # of SQLite's machine, about a millisecond
_severed: set[int] = set()


def sever(connection: Connection) -> None:
    """Undo what is open and close, whatever the other thread is at."""
    raw = connection.connection.dbapi_connection
    if isinstance(raw, psycopg.Connection):
        if _close(raw):
            connection.invalidate()
        else:
            connection.detach()  # else the pool would tidy it up, and wait for that thread
    elif isinstance(raw, sqlite3.Connection):
        undoing = Thread(target=_undo, args=(connection, raw), daemon=True)
        undoing.start()
        undoing.join(PATIENCE)  # a thread that waits for another's lock holds no lock itself


def let_be_severed(raw: sqlite3.Connection) -> None:
    """Let SQLite look now and then whether the statement in progress shall end."""
    key = id(raw)
    raw.set_progress_handler(lambda: key in _severed, _STEPS)


def _close(raw: "psycopg.Connection[Any]") -> bool:
    """Cancel what runs and close, once no thread is inside libpq.

    Where none comes out in time, cut the line, which ends the transaction on the
    server, and leave the rest to that thread.
    """
    with suppress(psycopg.Error):
        raw.cancel_safe(timeout=PATIENCE)
    if raw.lock.acquire(timeout=PATIENCE):
        try:
            raw.close()
        finally:
            raw.lock.release()
        return True
    with socket.socket(fileno=os.dup(raw.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
    return False


def _undo(connection: Connection, raw: sqlite3.Connection) -> None:
    """`interrupt` would end the rollback, too, while any statement is half read."""
    _severed.add(id(raw))
    try:
        raw.rollback()  # waits for the statement in progress, which sees that it shall end
        connection.invalidate()
    finally:
        _severed.discard(id(raw))
