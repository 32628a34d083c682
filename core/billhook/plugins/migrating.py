"""Bring the database to the newest schema: the core first, then each installed plugin.

Each has a version table of its own, so that the core upgrades with a plugin
uninstalled. Two upgrades at once take turns.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url

from billhook import migrations
from billhook.config import Config
from billhook.db import set_up_connections
from billhook.kernel.statistics import suppose_full_tables
from billhook.migrations.roles import ensure_guard, runtime_role
from billhook.plugins.discovery import discover

CORE = "core"

_SCRIPTS = Path(migrations.__file__).parent
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('billhook upgrade'))"


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationStatus:
    """Where the tables of the core or of a plugin stand."""

    name: str
    """A plugin's name, or ``core``."""
    revision: str | None
    """The revision that the database is at; None before the first."""
    newest: str | None
    """The revision that the code asks for."""

    @property
    def is_current(self) -> bool:
        return self.revision == self.newest


@dataclass(frozen=True, slots=True)
class _History:
    """The migrations of the core or of one plugin."""

    name: str
    folder: Path

    @property
    def version_table(self) -> str:
        return "alembic_version" if self.name == CORE else f"alembic_version_{self.name}"

    @property
    def settings(self) -> AlembicConfig:
        settings = AlembicConfig()
        settings.set_main_option("script_location", _escaped(_SCRIPTS))
        settings.set_main_option("version_locations", _escaped(self.folder))
        settings.set_main_option("path_separator", "newline")
        return settings

    def status(self, connection: Connection) -> MigrationStatus:
        context = MigrationContext.configure(
            connection, opts={"version_table": self.version_table}
        )
        return MigrationStatus(
            name=self.name,
            revision=context.get_current_revision(),
            newest=ScriptDirectory.from_config(self.settings).get_current_head(),
        )

    def upgrade(self, connection: Connection, role: str) -> None:
        settings = self.settings
        settings.attributes.update(
            connection=connection, version_table=self.version_table, runtime_role=role
        )
        command.upgrade(settings, "head")


def upgrade_all(config: Config, plugins: Sequence[ModuleType] | None = None) -> list[str]:
    """Upgrade as the owner; return what moved, such as ``core: 0001``.

    Without `plugins`, all installed ones. All of it is done or nothing of it.
    Raises RoleMissing where PostgreSQL lacks a role that cannot be made.
    """
    moved: list[str] = []
    with _owner(config, writes=True) as connection:
        role = _prepared(connection, config)
        for history in _histories(plugins):
            status = history.status(connection)
            if not status.is_current:
                history.upgrade(connection, role)
                moved.append(f"{status.name}: {status.newest}")
        suppose_full_tables(connection)
    return moved


def status(config: Config, plugins: Sequence[ModuleType] | None = None) -> list[MigrationStatus]:
    """Tell for the core and each installed plugin where its tables stand."""
    with _owner(config, writes=False) as connection:
        return [history.status(connection) for history in _histories(plugins)]


def plugin_status(plugin: ModuleType, connection: Connection) -> MigrationStatus | None:
    """Tell where one plugin's tables stand, as any role may; None where it has none."""
    (_core, *found) = _histories([plugin])
    return found[0].status(connection) if found else None


@contextmanager
def _owner(config: Config, *, writes: bool) -> Iterator[Connection]:
    engine = create_engine(
        config.owner_database_url, execution_options={"billhook_writes": writes}
    )
    set_up_connections(engine)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _prepared(connection: Connection, config: Config) -> str:
    """Take the lock; return PostgreSQL's runtime role, made where it was missing."""
    if connection.dialect.name != "postgresql":
        return ""  # SQLite took its only write lock when the transaction began
    connection.exec_driver_sql(_LOCK)
    ensure_guard(connection)
    return runtime_role(connection, make_url(config.database_url))


def _histories(plugins: Sequence[ModuleType] | None) -> list[_History]:
    if plugins is None:
        plugins = [each.module for each in discover().installed.values()]
    found = [_History(CORE, _SCRIPTS / "versions")]
    for plugin in plugins:
        file = getattr(plugin, "__file__", None)  # a module made in a test has none
        if file and (folder := Path(file).parent / "migrations" / "versions").is_dir():
            found.append(_History(plugin.info.name, folder))
    return found


def _escaped(path: Path) -> str:
    """Write a path for Alembic's settings, where a percent sign begins a placeholder."""
    return str(path).replace("%", "%%")
