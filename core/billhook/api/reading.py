"""What a request brings, read strictly: one meaning for each text, and no surprise in size, depth or type.

RFC 8259 leaves open what doubled names, huge numbers and lone surrogates mean, so
that two programs read one text in two ways (RFC 7493). All of them are refused.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NoReturn, get_args, get_origin

import orjson
from flask import g, request
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from billhook import limits
from billhook.api import versions
from billhook.i18n import gettext as _
from billhook.problems import Problem
from billhook.sdk.api import Match, Query, RequestMalformed, Upload

_ETAG = re.compile(r'"?[0-9]{1,9}"?', re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T|$)", re.ASCII)
_KEY = re.compile(rf"[!-~]{{1,{limits.NAME}}}", re.ASCII)
_Pairs = list[tuple[str, Any]]


def body_of(model: Any, operation: str) -> tuple[Any, Any]:
    """Return the request's body as its model, and as plain JSON. Raises RequestMalformed."""
    raw = request.get_data()
    if raw and request.mimetype != "application/json":
        raise UnsupportedMediaType
    plain = _plain(raw or b"{}")
    version = g.get("api_version", versions.LATEST)
    latest = versions.to_latest(plain, version, operation, versions.CHANGES)
    try:
        return _adapter(model).validate_json(orjson.dumps(latest)), plain
    except ValidationError as error:
        raise RequestMalformed(problems_of(error.errors(include_url=False))) from None


@cache
def accepts_nothing(model: Any) -> bool:
    """Tell whether a request may leave the body out: all that it could say is optional."""
    try:
        _adapter(model).validate_json(b"{}")
    except ValidationError:
        return False
    return True


def key() -> str | None:
    """Return the idempotency key of a write; None where it has none. Raises RequestMalformed."""
    given = request.headers.get("Idempotency-Key")
    if given is not None and not _KEY.fullmatch(given):
        _refuse(
            "idempotency.key_invalid",
            _(
                "An idempotency key has 1 to %(limit)s visible ASCII characters, such as a UUID.",
                limit=limits.NAME,
            ),
            "Idempotency-Key",
        )
    return given


def refuse_body() -> None:
    """Raises RequestMalformed where a route takes no body and there is one."""
    raw = request.get_data()
    if raw and _plain(raw) != {}:
        _refuse("body.unexpected", _("This takes no body. Send none, or an empty object: {}"))


def query_of(model: type[Query]) -> Query:
    """Return what stands behind the question mark. Raises RequestMalformed."""
    given: dict[str, Any] = {}
    days, lists = _days(model), _lists(model)
    for name, (value, *more) in request.args.lists():
        if more:
            _refuse("query.doubled", _("Give it once; separate several values by commas."), name)
        if name in days and not _DAY.match(value):
            _refuse("field.invalid", _message({"type": "date"}), name)
        given[name] = [one for one in value.split(",") if one] if name in lists else value
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise RequestMalformed(problems_of(error.errors(include_url=False))) from None


def refuse_query() -> None:
    """Raises RequestMalformed for anything behind the question mark where a route takes nothing."""
    for name in request.args:
        _refuse("field.unknown", _("There is no such parameter here. Leave it out."), name)


def upload() -> Upload:
    """Return the file of the request. Raises RequestMalformed."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    found = request.files.getlist("file")
    if len(found) != 1:
        _refuse("file.missing", _("Send one file, as the part “file” of multipart/form-data."))
    (file,) = found
    return Upload(
        name=file.filename or "",
        content_type=file.mimetype or "application/octet-stream",
        content=file.stream.read(),
    )


def match() -> Match:
    """Return the version that If-Match names. Raises RequestMalformed for what no answer of ours says."""
    header = request.headers.get("If-Match")
    if header is None or header == "*":
        return Match(None)
    if not _ETAG.fullmatch(header):
        _refuse(
            "etag.malformed",
            _('Give the ETag that you read, with its quotation marks, such as "3".'),
            "If-Match",
        )
    return Match(int(header.strip('"')))


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


@cache
def _lists(model: type[Query]) -> frozenset[str]:
    """Name the parameters that take several values, separated by commas."""
    return frozenset(
        name
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) in (list, tuple)
    )


@cache
def _days(model: type[Query]) -> frozenset[str]:
    """Name the parameters that are dates or instants, which Pydantic takes as seconds, too."""
    return frozenset(
        name
        for name, field in model.model_fields.items()
        if {date, datetime} & {field.annotation, *get_args(field.annotation)}
    )


# JSON


def _plain(raw: bytes) -> Any:
    if request.content_length is not None and len(raw) > (request.max_content_length or 0):
        raise RequestEntityTooLarge
    try:
        found = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_float=_whole,
            parse_constant=_no_number,
        )
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        at = getattr(error, "pos", 0)
        _refuse(
            "body.malformed",
            _("The body is no JSON in UTF-8; look at character %(at)s.", at=at + 1),
        )
    except RecursionError:
        _too_deep()
    _hold(found)
    return found


def _unique(pairs: _Pairs) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        _refuse("field.doubled", _("It stands there twice. Send it once."), _shown(twice))
    return found


def _no_number(text: str) -> NoReturn:
    _refuse("body.malformed", _("“%(text)s” is no JSON. Send numbers as texts.", text=text))


def _whole(text: str) -> int:
    """Read a number that is written with a point or an exponent; JSON Schema's integers may be."""
    number = Decimal(text)
    if abs(number) > limits.JSON_NUMBER or number != number.to_integral_value():
        _inexact()
    return int(number)


def _hold(found: Any) -> None:
    """Go through all values, level by level."""
    level: list[Any] = [found]
    for _depth in range(limits.JSON_DEPTH):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _hold_text(value)
            elif isinstance(value, int) and abs(value) > limits.JSON_NUMBER:
                _inexact()
            elif isinstance(value, dict):
                inner += value
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        if not inner:
            return
        level = inner
    _too_deep()


def _hold_text(text: str) -> None:
    if text.isascii() and "\0" not in text:
        return
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        _refuse(
            "text.unusable",
            _("A text holds a NUL or half a character, which nothing can store. Leave it out."),
        )


def _inexact() -> NoReturn:
    _refuse(
        "number.inexact",
        _('Numbers with decimals or many digits are sent as texts, such as "1234.5".'),
    )


def _too_deep() -> NoReturn:
    _refuse(
        "body.too_deep",
        _("The body is nested deeper than %(limit)s levels.", limit=limits.JSON_DEPTH),
    )


def _refuse(code: str, message: str, path: str = "") -> NoReturn:
    raise RequestMalformed([Problem(code=code, path=path, message=message)])


# Pydantic's findings, in our words


def problems_of(errors: Sequence[ErrorDetails]) -> list[Problem]:
    """Return what a model found wrong, each with the field's path, such as ``lines.0.quantity``."""
    return [
        Problem(
            code=_CODES.get(error["type"], "field.invalid"),
            path=_path(error["loc"]),
            message=_message(error),
        )
        for error in errors[: limits.ROW_ERRORS_SHOWN]
    ]


_CODES = {
    "missing": "field.missing",
    "extra_forbidden": "field.unknown",
    "json_invalid": "body.malformed",
}


def _path(location: Iterable[int | str]) -> str:
    return ".".join(_shown(str(step)) for step in location)


def _shown(name: str) -> str:
    return name[: limits.CODE].encode("utf-8", "replace").decode()


def _message(error: Mapping[str, Any]) -> str:
    limit = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return _("This field is needed.")
        case "extra_forbidden":
            return _("There is no such field here. Leave it out, or look for a typing error.")
        case "string_type":
            return _("Send a text, in quotation marks.")
        case "int_type" | "int_parsing" | "int_from_float":
            return _("Send a whole number.")
        case "bool_type" | "bool_parsing":
            return _("Send true or false.")
        case "list_type":
            return _("Send a list.")
        case "model_type" | "model_attributes_type" | "dict_type":
            return _("Send an object.")
        case "string_too_long":
            return _("Send at most %(limit)s characters.", limit=limit["max_length"])
        case "too_long":
            return _("Send at most %(limit)s entries.", limit=limit["max_length"])
        case "too_short" | "string_too_short":
            return _("Send at least %(limit)s characters or entries.", limit=limit["min_length"])
        case "greater_than_equal":
            return _("Send at least %(limit)s.", limit=limit["ge"])
        case "less_than_equal":
            return _("Send at most %(limit)s.", limit=limit["le"])
        case "string_pattern_mismatch":
            return _("Send it as the pattern %(pattern)s says.", pattern=limit["pattern"])
        case "enum" | "literal_error":
            return _("Send one of these: %(expected)s.", expected=limit["expected"])
        case kind if kind.startswith("date"):
            return _("Send a date or time as ISO 8601 writes it, such as 2026-01-31.")
        case kind if kind.startswith("uuid"):
            return _("Send an id as you got it, such as 01980c0a-7d6e-7c3f-a6d2-0b1c2d3e4f50.")
        case _:
            return error["msg"]
