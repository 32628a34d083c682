"""The tenant's own fields in what programs send: named as the API names them, and none that there is not."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType

from billhook.domain.custom_fields import FieldSubject
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.problems import Problem
from billhook.services import own_fields

Sent = Mapping[str, str | None]
"""Values by the keys of fields; None empties one."""

_NONE: Mapping[str, str] = MappingProxyType({})


def texts(sent: Sent | None) -> dict[str, str]:
    """Return values as services take them."""
    return {key: value or "" for key, value in (sent or {}).items()}


def refuse_unknown(
    subject: FieldSubject,
    sent: Iterable[tuple[str, Sent | None]],
    *,
    stored: Mapping[str, str] | None = None,
) -> None:
    """Refuse keys that no field has; each object's are sent with its path, such as ``fields``.

    What is `stored` of a field that was laid aside may come back as it is. Raises ValidationFailed.
    """
    named = [(path, key, value) for path, values in sent for key, value in (values or {}).items()]
    if not named:
        return
    known = {field.key for field in own_fields.definitions(subject)}
    message = _("There is no such field here. Leave it out, or look for a typing error.")
    problems = [
        Problem(code="field.unknown", path=f"{path}.{key}", message=message)
        for path, key, value in named
        if key not in known and (stored or {}).get(key) != value
    ]
    if problems:
        raise ValidationFailed(problems)


@contextmanager
def as_sent(names: Mapping[str, str] = _NONE) -> Iterator[None]:
    """Let problems of the block name fields as the API does; `names` are further ones, by the services'."""
    try:
        yield
    except ValidationFailed as error:
        raise ValidationFailed([renamed(one, names) for one in error.problems]) from error


def renamed(problem: Problem, names: Mapping[str, str] = _NONE) -> Problem:
    """Return a problem with its field as the API names it."""
    if problem.path.startswith(own_fields.PREFIX):
        return replace(problem, path=f"fields.{problem.path.removeprefix(own_fields.PREFIX)}")
    return replace(problem, path=names.get(problem.path, problem.path))
