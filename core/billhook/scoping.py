"""Whose customers an actor sees: a second wall inside the tenant, for those who see not all.

A member's scope names a person and tags: theirs are the customers that they own and
those that carry one of the tags. A client's scope names the customers themselves.
Every table that refers to a customer, directly or through another table, follows
its customer: the foreign keys say so, those of plugins too. While a scope is in force, each select, update and delete of the ORM
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
from weakref import WeakKeyDictionary

from sqlalchemy import (
    ColumnElement,
    Engine,
    ForeignKeyConstraint,
    Table,
    TextClause,
    and_,
    bindparam,
    event,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql.expression import FromClause

from billhook.columns import Id
from billhook.db import Base, BillhookSession, TenantRow, forget_rows, tables_in

CUSTOMERS = "customer"
TAGS = "customer_tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerScope:
    """The customers that a person owns, and those with one of the tags."""

    person_id: UUID
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientScope:
    """The customers that a client is: one, with its duplicates, or those of a guest's document.

    What names several customers, such as a document and who pays it, is seen by each of them.
    """

    customer_ids: tuple[UUID, ...]


Scope = CustomerScope | ClientScope


class BeyondScope(RuntimeError):
    """A statement would reach customers outside the scope: a bug, and so refused."""


_scope: ContextVar[Scope | None] = ContextVar("customer_scope", default=None)


def current_scope() -> Scope | None:
    """Return the scope in force; None where all customers are seen."""
    return _scope.get()


@contextmanager
def customer_scope(scope: Scope | None) -> Iterator[None]:
    """Let the block see the customers of a scope alone; with None all of the tenant's."""
    if _scope.get() == scope:
        yield
        return
    forget_rows()
    token = _scope.set(scope)
    try:
        yield
    finally:
        forget_rows()
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


@lru_cache(maxsize=1)
def _mapped() -> frozenset[Table]:
    return frozenset(
        mapper.local_table
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantRow) and isinstance(mapper.local_table, Table)
    )


@lru_cache(maxsize=1)
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


def _is_of_client(rows: FromClause, table: Table) -> ColumnElement[bool]:
    """Return the condition that rows of a table are of the client's whose scope is in force."""
    if table.name == CUSTOMERS:
        return rows.c.id.in_(_client_ids())
    ways = _followers(_mapped())[table]
    direct = [way for way in ways if way.to.name == CUSTOMERS]
    if not direct:
        return and_(*(_follows_to_client(rows, way) for way in ways))
    columns = [name for way in direct for name in way.columns if name != "tenant_id"]
    return or_(*(rows.c[name].in_(_client_ids()) for name in columns))


def _follows_to_client(rows: FromClause, way: _Reference) -> ColumnElement[bool]:
    target = way.to.alias()
    joined = (
        target.c[there] == rows.c[here]
        for here, there in zip(way.columns, way.targets, strict=True)
    )
    found = exists().where(*joined, _is_of_client(target, way.to))
    if not way.is_optional:
        return found
    empty = (rows.c[name].is_(None) for name in way.columns if name != "tenant_id")
    return or_(*empty, found)


def _client_ids() -> Any:
    """Bind the client's customers when a statement is sent: one statement serves all clients."""
    return bindparam(
        "client_ids", unique=True, expanding=True, callable_=_ids_in_force, type_=Id()
    )


def _ids_in_force() -> list[UUID]:
    scope = _scope.get()
    return list(scope.customer_ids) if isinstance(scope, ClientScope) else []


@lru_cache(maxsize=1024)
def _member_options(scope: CustomerScope, names: frozenset[str] | None) -> tuple[Any, ...]:
    """Return what narrows a statement on some tables to a member's scope."""
    return tuple(
        with_loader_criteria(
            mapper.class_,
            _is_theirs(mapper.local_table, mapper.local_table, scope),
            include_aliases=True,
        )
        for mapper in _narrowed(names)
    )


@lru_cache(maxsize=1024)
def _client_options(names: frozenset[str] | None) -> tuple[Any, ...]:
    """Return what narrows a statement on some tables to the client whose scope is in force."""
    return tuple(
        with_loader_criteria(
            mapper.class_,
            _is_of_client(mapper.local_table, mapper.local_table),
            include_aliases=True,
        )
        for mapper in _narrowed(names)
    )


def _narrowed(names: frozenset[str] | None) -> list[Any]:
    """Return the mappers of the tables that follow a customer; None names all."""
    known = _followers(_mapped())
    return [
        mapper
        for mapper in Base.registry.mappers
        if mapper.local_table in known and (names is None or str(mapper.local_table.name) in names)  # type: ignore[attr-defined]
    ]


_known: WeakKeyDictionary[Any, frozenset[str] | None] = WeakKeyDictionary()
"""What is named by statements that are made once and sent often."""


_clients: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
"""What statements become for a client."""


def _named(statement: Any) -> frozenset[str] | None:
    """Name the tables that a statement reads, wherever in it; None where a text may hide some."""
    if statement not in _known:
        _known[statement] = _looked_for(statement)
    return _known[statement]


def _looked_for(statement: Any) -> frozenset[str] | None:
    names: set[str] = set()
    seen: set[int] = set()
    waiting = [statement]
    while waiting:
        element = waiting.pop()
        if id(element) in seen:
            continue
        seen.add(id(element))
        if isinstance(element, TextClause):
            return None
        if isinstance(element, Table):
            names.add(str(element.name))
            continue
        if isinstance(table := getattr(element, "table", None), FromClause):
            waiting.append(table)  # of a column: it may stand nowhere else
        waiting.extend(element.get_children())
    return frozenset(names) & followers()


@event.listens_for(Mapper, "instrument_class")
def _forget(_mapper: Any, _class: type) -> None:
    """Look at the tables anew when a plugin has brought one."""
    for known in (_mapped, followers, _member_options, _client_options):
        known.cache_clear()
    _known.clear()
    _clients.clear()


@event.listens_for(BillhookSession, "do_orm_execute", insert=True)  # while it is as it was made
def _narrow_to_the_scope(state: ORMExecuteState) -> None:
    scope = _scope.get()
    if scope is None or not (state.is_select or state.is_update or state.is_delete):
        return
    if isinstance(scope, ClientScope):
        state.statement = _of_the_client(state.statement)
    elif options := _member_options(scope, _named(state.statement)):
        state.statement = state.statement.options(*options)


def _of_the_client(statement: Any) -> Any:
    """Return a statement that sees the client's rows alone; made once, for all clients."""
    found = _clients.get(statement)
    if found is None:
        found = _clients[statement] = statement.options(*_client_options(_named(statement)))
    return found


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
    wanted = _bound_by(scope)
    for row in parameters if many else (parameters,):
        values = row.values() if isinstance(row, dict) else row
        if not any(value in wanted for value in values):
            raise BeyondScope(f"A select on “{table}” is not narrowed to the actor's customers.")


def _bound_by(scope: Scope) -> tuple[UUID | bytes, ...]:
    """Return the values by which a narrowed statement is known, as either database binds them.

    They are compared and not looked up: PostgreSQL binds lists, too, which have no hash.
    """
    ids = scope.customer_ids if isinstance(scope, ClientScope) else (scope.person_id,)
    return (*ids, *(one.bytes for one in ids))


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
            if isinstance(scope, ClientScope):
                raise BeyondScope("A client makes no customers.")
            row.owner_id = row.owner_id or scope.person_id
            new.add(row.id)
        for way in _followers(_mapped()).get(table, ()):
            if way.to.name == CUSTOMERS:
                (column,) = (name for name in way.columns if name != "tenant_id")
                named.add(getattr(row, column))
    named -= {None, *new}  # type: ignore[arg-type]
    if named:
        _refuse_others(session, named, scope)


def _refuse_others(session: Session, named: set[UUID], scope: Scope) -> None:
    if isinstance(scope, ClientScope):
        if not named <= set(scope.customer_ids):
            raise BeyondScope("A row is of a customer that the client is not.")
        return
    customers = Base.metadata.tables[CUSTOMERS]
    found = select(func.count()).where(
        customers.c.tenant_id == session.info["tenant_id"],
        customers.c.id.in_(named),
        _is_their_customer(customers, scope),
    )
    if session.connection().scalar(found) != len(named):
        raise BeyondScope("A row is of a customer outside the member's scope.")
