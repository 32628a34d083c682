"""The roles of PostgreSQL: who owns, who runs, who guards.

The owner makes tables and has CREATEROLE, but is no superuser. The runtime role
owns nothing. The guard role cannot log in; guarding functions run as it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql
from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, ProgrammingError

from billhook.errors import BillhookError
from billhook.i18n import gettext as _

RUNTIME = "billhook_app"
GUARD = "billhook_guard"


class RoleMissing(BillhookError):
    """PostgreSQL lacks a role, or has one that must not be used; the text says what to run."""

    code = "database.role"


def runtime_role(connection: Connection, url: URL) -> str:
    """Make sure of the role that the application runs as; return its quoted name.

    Raises RoleMissing.
    """
    name = url.username or RUNTIME
    quoted = _quoted(connection, name)
    rights = _rights(connection, name)
    if rights is None:
        _create(connection, name, f"CREATE ROLE {quoted} LOGIN{_password(connection, url, name)}")
        rights = _rights(connection, name)
    if rights:
        raise RoleMissing(
            _(
                "The database role %(role)s is a superuser or passes row-level security, so that "
                "nothing would keep tenants apart. Run: ALTER ROLE %(role)s NOSUPERUSER "
                "NOBYPASSRLS; or name another role in BILLHOOK_DATABASE_URL.",
                role=quoted,
            )
        )
    return quoted


def ensure_guard(connection: Connection) -> None:
    """Make sure of the role that guards run as. Raises RoleMissing."""
    if _rights(connection, GUARD) is None:
        _create(connection, GUARD, f"CREATE ROLE {GUARD} NOLOGIN")


@contextmanager
def guard_role(connection: Connection, schema: str) -> Iterator[None]:
    """Let the block give things to the guard; a member for good would see what guards see."""
    owner, is_superuser = connection.exec_driver_sql(
        "SELECT quote_ident(rolname), rolsuper FROM pg_roles WHERE rolname = current_user"
    ).one()
    knows_inherit = (connection.dialect.server_version_info or (0,)) >= (16,)
    options = " WITH INHERIT FALSE, SET TRUE" if knows_inherit else ""
    connection.exec_driver_sql(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {GUARD}")
    if not is_superuser:
        remedy = options.replace("SET", "ADMIN TRUE, SET") or " WITH ADMIN OPTION"
        _try(
            connection, f"GRANT {GUARD} TO {owner}{options}", f"GRANT {GUARD} TO {owner}{remedy};"
        )
    yield
    if not is_superuser:
        connection.exec_driver_sql(f"REVOKE {GUARD} FROM {owner}")
    connection.exec_driver_sql(f"REVOKE CREATE ON SCHEMA {schema} FROM {GUARD}")


def _rights(connection: Connection, name: str) -> bool | None:
    """Tell whether the role may do what nobody may; None where there is no such role."""
    found = connection.exec_driver_sql(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %(name)s", {"name": name}
    ).scalar_one_or_none()
    return None if found is None else bool(found)


def _create(connection: Connection, name: str, statement: str) -> None:
    """Make a role, unless an upgrade of another database on this server is just making it."""
    shown = statement.split(" PASSWORD ")[0]
    try:
        _try(connection, statement, f"{shown};")
    except RoleMissing:
        if _rights(connection, name) is None:
            raise


def _try(connection: Connection, statement: str, remedy: str) -> None:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except (ProgrammingError, IntegrityError) as error:
        raise RoleMissing(
            _(
                "The owner of the database may not set up a role that Billhook needs "
                "(%(reason)s). Let an administrator of PostgreSQL run: %(remedy)s",
                reason=str(error.orig).strip(),
                remedy=remedy,
            )
        ) from error


def _password(connection: Connection, url: URL, name: str) -> str:
    if not url.password:
        return ""
    driver = connection.connection.driver_connection
    assert driver is not None
    secret = driver.pgconn.encrypt_password(
        str(url.password).encode(), name.encode(), b"scram-sha-256"
    )
    return f" PASSWORD {sql.Literal(secret.decode()).as_string(driver)}"


def _quoted(connection: Connection, name: str) -> str:
    quoted = connection.exec_driver_sql("SELECT quote_ident(%(name)s)", {"name": name})
    return str(quoted.scalar_one())
