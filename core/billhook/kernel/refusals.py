"""Why the database refused a statement: a guard of ours, or others who write the same."""

import re
import sqlite3

import psycopg.errors
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

_NAMED = re.compile(r"([a-z]+(?:_[a-z]+)*): ")


def refusal(error: DBAPIError) -> str:
    """Name the guard: ``period_closed``, ``entry_balances``, …; empty where it was another rule."""
    found = _NAMED.match(reason(error))
    return found[1] if found else ""


def reason(error: DBAPIError) -> str:
    """Return the database's own words, for the log: the rule that was broken, and no row's values."""
    lines = str(error.orig).splitlines()  # PostgreSQL tells the values in further lines
    return lines[0] if lines else type(error.orig).__name__


def waited_too_long(error: OperationalError) -> bool:
    """Tell whether another transaction held what this one waited for, to the end of its patience."""
    match error.orig:
        case psycopg.errors.LockNotAvailable():
            return True
        case sqlite3.OperationalError() as raised:
            return raised.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # of whatever kind
    return False


def lost_to_another(error: DBAPIError) -> bool:
    """Tell whether a transaction was undone for one that wrote the same at that moment.

    They wrote one row twice, waited for each other, or one waited too long. Nothing is wrong
    with the database; who does it again will see what the other wrote.
    """
    if isinstance(error, IntegrityError):
        return True
    if not isinstance(error, OperationalError):
        return False
    deadlocked = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
    return isinstance(error.orig, deadlocked) or waited_too_long(error)
