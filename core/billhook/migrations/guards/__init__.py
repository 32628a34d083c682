"""Triggers that no statement passes, whoever sends it; frozen with the migration of their number."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from alembic import op

from billhook.migrations.roles import GUARD, guard_role
from billhook.sdk.migrations import is_postgresql, runtime_role

_DEFINER = """
    ALTER FUNCTION {function}() SECURITY DEFINER SET search_path = {schema}, pg_temp
      SET plan_cache_mode = force_custom_plan
      SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;
    REVOKE ALL ON FUNCTION {function}() FROM PUBLIC;
    ALTER FUNCTION {function}() OWNER TO {guard};
"""


def run_script(name: str) -> None:
    """Run the statements of a file of this folder."""
    text = Path(__file__).with_name(name).read_text()
    if is_postgresql():
        op.get_bind().exec_driver_sql(text, execution_options={"no_parameters": True})
        return
    for statement in _statements(text):
        op.get_bind().exec_driver_sql(statement)


def _statements(text: str) -> Iterator[str]:
    """Split a script where SQLite sees the end of a statement; bodies of triggers hold more."""
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def lend_statistics() -> None:
    """Let the runtime role, which owns no table, have outgrown ones analysed by their owner."""
    run_script("0001_postgresql_statistics.sql")
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    op.execute(f"ALTER FUNCTION refresh_statistics() SET search_path = {schema}, pg_temp")
    op.execute("REVOKE ALL ON FUNCTION refresh_statistics() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION refresh_statistics() TO {runtime_role()}")


def stand_guard(*functions: str, reading: tuple[str, ...], moving: tuple[str, ...]) -> None:
    """Let trigger functions see the rows of all tenants, as a role that can do nothing else.

    Under row-level security the planner would look rows up by tenant alone and
    filter the rest, which grows with the table. The settings keep it from reading
    tables as a whole, and from plans that it made while they were empty.
    """
    connection = op.get_bind()
    schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    for table in reading:
        op.execute(f"GRANT SELECT ON {table} TO {GUARD}")
        op.execute(f"CREATE POLICY guard_reads ON {table} FOR SELECT TO {GUARD} USING (true)")
    for table in moving:
        op.execute(f"GRANT UPDATE ON {table} TO {GUARD}")
        op.execute(f"CREATE POLICY guard_moves ON {table} FOR UPDATE TO {GUARD} USING (true)")
    with guard_role(connection, schema):
        for function in functions:
            connection.exec_driver_sql(
                _DEFINER.format(function=function, schema=schema, guard=GUARD)
            )
