"""The tenant's own fields in forms: rendered by `macros/own_fields.html`."""

from collections.abc import Iterable

from billhook.problems import Problem


def messages(problems: Iterable[Problem]) -> dict[str, list[str]]:
    """Return what is wrong with each input, by its name."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.path, []).append(problem.message)
    return found
