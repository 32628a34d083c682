"""The database session, and the wall between tenants that no query passes.

Rows of a tenant are read and written only inside `tenant_scope`. PostgreSQL's
row-level security holds it there; on both databases a guard refuses any
statement that names a tenant's table without binding the tenant in scope.
Writing happens inside `transaction` alone, which takes SQLite's write lock at
its start. A thread that works for another uses its session by a `Loan`.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from flask import has_app_context
from flask.globals import app_ctx
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    Engine,
    ForeignKeyConstraint,
    Index,
    MetaData,
    bindparam,
    event,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.orm.interfaces import ORMOption

from billhook.columns import Id
from billhook.errors import NoTenantInScope
from billhook.severing import let_be_severed, sever

_tenant: ContextVar[UUID | None] = ContextVar("tenant", default=None)
_loan: ContextVar["Loan | None"] = ContextVar("loan", default=None)

SQLITE_PRAGMAS = {
    "foreign_keys": 1,
    "recursive_triggers": 1,  # without it INSERT OR REPLACE rewrites posted rows
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "busy_timeout": 30000,
    "trusted_schema": 0,
}


class Base(DeclarativeBase):
    """The root of all rows."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ControlRow(Base):
    """A row that must be found before any tenant is known. The list is short, and tested."""

    __abstract__ = True


class TenantRow(Base):
    """A row of one tenant; its key and every reference carry the tenant."""

    __abstract__ = True
    tenant_id: Mapped[UUID] = mapped_column(Id, primary_key=True, sort_order=-2)


class EntityRow(TenantRow):
    """A tenant's row with an id of its own."""

    __abstract__ = True
    id: Mapped[UUID] = mapped_column(Id, primary_key=True, sort_order=-1)


class BillhookSession(FlaskSession):
    """A session of our own, so that the tenant's wall stands on it and no other."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        """Raises SessionTaken."""
        _refuse_taken(self)
        return super().get_bind(*args, **kwargs)


def _scope() -> int:
    """Name the session of the application context. Raises SessionTaken."""
    loan = _loan.get()
    if loan is not None and loan.is_over:
        raise SessionTaken("This thread overran its deadline; its caller took the session back.")
    return id(app_ctx._get_current_object())  # type: ignore[attr-defined]


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    session_options={
        "class_": BillhookSession,
        "expire_on_commit": False,
        "scopefunc": _scope,
    },
)


def current_tenant_id() -> UUID:
    """Return the tenant in scope. Raises NoTenantInScope."""
    tenant_id = _tenant.get()
    if tenant_id is None:
        raise NoTenantInScope("A tenant's rows were asked for, but no tenant is in scope.")
    return tenant_id


@contextmanager
def tenant_scope(tenant_id: UUID | None) -> Iterator[None]:
    """Let the block see the rows of one tenant, or with None of none.

    A read transaction of another tenant is ended first; one of none becomes the tenant's.
    """
    if (before := _tenant.get()) == tenant_id:
        yield
        return
    forget_rows()
    if before is not None:
        db.session().rollback()
    token = _tenant.set(tenant_id)
    try:
        _tell_what_was_begun()
        yield
    finally:
        end_reading()
        _tenant.reset(token)


def end_reading() -> None:
    """End the read transaction and forget its rows, before another tenant's scope begins."""
    forget_rows()
    db.session().rollback()


def _tell_what_was_begun() -> None:
    """Let a transaction that reads already read the tenant's rows."""
    session = db.session()
    if session.in_transaction():
        _tell_the_tenant(session, None, session.connection())


def forget_rows() -> None:
    """Forget what was read, before another scope begins; the read transaction goes on."""
    session = db.session()
    if session.info.get("is_writing"):
        raise NoTenantInScope("The scope cannot change inside a transaction.")
    session.expunge_all()  # else a key would find what another scope read


@contextmanager
def transaction() -> Iterator[Session]:
    """Write: all of the block or nothing of it. An inner block joins the outer one."""
    session = db.session()
    if session.info.get("is_writing"):
        yield session
        return
    session.rollback()  # ends a read transaction; changes outside a transaction are lost
    session.info.update(is_writing=True, after_commit=[])
    try:
        session.connection(execution_options={"billhook_writes": True})
        yield session
        _refuse_taken(session)
        session.info["is_ending"] = True
        session.commit()
    except BaseException:
        if not is_taken(session):
            session.rollback()
        raise
    finally:
        waiting = session.info.pop("after_commit")
        session.info.update(is_writing=False, is_ending=False)
    for act in waiting:
        act()


def after_commit(act: Callable[[], None]) -> None:
    """Run the act once the transaction in progress is committed; never if it is not."""
    db.session().info["after_commit"].append(act)


def is_writing() -> bool:
    """Tell whether a `transaction` block is open."""
    return has_app_context() and bool(db.session().info.get("is_writing"))


def insert(row: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    return dialect.insert(row)


class SessionTaken(RuntimeError):
    """The session was taken from a thread that overran; what was open in it is undone."""


class Loan:
    """One session in two threads, one at a time: a helper uses it while its owner waits.

    The helper runs in a copy of the owner's context, inside `use`. An owner that
    stops waiting calls `end`: whatever is open is undone and its connection closed,
    the helper gets no session any more, and the owner gets a fresh one. A
    `transaction` block that was open around the loan fails.
    """

    def __init__(self) -> None:
        self._outer = _loan.get()
        self._is_over = False

    @property
    def is_over(self) -> bool:
        return self._is_over or (self._outer is not None and self._outer.is_over)

    @contextmanager
    def use(self) -> Iterator[None]:
        token = _loan.set(self)
        try:
            yield
        finally:
            _loan.reset(token)

    def end(self) -> None:
        self._is_over = True
        if not has_app_context() or not db.session.registry.has():
            return
        session = db.session()
        db.session.registry.clear()
        session.info["is_taken"] = True
        connection = session.info.get("connection")
        if connection is not None and not connection.closed:
            sever(connection)


def is_taken(session: Session) -> bool:
    """Tell whether a loan of the session ended badly: nothing of it can be used any more."""
    return bool(session.info.get("is_taken"))


def _refuse_taken(session: Session) -> None:
    if is_taken(session):
        raise SessionTaken("A plugin overran its deadline in this transaction, which is undone.")


@event.listens_for(BillhookSession, "before_commit")
def _refuse_early_end(session: Session) -> None:
    """Let only the block that began a transaction commit it, while it is lent."""
    if session.get_nested_transaction() is not None or session.info.get("is_ending"):
        return
    if _loan.get() is not None and session.info.get("is_writing"):
        raise RuntimeError("A transaction is committed by the block that began it.")


@event.listens_for(BillhookSession, "after_begin")
def _tell_the_tenant(session: Session, _transaction: object, connection: Any) -> None:
    tenant_id = _tenant.get()
    session.info.update(tenant_id=tenant_id, connection=connection)
    if connection.dialect.name == "postgresql" and tenant_id is not None:
        connection.exec_driver_sql(
            "SELECT set_config('app.tenant', %(tenant)s, true)", {"tenant": str(tenant_id)}
        )


@event.listens_for(BillhookSession, "do_orm_execute")
def _narrow_to_the_tenant(state: ORMExecuteState) -> None:
    if not (state.is_select or state.is_update or state.is_delete):
        return
    if _tenant.get() is None:  # what names a tenant's table is refused when it is sent
        return
    state.statement = _of_the_tenant(state.statement)


_narrowed: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def _of_the_tenant(statement: Any) -> Any:
    """Return a statement that reads and writes rows of the tenant in scope alone.

    A statement that is made once and sent often is narrowed once, for all tenants: what it
    becomes is known to SQLAlchemy, which would else read it whole each time that it is sent.
    """
    found = _narrowed.get(statement)
    if found is None:
        found = _narrowed[statement] = statement.options(_in_scope())
    return found


@cache
def _in_scope() -> ORMOption:
    """Bind the tenant when a statement is sent, not when it is made."""
    tenant_id = bindparam("tenant_in_scope", callable_=current_tenant_id, type_=Id(), unique=True)
    return with_loader_criteria(
        TenantRow, lambda row: row.tenant_id == tenant_id, include_aliases=True
    )


@event.listens_for(BillhookSession, "before_flush")
def _hold_to_the_tenant(session: Session, _context: object, _instances: object) -> None:
    """Fill in the tenant of new rows, and refuse rows of another or that move there."""
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, TenantRow):
            continue
        if row.tenant_id is None:
            row.tenant_id = current_tenant_id()
        elif row.tenant_id != current_tenant_id():
            raise NoTenantInScope(f"A row of “{row.__tablename__}” is of another tenant.")


def install_guards(engine: Engine) -> None:
    """Set up the connections of an engine that serves the application."""
    set_up_connections(engine)
    event.listen(engine, "before_cursor_execute", refuse_unscoped)


def set_up_connections(engine: Engine) -> None:
    """Hold SQLite to what the books rest on, migrations included."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    let_be_severed(connection)
    for name, wanted in SQLITE_PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {wanted}")
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted:
            raise RuntimeError(f"SQLite keeps PRAGMA {name} at {found}, {wanted} is needed")


def _begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("billhook_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def refuse_unscoped(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
) -> None:
    """Refuse a statement on tenant tables that does not bind the tenant in scope.

    Raises NoTenantInScope.
    """
    table = tenant_table_in(statement)
    if table is None:
        return
    tenant_id = _tenant.get()
    for row in parameters if many else (parameters,):
        if tenant_id is None or not _binds(row, tenant_id):
            raise NoTenantInScope(
                f"A statement on “{table}” does not bind the tenant in scope ({tenant_id})."
            )


def _binds(row: Any, tenant_id: UUID) -> bool:
    values = row.values() if isinstance(row, dict) else row
    raw = tenant_id.bytes
    return any(value in (tenant_id, raw) for value in values)


@lru_cache(maxsize=4096)
def tenant_table_in(statement: str) -> str | None:
    """Name the first table of a tenant that the SQL text mentions."""
    known = tenant_tables()
    return next((word for word in tables_in(statement) if word in known), None)


@lru_cache(maxsize=4096)
def tables_in(statement: str) -> tuple[str, ...]:
    """Return every word of an SQL text that could name a table, once."""
    return tuple(dict.fromkeys(re.findall(r"[a-z_][a-z0-9_]*", statement.lower())))


def tenant_tables() -> frozenset[str]:
    """Name all mapped tables whose rows belong to a tenant."""
    return frozenset(
        str(mapper.local_table.name)  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantRow)
    )


def references(*columns: str, to: str, key: tuple[str, ...] = ("id",), **options: Any) -> Any:
    """Make a foreign key that carries the tenant: ``references("customer_id", to="customer")``."""
    return ForeignKeyConstraint(
        ["tenant_id", *columns], [f"{to}.{name}" for name in ("tenant_id", *key)], **options
    )


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Make an index on the rows of a condition only."""
    condition = text(where)
    return Index(name, *columns, unique=unique, postgresql_where=condition, sqlite_where=condition)


__all__ = [
    "Base",
    "ControlRow",
    "EntityRow",
    "Loan",
    "SessionTaken",
    "TenantRow",
    "after_commit",
    "current_tenant_id",
    "db",
    "end_reading",
    "forget_rows",
    "insert",
    "install_guards",
    "is_taken",
    "is_writing",
    "partial_index",
    "references",
    "select",
    "set_up_connections",
    "tables_in",
    "tenant_scope",
    "transaction",
]
