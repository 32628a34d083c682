"""Where a command runs: in the application, in a tenant, with what it caused done at its end."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import click

from billhook.errors import BillhookError
from billhook.i18n import gettext as _
from billhook.i18n import ngettext

if TYPE_CHECKING:
    from flask import Flask

    from billhook.config import Config
    from billhook.sdk.context import Context

TENANT_VARIABLE = "BILLHOOK_TENANT"


class Background(Protocol):
    """Works beside the pages, in threads and processes of its own."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What lies above the command line, for it to start."""

    create_app: Callable[["Config"], "Flask"]
    drain: Callable[[], int]
    """Does what is due and sends webhooks of it, in the application in context.

    Returns how many jobs failed; a webhook that was not received is tried again anyway.
    """
    work: Callable[["Flask", int], None]
    """Works in so many processes until it is told to stop."""
    background: Callable[["Flask", "Config"], Sequence[Background]]
    """Returns what works beside the pages, in the order of their start."""


def program() -> Program:
    """Return what the command in progress was started with."""
    found = click.get_current_context().find_object(Program)
    assert found is not None
    return found


class SchemaOutdated(BillhookError):
    """The tables are not those that this version needs."""

    code = "database.outdated"


def configuration() -> "Config":
    """Return the settings of the application in context, else read them from the environment."""
    from flask import has_app_context

    from billhook.config import Config

    if has_app_context():
        from billhook.plugins.runtime import runtime

        return runtime().config
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
    config = configuration()
    app = program().create_app(config)
    refuse_outdated(config)
    with app.app_context():
        yield app


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
    failed = program().drain() if configuration().is_embedded else 0
    if failed:
        text = ngettext(
            "%(count)s job failed and will be tried again: billhook outbox list",
            "%(count)s jobs failed and will be tried again: billhook outbox list",
            failed,
        )
        click.echo(text, err=True)
