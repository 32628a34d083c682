"""Routes that a plugin adds to the API: what they must be, and how they are called.

A view runs behind the fence, in the request's transaction where it changes something,
so that one that fails leaves nothing behind. It may raise what the core's services
raise; everything else is its bug, and answered with the plugin's name.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial, wraps
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.errors import PydanticUserError

from billhook.errors import (
    BadNumber,
    Conflict,
    Forbidden,
    IdempotencyMismatch,
    NotFound,
    PeriodClosed,
    PluginFailed,
    Rejected,
    Retryable,
    UnknownCurrency,
    ValidationFailed,
)
from billhook.i18n import gettext as _
from billhook.plugins.contract import mismatch
from billhook.plugins.fence import fenced
from billhook.sdk.api import NAMED, Answer, Download, Input, Made, Operation, Page, Query

MAY_RAISE = (
    NotFound,
    Forbidden,
    Conflict,
    PeriodClosed,
    ValidationFailed,
    BadNumber,
    UnknownCurrency,
    IdempotencyMismatch,
    Retryable,
    Rejected,
    PluginFailed,
)
"""What a view tells its caller by raising it."""

_PATH = re.compile(r"(/([a-z0-9]+([_-][a-z0-9]+)*|<((uuid|int|string):)?[a-z_]+>))+", re.ASCII)
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


def place_of(operation: Operation) -> str:
    """Name what a request asks for: the method, and the path whatever its places are called."""
    return f"{operation.method} {_PLACE.sub('<>', operation.path)}"


def route_complaint(operation: Operation) -> str | None:
    """Tell why a route cannot be used; None where it can."""
    found = next(_complaints(operation), None)
    if found is None:
        return None
    return _("its route “%(route)s” %(complaint)s", route=operation.name, complaint=found)


def _complaints(operation: Operation) -> Iterator[str]:
    places = _PLACE.findall(operation.path)
    if not _PATH.fullmatch(operation.path):
        yield _(
            "has the path “%(path)s”. Write it like /things/<uuid:thing_id>, in small letters, "
            "without a slash at its end.",
            path=operation.path[:80],
        )
    if len(set(places)) < len(places) or operation.takes - {*NAMED} != set(places):
        yield _("takes other arguments than its path has places, beside ctx, query, body …")
    if operation.body is not None and (operation.method == "GET" or "upload" in operation.takes):
        yield _("takes a body where it cannot have one. Leave it out.")
    if not operation.summary:
        yield _(
            "has a docstring that does not begin with what it does. Write it on its first line."
        )
    if complaint := _annotation_complaint(operation):
        yield complaint
    elif not _has_schemas(operation):
        yield _("has a model that JSON cannot show. Use plain types in it.")


def _annotation_complaint(operation: Operation) -> str | None:
    if "query" in operation.takes and not _is_kind(operation.query, Query):
        return _("has a query that is no Query. Make a model of billhook.sdk.api.Query.")
    if "body" in operation.takes and not _is_kind(_one_of(operation.body), Input):
        return _("has a body that is no Input. Make a model of billhook.sdk.api.Input.")
    if not _is_answer(operation.answer):
        return _("answers no Answer, Page, Made, Download or None. Make a model of Answer.")
    return None


def _one_of(body: Any) -> Any:
    """Return what a list of them is made of; a body that is no list is one itself."""
    if get_origin(body) is Annotated:
        body = get_args(body)[0]
    return get_args(body)[0] if get_origin(body) is list else body


def _is_answer(found: Any) -> bool:
    if get_origin(found) is Made:
        (found,) = get_args(found)
    return found in (type(None), Download) or _is_kind(found, Answer)


def _is_kind(found: Any, kind: type) -> bool:
    return isinstance(found, type) and issubclass(found, kind)


def _has_schemas(operation: Operation) -> bool:
    answer = operation.answer
    shown = get_args(answer)[0] if get_origin(answer) is Made else answer
    models = [operation.query, operation.body, None if shown is Download else shown]
    try:
        for model in filter(None, models):
            TypeAdapter(model).json_schema()
    except PydanticUserError:
        return False
    return True


# Calls


def behind_fence(operation: Operation, plugin: str, *, deadline: timedelta) -> Operation:
    """Return the operation with a view that ends in time, and whose errors name the plugin."""
    view = operation.view

    @wraps(view)
    def watched(**brought: Any) -> Any:
        return fenced(
            plugin,
            partial(_called, operation, view, brought, plugin),
            deadline=deadline,
            passed_on=MAY_RAISE,
        )

    return replace(operation, view=watched)


def _called(
    operation: Operation, view: Callable[..., Any], brought: dict[str, Any], plugin: str
) -> Any:
    answer = view(**brought)
    if complaint := _answer_complaint(operation.answer, answer):
        raise PluginFailed(plugin, f"{operation.name}: {complaint}")
    return answer


def _answer_complaint(expected: Any, answer: Any) -> str | None:
    if get_origin(expected) is Made:
        if not isinstance(answer, Made):
            return mismatch(answer, Made)
        if not isinstance(answer.at, str) or not answer.at.startswith("/"):
            return "the address of what it made does not begin with /"
        expected, answer = get_args(expected)[0], answer.answer
    if expected is Download:
        return mismatch(answer, Download) or mismatch(answer.content, bytes, "its content")
    if _is_kind(expected, Page):
        (entry,) = expected.__pydantic_generic_metadata__["args"]
        found = mismatch(answer, Page) or _first_odd(answer.data, entry)
        return found or _shown(answer)
    return mismatch(answer, expected) or _shown(answer)


def _first_odd(entries: Sequence[object], wanted: type) -> str | None:
    found = (mismatch(each, wanted, f"entry {i}") for i, each in enumerate(entries))
    return next(filter(None, found), None)


def _shown(answer: BaseModel | None) -> str | None:
    """Write the answer here, where what cannot be written is still the plugin's."""
    if answer is not None:
        answer.model_dump_json(warnings="error")
    return None
