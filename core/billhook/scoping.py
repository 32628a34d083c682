"""Whose customers a member sees: a second wall inside the tenant, for those who see not all.

A scope names a person and tags: theirs are the customers that they own and those
that carry one of the tags. Every table that refers to a customer, directly or
through another table, follows its customer: the foreign keys say so, those of
plugins too. While a scope is in force, each select, update and delete of the ORM
is narrowed, rows of other customers are refused when they are written, and a
select that went around the ORM is refused. Without a scope nothing is added.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Engine,
    ForeignKeyConstraint,
    Table,
    and_,
    event,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql.expression import FromClause

from billhook.db import Base, BillhookSession, TenantRow, end_reading, tables_in

CUSTOMERS = "customer"
TAGS = "customer_tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerScope:
    """The customers that a person owns, and those with one of the tags."""

    person_id: UUID
    tags: tuple[str, ...] = ()


class BeyondScope(RuntimeError):
    """A statement would reach customers outside the scope: a bug, and so refused."""


_scope: ContextVar[CustomerScope | None] = ContextVar("customer_scope", default=None)


def current_scope() -> CustomerScope | None:
    """Return the scope in force; None where all customers are seen."""
    return _scope.get()


@contextmanager
def customer_scope(scope: CustomerScope | None) -> Iterator[None]:
    """Let the block see the customers of a scope alone; with None all of the tenant's."""
    if _scope.get() == scope:
        yield
        return
    end_reading()
    token = _scope.set(scope)
    try:
        yield
    finally:
        end_reading()
        _scope.reset(token)


@contextmanager
def looking_beyond() -> Iterator[None]:
    """Let the block ask, whatever the scope, whether a code or address is taken; never load rows."""
    token = _scope.set(None)
    try:
        yield
    finally:
        _scope.reset(token)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    """A foreign key by which a table's rows follow a customer."""

    columns: tuple[str, ...]
    to: Table
    targets: tuple[str, ...]
    is_optional: bool


@lru_cache(maxsize=1)
def _followers(mapped: frozenset[Table]) -> dict[Table, tuple[_Reference, ...]]:
    """Return how each table follows a customer, by the shortest ways."""
    metadata = Base.metadata
    reached: dict[Table, tuple[_Reference, ...]] = {metadata.tables[CUSTOMERS]: ()}
    while True:
        found = {
            table: ways
            for table in mapped - reached.keys()
            if (ways := tuple(_ways(table, reached)))
        }
        if not found:
            return reached
        reached |= found


def _ways(table: Table, reached: dict[Table, tuple[_Reference, ...]]) -> Iterator[_Reference]:
    for constraint in table.constraints:
        if not isinstance(constraint, ForeignKeyConstraint):
            continue
        if constraint.referred_table in reached and constraint.referred_table is not table:
            columns = tuple(constraint.column_keys)
            yield _Reference(
                columns=columns,
                to=constraint.referred_table,
                targets=tuple(element.column.name for element in constraint.elements),
                is_optional=any(bool(table.c[name].nullable) for name in columns),
            )


def _mapped() -> frozenset[Table]:
    return frozenset(
        mapper.local_table
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantRow) and isinstance(mapper.local_table, Table)
    )


def followers() -> frozenset[str]:
    """Name all tables whose rows follow a customer, the customers' own among them."""
    return frozenset(table.name for table in _followers(_mapped()))


def _is_theirs(rows: FromClause, table: Table, scope: CustomerScope) -> ColumnElement[bool]:
    """Return the condition that rows of a table are of the scope's customers."""
    if table.name == CUSTOMERS:
        return _is_their_customer(rows, scope)
    return and_(
        *(_follows(rows, way, scope) for way in _followers(_mapped())[table])  # each of them
    )


def _is_their_customer(rows: FromClause, scope: CustomerScope) -> ColumnElement[bool]:
    owned = rows.c.owner_id == scope.person_id
    if not scope.tags:
        return owned
    tags = Base.metadata.tables[TAGS].alias()
    tagged = exists().where(
        tags.c.tenant_id == rows.c.tenant_id,
        tags.c.customer_id == rows.c.id,
        tags.c.tag.in_(scope.tags),
    )
    return or_(owned, tagged)


def _follows(rows: FromClause, way: _Reference, scope: CustomerScope) -> ColumnElement[bool]:
    target = way.to.alias()
    joined = (
        target.c[there] == rows.c[here]
        for here, there in zip(way.columns, way.targets, strict=True)
    )
    found = exists().where(*joined, _is_theirs(target, way.to, scope))
    if not way.is_optional:
        return found
    empty = (rows.c[name].is_(None) for name in way.columns if name != "tenant_id")
    return or_(*empty, found)


@lru_cache(maxsize=256)
def _options(scope: CustomerScope, mapped: frozenset[Table]) -> tuple[Any, ...]:
    """Return what narrows every statement of the ORM to a scope."""
    known = _followers(mapped)
    return tuple(
        with_loader_criteria(
            mapper.class_,
            _is_theirs(mapper.local_table, mapper.local_table, scope),
            include_aliases=True,
        )
        for mapper in Base.registry.mappers
        if mapper.local_table in known
    )


@event.listens_for(BillhookSession, "do_orm_execute")
def _narrow_to_the_scope(state: ORMExecuteState) -> None:
    scope = _scope.get()
    if scope is None or not (state.is_select or state.is_update or state.is_delete):
        return
    state.statement = state.statement.options(*_options(scope, _mapped()))


@event.listens_for(Engine, "before_cursor_execute")
def _refuse_around(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
) -> None:
    """Refuse a select on customers' rows that was not narrowed. Raises BeyondScope."""
    scope = _scope.get()
    if scope is None or not statement.lstrip(" (\n")[:6].upper().startswith(("SELECT", "WITH")):
        return
    table = next((name for name in tables_in(statement) if name in followers()), None)
    if table is None:
        return
    wanted = (scope.person_id, scope.person_id.bytes)
    for row in parameters if many else (parameters,):
        values = row.values() if isinstance(row, dict) else row
        if not any(value in wanted for value in values):
            raise BeyondScope(f"A select on “{table}” is not narrowed to the member's customers.")


@event.listens_for(BillhookSession, "before_flush")
def _hold_to_the_scope(session: Session, _context: object, _instances: object) -> None:
    """Make new customers the member's own; refuse rows of customers that are not theirs.

    Raises BeyondScope.
    """
    scope = _scope.get()
    if scope is None:
        return
    new: set[UUID] = set()
    named: set[UUID] = set()
    for row in (*session.new, *session.dirty):
        table = row.__table__
        if table.name == CUSTOMERS and row in session.new:
            row.owner_id = row.owner_id or scope.person_id
            new.add(row.id)
        for way in _followers(_mapped()).get(table, ()):
            if way.to.name == CUSTOMERS:
                (column,) = (name for name in way.columns if name != "tenant_id")
                named.add(getattr(row, column))
    named -= {None, *new}  # type: ignore[arg-type]
    if named:
        _refuse_others(session, named, scope)


def _refuse_others(session: Session, named: set[UUID], scope: CustomerScope) -> None:
    customers = Base.metadata.tables[CUSTOMERS]
    found = select(func.count()).where(
        customers.c.tenant_id == session.info["tenant_id"],
        customers.c.id.in_(named),
        _is_their_customer(customers, scope),
    )
    if session.connection().scalar(found) != len(named):
        raise BeyondScope("A row is of a customer outside the member's scope.")
