"""Where a command runs: in the application, in a tenant, with what it caused done at its end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from billhook.errors import BillhookError
from billhook.i18n import gettext as _
from billhook.i18n import ngettext

if TYPE_CHECKING:
    from flask import Flask

    from billhook.config import Config
    from billhook.sdk.context import Context

TENANT_VARIABLE = "BILLHOOK_TENANT"


class SchemaOutdated(BillhookError):
    """The tables are not those that this version needs."""

    code = "database.outdated"


def configuration() -> "Config":
    """Read the installation's settings from the environment."""
    from billhook.config import Config

    return Config.from_environ(os.environ)


@contextmanager
def application() -> Iterator["Flask"]:
    """Run inside the application; one that is in context already serves.

    Raises SchemaOutdated.
    """
    from flask import current_app, has_app_context

    if has_app_context():
        yield current_app
        return
    from billhook.app import create_app

    config = configuration()
    _make_default_database(config)
    refuse_outdated(config)
    app = create_app(config)
    with app.app_context():
        yield app


def _make_default_database(config: "Config") -> None:
    """Make the file of an installation without settings; others are made by `db upgrade`."""
    if os.environ.get("BILLHOOK_DATABASE_URL") or not config.is_sqlite:
        return
    if not Path(config.database_url.removeprefix("sqlite:///")).exists():
        from billhook.plugins.migrating import upgrade_all

        upgrade_all(config)


def refuse_outdated(config: "Config") -> None:
    """Raises SchemaOutdated where a migration is due."""
    from billhook.plugins.migrating import status

    late = [found.name for found in status(config) if not found.is_current]
    if late:
        raise SchemaOutdated(
            _(
                "The database is not up to date (%(parts)s). Run: billhook db upgrade",
                parts=", ".join(late),
            )
        )


def tenant_slug(given: str | None, ctx: click.Context | None = None) -> str:
    """Return the tenant that the command, the program or the environment names.

    Raises click.UsageError where none does.
    """
    ctx = ctx or click.get_current_context()
    slug = given or ctx.meta.get("billhook.tenant") or os.environ.get(TENANT_VARIABLE)
    if not slug:
        raise click.UsageError(
            _(
                "Which tenant? Add --tenant SLUG or set %(variable)s. “billhook tenant list” shows "
                "them.",
                variable=TENANT_VARIABLE,
            )
        )
    return str(slug)


@contextmanager
def acting(slug: str) -> Iterator["Context"]:
    """Run inside a tenant as the operator. Raises NotFound."""
    from billhook.services.contexts import operator_context

    ctx = operator_context(slug)
    with ctx.acting():
        yield ctx


def drain() -> None:
    """Do the work that waits, where this process is the one that does it."""
    from billhook.jobs.drainer import drain as drain_outbox
    from billhook.plugins.runtime import runtime

    if not runtime().config.is_embedded:
        return
    drained = drain_outbox()
    if drained.failed:
        click.echo(
            ngettext(
                "%(count)s job failed and will be tried again: billhook outbox list",
                "%(count)s jobs failed and will be tried again: billhook outbox list",
                drained.failed,
            ),
            err=True,
        )
