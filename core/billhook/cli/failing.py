"""How a command fails: the reason on stderr with what to do about it, and exit status 1."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import click

from billhook.errors import BillhookError, Rejected, ValidationFailed
from billhook.i18n import gettext as _
from billhook.problems import Problem

AS_JSON = "billhook.as_json"


class Failure(click.ClickException):
    """An error that a person can do something about."""

    def __init__(self, code: str, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.problems = problems
        context = click.get_current_context(silent=True)
        self.wants_json = context is not None and bool(context.meta.get(AS_JSON))

    def show(self, file: IO[Any] | None = None) -> None:
        if self.wants_json:
            click.echo(json.dumps(self.as_json(), ensure_ascii=False, indent=2), err=True)
            return
        for line in self.lines():
            click.echo(_("Error: %(reason)s", reason=line), err=True)

    def lines(self) -> list[str]:
        """Return the message, or a line for each problem."""
        found = [_line(problem) for problem in self.problems]
        return found or [self.message]

    def as_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints on stderr."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "problems": [
                    {"code": found.code, "path": found.path, "message": found.message}
                    for found in self.problems
                ],
            }
        }


def _line(problem: Problem) -> str:
    return f"{problem.path}: {problem.message}" if problem.path else problem.message


class FailingGroup(click.Group):
    """A group whose commands fail in our way."""

    def invoke(self, ctx: click.Context) -> Any:
        with failing():
            return super().invoke(ctx)


@contextmanager
def failing() -> Iterator[None]:
    """Turn errors that people can act on into failures; a bug stays a crash with its trace."""
    try:
        yield
    except (ValidationFailed, Rejected) as error:
        raise Failure(error.code, error.message, error.problems) from error
    except BillhookError as error:
        raise Failure(error.code, error.message) from error
    except Exception as error:
        reason = _database_reason(error)
        if reason is None:
            raise
        raise Failure("database.unreachable", reason) from error


def _database_reason(error: Exception) -> str | None:
    """Say what to do where the database is out of reach; None where it is something else."""
    if not type(error).__module__.startswith("sqlalchemy"):
        return None
    from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError

    if isinstance(error, ArgumentError):
        return _("BILLHOOK_DATABASE_URL is no database address: %(reason)s", reason=str(error))
    if isinstance(error, OperationalError | InterfaceError):
        return _(
            "The database cannot be used: %(reason)s Check BILLHOOK_DATABASE_URL, and that it runs.",
            reason=str(error.orig).strip().splitlines()[0],
        )
    return None
