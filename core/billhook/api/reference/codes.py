"""The codes of problems, found in the code that raises them."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import billhook
from billhook import services
from billhook.api.problems import HTTP_CODES, STATUS
from billhook.api.refusals import REFUSALS
from billhook.errors import BillhookError

_ROOT = Path(billhook.__file__).parent
_WRITTEN = re.compile(r'\bProblem\(\s*code="([\w.]+)"')
_FOLDERS = ("api", "domain", "kernel", "plugins", "sdk", "services")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ProblemCode:
    """A code with what it means; `status` is 0 where it stands at a field."""

    code: str
    status: int = 0
    meaning: str = ""


def problem_codes() -> list[ProblemCode]:
    """Return the codes that stand in a problem itself, by status."""
    for module in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        importlib.import_module(module.name)
    found = {each.code: each for each in (*_of_http(), *_of_errors())}
    return sorted(found.values(), key=lambda each: (each.status, each.code))


def _of_http() -> Iterator[ProblemCode]:
    told = {refusal.status: refusal.description for refusal in REFUSALS} | _TOLD
    for status, code in HTTP_CODES.items():
        yield ProblemCode(code=code, status=status.value, meaning=told[status])
    yield ProblemCode(
        code="server.failed", status=500, meaning="A bug of ours. Nothing was changed."
    )
    yield ProblemCode(
        code="database.unavailable", status=503, meaning="The database cannot be reached."
    )


_TOLD = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address takes other methods.",
}


def _of_errors() -> Iterator[ProblemCode]:
    for error in _subclasses(BillhookError):
        status = next((STATUS[kind] for kind in error.__mro__ if kind in STATUS), None)
        if status is not None and error.__module__.startswith("billhook."):
            meaning = inspect.cleandoc(error.__doc__ or "").partition("\n")[0]
            yield ProblemCode(code=error.code, status=status.value, meaning=meaning)


def _subclasses(kind: type[BillhookError]) -> Iterator[type[BillhookError]]:
    for each in kind.__subclasses__():
        yield from _subclasses(each)
        yield each  # after its own, so that the more general one tells of a code that they share


def field_codes() -> list[str]:
    """Return the codes that stand at fields, which the core writes."""
    found = {
        code
        for folder in _FOLDERS
        for path in sorted((_ROOT / folder).rglob("*.py"))
        for code in _WRITTEN.findall(path.read_text(encoding="utf-8"))
    }
    return sorted(found)
