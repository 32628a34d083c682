"""Tables as migrations make them, with the walls that belong to them.

```python
def upgrade() -> None:
    tenant_table(
        "fax_job",
        Column("id", Id, nullable=False),
        Column("number", Words(40), nullable=False),
        references("document_id", to="document"),
    )
```

What a tenant's table gets without being asked: the tenant first in its key, a
foreign key to it, and on PostgreSQL row-level security and the rights of the
runtime role. SQLite tables are STRICT, and constraints hold there what the
types hold on PostgreSQL.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from alembic import op
from sqlalchemy import (
    CheckConstraint,
    Column,
    DefaultClause,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)

from billhook import columns
from billhook.columns import (
    Amount,
    Bytes,
    Count,
    Day,
    Exact,
    Flag,
    Id,
    Instant,
    Json,
    Prose,
    Small,
    Words,
)
from billhook.db import partial_index, references

Item = Column[Any] | CheckConstraint | ForeignKeyConstraint | Index | UniqueConstraint

_WALL = "tenant_id = (SELECT current_setting('app.tenant')::uuid)"
"""A sub-select is asked once for a statement; the bare function once for each row."""


def tenant_table(
    name: str,
    *items: Item,
    key: Sequence[str] = ("id",),
    updatable: Sequence[str] | None = None,
    deletable: bool = True,
    append_only: bool = False,
    permanent: bool = False,
    set_references: Sequence[ForeignKeyConstraint] = (),
    held_references: Sequence[ForeignKeyConstraint] = (),
) -> None:
    """Make a table whose rows belong to tenants; `items` leave `tenant_id` and the key out.

    `key` follows the tenant in the primary key. `updatable` names the only columns
    that may ever change, `deletable` says whether a row may go, `append_only` that
    it may do neither, `permanent` that it stays under its key: the database refuses
    the rest to every role.

    `set_references` are for tables that are filled in sets, and only from columns
    that never change to rows that are permanent. PostgreSQL checks them once for a
    statement, where a foreign key would cost five times that for each row.
    `held_references` are the same for rows that can go: those are locked, and the
    table that is referred to needs a trigger that looks back before a row goes.
    """
    in_sets = [*set_references, *held_references]
    names = [item.name for item in items if isinstance(item, Column)]
    if append_only:
        updatable, deletable = (), False
    if permanent:
        updatable, deletable = [column for column in names if column not in key], False
    make_table(
        name,
        Column("tenant_id", Id, nullable=False),
        *items,
        PrimaryKeyConstraint("tenant_id", *key),
        *_tenant_reference([*items, *in_sets]),
        *([] if is_postgresql() else in_sets),
    )
    if updatable is not None:
        _keep_columns(name, names, updatable)
    if not deletable:
        keep_rows(name)
    if is_postgresql():
        _refer_in_sets(name, "refers", "guard_references", set_references)
        for reference in held_references:
            _refer_in_sets(name, "holds", "guard_held_references", [reference])
        op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_wall ON {name} USING ({_WALL}) WITH CHECK ({_WALL})")
        grant(name, "SELECT", "INSERT", *_update(updatable), *(["DELETE"] if deletable else []))


def add_columns(table: str, *columns: Column[Any]) -> None:
    """Add columns to a table that stands; rows that are there get `server_default`.

    What the runtime role may change in the table, it may change in the new columns.
    """
    for column in columns:
        if is_postgresql():
            op.add_column(table, column)
            op.alter_column(table, column.name, server_default=None)
        else:
            _add_sqlite_column(table, column)
    if is_postgresql() and (kept := _kept_columns(table)):
        names = [*kept, *(column.name for column in columns)]
        op.execute(f"DROP TRIGGER keeps_columns ON {table}")
        _keep_columns(table, (), names)
        op.execute(f"GRANT UPDATE ({', '.join(names)}) ON {table} TO {runtime_role()}")


def _add_sqlite_column(table: str, column: Column[Any]) -> None:
    """Add it as text: Alembic leaves out the check that the type needs there."""
    dialect = op.get_context().dialect
    kind = column.type.compile(dialect=dialect)
    rule = _type_rule(column)
    check = f' CONSTRAINT "ck_{table}_{column.name}_type" CHECK ({rule})' if rule else ""
    empty = "" if column.nullable else " NOT NULL"
    default = column.server_default
    given = f" DEFAULT {default.arg}" if isinstance(default, DefaultClause) else ""
    op.execute(f'ALTER TABLE {table} ADD COLUMN "{column.name}" {kind}{given}{empty}{check}')


def _kept_columns(table: str) -> list[str]:
    """Return the columns that a guarded table lets change; none where it has no guard."""
    found = op.get_bind().execute(
        text(
            "SELECT encode(tgargs, 'escape') FROM pg_trigger"
            " WHERE tgname = 'keeps_columns' AND tgrelid = CAST(:name AS regclass)"
        ),
        {"name": table},
    )
    return [name for row in found for name in row[0].split("\\000") if name]


def let_be_emptied(table: str, **empty: str) -> None:
    """Let erasure empty columns of a guarded table, each to its literal; nothing else goes in.

    ``let_be_emptied("delivery_step", address="''", facts="'{}'")``
    """
    changes = " OR ".join(
        f"(NEW.{column} IS DISTINCT FROM OLD.{column} AND NEW.{column} <> {literal})"
        for column, literal in empty.items()
    )
    if is_postgresql():
        names = [*_kept_columns(table), *empty]
        op.execute(f"DROP TRIGGER keeps_columns ON {table}")
        _keep_columns(table, (), names)
        op.execute(
            f"CREATE TRIGGER only_emptied BEFORE UPDATE ON {table} FOR EACH ROW"
            f" WHEN ({changes}) EXECUTE FUNCTION refuse_update()"
        )
        op.execute(f"GRANT UPDATE ({', '.join(empty)}) ON {table} TO {runtime_role()}")
        return
    found = op.get_bind().exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?",
        (f"{table}_keeps_columns",),
    )
    guard = found.scalar_one()
    kept = [
        column
        for (column,) in op.get_bind().exec_driver_sql(
            "SELECT name FROM pragma_table_info(?)", (table,)
        )
        if column not in empty and (" WHEN " not in guard or f"NEW.{column} IS NOT" in guard)
    ]
    refused = [f"NEW.{column} IS NOT OLD.{column}" for column in kept]
    refused += [
        f"(NEW.{column} IS NOT OLD.{column} AND NEW.{column} IS NOT {literal})"
        for column, literal in empty.items()
    ]
    op.execute(f"DROP TRIGGER {table}_keeps_columns")
    op.execute(
        f"CREATE TRIGGER {table}_keeps_columns BEFORE UPDATE ON {table}"
        f" WHEN {' OR '.join(refused)}"
        f" BEGIN SELECT RAISE(ABORT, 'append_only: what {table} holds never changes'); END"
    )


@contextmanager
def all_rows(*names: str) -> Iterator[None]:
    """Let the owner see the rows of all tenants, to fill a column or to add a reference."""
    for name in names if is_postgresql() else ():
        op.execute(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
    yield
    for name in names if is_postgresql() else ():
        op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")


def make_table(name: str, *items: Item | PrimaryKeyConstraint) -> None:
    """Make a table without walls; on SQLite it is STRICT and checks what the types promise."""
    checks = [] if is_postgresql() else list(_type_checks(items))
    op.create_table(name, *items, *checks, sqlite_strict=True)


def grant(name: str, *rights: str) -> None:
    """Allow the runtime role what it needs on a table, and nothing else."""
    if is_postgresql():
        op.execute(f"GRANT {', '.join(rights)} ON {name} TO {runtime_role()}")


def is_postgresql() -> bool:
    return bool(op.get_context().dialect.name == "postgresql")


def runtime_role() -> str:
    """Return the quoted name of the role that the application runs as."""
    return str(op.get_context().opts["runtime_role"])


def _update(updatable: Sequence[str] | None) -> list[str]:
    if updatable is None:
        return ["UPDATE"]
    return [f"UPDATE ({', '.join(updatable)})"] if updatable else []


def _refer_in_sets(
    name: str, trigger: str, function: str, references: Sequence[ForeignKeyConstraint]
) -> None:
    """Check references by statement; each gives its name, columns, table and key."""
    if not references:
        return
    arguments = []
    for reference in references:
        columns = reference.column_keys
        (target,) = {element.target_fullname.split(".")[0] for element in reference.elements}
        keys = [element.target_fullname.split(".")[1] for element in reference.elements]
        title = reference.name or f"fk_{name}_{'_'.join(columns)}"
        arguments += [title, ",".join(columns), target, ",".join(keys)]
    given = ", ".join(f"'{argument}'" for argument in arguments)
    op.execute(
        f"CREATE TRIGGER {trigger} AFTER INSERT ON {name} REFERENCING NEW TABLE AS n"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}({given})"
    )


def _tenant_reference(items: Iterable[Item]) -> list[ForeignKeyConstraint]:
    """Reference the tenant, unless a reference that is never empty already carries it."""
    empty = {item.name for item in items if isinstance(item, Column) and item.nullable}
    keys = [item.column_keys for item in items if isinstance(item, ForeignKeyConstraint)]
    if any("tenant_id" in names and not empty.intersection(names) for names in keys):
        return []
    return [ForeignKeyConstraint(["tenant_id"], ["tenant.id"])]


def _keep_columns(name: str, all_columns: Sequence[str], updatable: Sequence[str]) -> None:
    """Refuse every update that changes another column."""
    if is_postgresql():
        arguments = ", ".join(f"'{column}'" for column in updatable)
        op.execute(
            f"CREATE TRIGGER keeps_columns BEFORE UPDATE ON {name}"
            f" FOR EACH ROW EXECUTE FUNCTION refuse_update({arguments})"
        )
        return
    kept = [column for column in ("tenant_id", *all_columns) if column not in updatable]
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in kept)
    when = f"WHEN {changed}" if updatable else ""
    op.execute(
        f"CREATE TRIGGER {name}_keeps_columns BEFORE UPDATE ON {name} {when}"
        f" BEGIN SELECT RAISE(ABORT, 'append_only: what {name} holds never changes'); END"
    )


def keep_rows(name: str) -> None:
    """Refuse to delete, by whichever verb."""
    if is_postgresql():
        op.execute(
            f"CREATE TRIGGER keeps_rows BEFORE DELETE ON {name}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_deletion()"
        )
        op.execute(
            f"CREATE TRIGGER keeps_all_rows BEFORE TRUNCATE ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion()"
        )
        return
    op.execute(
        f"CREATE TRIGGER {name}_keeps_rows BEFORE DELETE ON {name}"
        f" BEGIN SELECT RAISE(ABORT, 'append_only: rows of {name} are never deleted'); END"
    )


def _type_checks(items: Iterable[Item | PrimaryKeyConstraint]) -> Iterator[CheckConstraint]:
    for item in items:
        if isinstance(item, Column) and (rule := _type_rule(item)):
            yield CheckConstraint(rule, name=f"{item.name}_type")


def _type_rule(column: Column[Any]) -> str | None:
    """Say in SQLite's terms what PostgreSQL's type of the column holds."""
    name = f'"{column.name}"'
    match column.type:
        case columns.Words(length=length):
            return f"length({name}) <= {length}"
        case columns.Flag():
            return f"{name} IN (0, 1)"
        case columns.Id():
            return f"length({name}) = 16"
        case columns.Day():
            return f"{name} IS date({name})"
        case columns.Instant():
            return f"{name} GLOB '????-??-??T??:??:??.??????+00:00'"
        case columns.Exact():
            return f"{name} NOT GLOB '*[^-.0-9]*'"
    return None


__all__ = [
    "Amount",
    "Bytes",
    "CheckConstraint",
    "Column",
    "Count",
    "Day",
    "Exact",
    "Flag",
    "ForeignKeyConstraint",
    "Id",
    "Index",
    "Instant",
    "Json",
    "Prose",
    "Small",
    "UniqueConstraint",
    "Words",
    "add_columns",
    "all_rows",
    "let_be_emptied",
    "partial_index",
    "references",
    "tenant_table",
    "text",
]
