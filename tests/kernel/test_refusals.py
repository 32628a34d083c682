"""What a database says when two write the same at once, told from what says that it is away."""

import sqlite3

import psycopg.errors
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from billhook.kernel.refusals import lost_to_another, reason


@pytest.mark.parametrize(
    ("cause", "is_lost"),
    [
        (psycopg.errors.DeadlockDetected(), True),
        (psycopg.errors.SerializationFailure(), True),
        (psycopg.errors.LockNotAvailable(), True),
        (psycopg.errors.AdminShutdown(), False),
        (psycopg.OperationalError("connection refused"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_who_lost_to_another_is_told_from_who_found_no_database(cause, is_lost):
    assert lost_to_another(OperationalError("UPDATE x", {}, cause)) is is_lost


def test_one_row_written_twice_is_lost():
    assert lost_to_another(IntegrityError("INSERT x", {}, sqlite3.IntegrityError()))


def test_the_log_names_the_rule_and_no_value():
    said = 'duplicate key value violates unique constraint "uq_contact_email"\nDETAIL:  Key (email)=(zoe@ann.example) already exists.'
    error = IntegrityError("INSERT x", {}, psycopg.errors.UniqueViolation(said))
    assert reason(error) == 'duplicate key value violates unique constraint "uq_contact_email"'
    assert reason(IntegrityError("INSERT x", {}, sqlite3.IntegrityError())) == "IntegrityError"


def test_a_file_that_stays_locked_is_lost_and_one_that_is_not_there_is_away(tmp_path):
    path = tmp_path / "one.db"
    holding = sqlite3.connect(path, isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    waiting = create_engine(f"sqlite:///{path}", connect_args={"timeout": 0})
    with pytest.raises(OperationalError) as locked, waiting.connect() as connection:
        connection.execute(text("CREATE TABLE note (content TEXT)"))
    holding.close()
    assert lost_to_another(locked.value)
    missing = create_engine(f"sqlite:///{tmp_path}/missing/one.db")
    with pytest.raises(OperationalError) as away:
        missing.connect()
    assert not lost_to_another(away.value)
