"""Settings of plugins: from a typed class to texts in a row, a form or the environment, and back.

A value is stored as its canonical text, so that one strict reader serves rows,
forms, command line and environment. `BILLHOOK_<PLUGIN>_<FIELD>`, or a file named
by `BILLHOOK_<PLUGIN>_<FIELD>_FILE`, wins over what is stored.
"""

import dataclasses
import os
import re
import types
import typing
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from billhook import limits
from billhook.db import db
from billhook.errors import BadNumber, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.plugins import PluginSetting
from billhook.money import PRICE_DECIMALS, parse_decimal, plain
from billhook.plugins import secrets
from billhook.plugins.runtime import relay
from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.sdk.settings import Settings, SettingText

S = TypeVar("S", bound=Settings)
Value = str | int | bool | Decimal | date | Enum | None

KINDS = (str, int, bool, Decimal, date)
_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting of a plugin."""

    plugin: str
    name: str
    kind: type
    """str, int, bool, Decimal, date or an Enum."""
    is_optional: bool
    is_secret: bool
    is_required: bool
    """It has no default."""
    default: Value
    text: SettingText

    @property
    def variable(self) -> str:
        """The environment variable that wins over what is stored."""
        return f"BILLHOOK_{self.plugin}_{self.name}".upper()

    @property
    def choices(self) -> tuple[str, ...]:
        """The texts to choose from; empty where any text of the kind will do."""
        if issubclass(self.kind, Enum):
            return tuple(str(each.value) for each in self.kind)
        return ("true", "false") if self.kind is bool else ()


def fields_of(kind: type[Settings]) -> tuple[Field, ...]:
    """Read the fields of a settings class. Raises TypeError for one that cannot be a setting."""
    return _fields_of(kind)  # type: ignore[arg-type]  # mypy takes the class for its instances


@lru_cache(maxsize=256)
def _fields_of(kind: type[Settings]) -> tuple[Field, ...]:
    hints = typing.get_type_hints(kind)
    return tuple(_field(kind, each, hints[each.name]) for each in dataclasses.fields(kind))


def class_complaint(plugin: str, kind: type[Settings]) -> str | None:
    """Tell why a class cannot be a plugin's settings; None where it can."""
    if not dataclasses.is_dataclass(kind) or getattr(kind, "plugin", None) != plugin:
        return _(
            "its settings class must be a frozen dataclass with: plugin: ClassVar[str] = "
            "“%(plugin)s”",
            plugin=plugin,
        )
    try:
        fields_of(kind)
    except (TypeError, NameError) as error:
        return _("its settings class is wrong: %(reason)s", reason=str(error))
    return None


def _field(kind: type[Settings], field: "dataclasses.Field[Any]", hint: Any) -> Field:
    inner, is_optional = _without_none(hint)
    text = field.metadata.get("text")
    is_secret = bool(field.metadata.get("is_secret"))
    if not isinstance(text, SettingText):
        raise TypeError(f"{field.name} is not declared by setting() or secret()")
    if inner not in KINDS and not (isinstance(inner, type) and issubclass(inner, Enum)):
        raise TypeError(f"{field.name} is {hint}, not str, int, bool, Decimal, date or an Enum")
    if is_secret and inner is not str:
        raise TypeError(f"{field.name} is a secret, and so must be a str")
    is_required = field.default is dataclasses.MISSING
    return Field(
        plugin=kind.plugin,
        name=field.name,
        kind=inner,
        is_optional=is_optional,
        is_secret=is_secret,
        is_required=is_required,
        default=None if is_required else field.default,
        text=text,
    )


def _without_none(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint, False
    parts = [part for part in typing.get_args(hint) if part is not type(None)]
    return (parts[0], True) if len(parts) == 1 else (hint, False)


def text_of(value: Value) -> str:
    """Write a value's canonical text, which `parse` reads back."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case Enum():
            return str(value.value)
    return str(value)


def parse(field: Field, text: str) -> Value:
    """Read a text into the field's type. Raises ValidationFailed."""
    if field.is_optional and text == "":
        return None
    try:
        return _parsed(field, text)
    except (ValueError, BadNumber) as error:
        raise ValidationFailed([_malformed(field, str(error))]) from None


def _parsed(field: Field, text: str) -> Value:
    if issubclass(field.kind, Enum):
        return _choice(field, text)
    if field.kind is bool:
        return _choice(field, text) == "true"
    if field.kind is int:
        if not _WHOLE.fullmatch(text):
            raise ValueError(_("Write a whole number, such as 30."))
        return int(text)
    if field.kind is Decimal:
        return parse_decimal(text, decimals=PRICE_DECIMALS)
    if field.kind is date:
        if not _DAY.fullmatch(text):
            raise ValueError(_("Write a date as year-month-day, such as 2026-01-31."))
        return _day(text)
    if len(text) > limits.SETTING_TEXT or _UNPRINTABLE.search(text):
        raise ValueError(
            _(
                "Write at most %(length)s characters, without control characters.",
                length=limits.SETTING_TEXT,
            )
        )
    return text


def _choice(field: Field, text: str) -> Value:
    if text not in field.choices:
        raise ValueError(_("Choose one of: %(choices)s.", choices=", ".join(field.choices)))
    if field.kind is bool:
        return text
    chosen: Enum = next(each for each in field.kind if str(each.value) == text)  # type: ignore[attr-defined]
    return chosen


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("There is no such day. Check month and day.")) from None


def _malformed(field: Field, reason: str) -> Problem:
    return Problem(
        code="setting.malformed",
        path=field.name,
        message=_(
            "The setting “%(name)s” of %(plugin)s is not right: %(reason)s",
            name=field.name,
            plugin=field.plugin,
            reason=reason,
        ),
    )


def from_environment(field: Field) -> str | None:
    """Return what the environment says, None where it is silent. Raises ValidationFailed."""
    if field.variable in os.environ:
        return os.environ[field.variable]
    path = os.environ.get(f"{field.variable}_FILE")
    if path is None:
        return None
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(limits.SETTINGS_BYTES).rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = _(
            "the file that %(variable)s names cannot be read (%(error)s).",
            variable=f"{field.variable}_FILE",
            error=type(error).__name__,
        )
        raise ValidationFailed([_malformed(field, reason)]) from None


def fixed_by(field: Field) -> str:
    """Name the variable that holds the value; empty where people can change it."""
    return next(
        (name for name in (field.variable, f"{field.variable}_FILE") if name in os.environ), ""
    )


def stored(plugin: str) -> dict[str, str]:
    """Return the stored texts of the tenant in scope; without secrets."""
    row = db.session.scalar(db.select(PluginSetting).where(PluginSetting.plugin == plugin))
    return dict(row.values) if row else {}


@dataclasses.dataclass(frozen=True, slots=True)
class StoredSettings:
    """The port by which a plugin reads its own settings."""

    keys: tuple[str, ...]
    """Open secrets."""

    def read(self, ctx: Context, kind: type[S]) -> S:
        """Return the tenant's settings, secrets opened; defaults where none are stored.

        Raises PluginUnavailable where the plugin is off, ValidationFailed where a
        value is missing or no longer fits the class, SecretUnreadable.
        """
        relay(ctx).plugin(kind.plugin)
        with ctx.acting():
            texts = stored(kind.plugin)
            if any(field.is_secret for field in fields_of(kind)):
                texts |= secrets.opened(kind.plugin, self.keys)
            settings, problems = typed(kind, texts)
        if settings is None or errors(problems):
            raise ValidationFailed(problems)
        return settings


def typed(kind: type[S], texts: Mapping[str, str]) -> tuple[S | None, list[Problem]]:
    """Make settings of texts and environment; defaults fill in. All problems are found at once.

    There are no settings where a value cannot be read. Texts of fields that the
    class no longer has are passed over.
    """
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    for field in fields_of(kind):
        try:
            values |= _given(field, texts)
        except ValidationFailed as failed:
            problems += failed.problems
    if problems:
        return None, problems
    settings = kind(**values)
    return settings, list(settings.problems())


def _given(field: Field, texts: Mapping[str, str]) -> dict[str, Value]:
    fixed = from_environment(field)
    if fixed is not None:
        return {field.name: _parsed_variable(field, fixed)}
    if field.name in texts:
        return {field.name: parse(field, texts[field.name])}
    if field.is_required:
        raise ValidationFailed([missing(field)])
    return {}


def _parsed_variable(field: Field, text: str) -> Value:
    try:
        return parse(field, text)
    except ValidationFailed as failed:
        (problem,) = failed.problems
        message = _(
            "%(problem)s It comes from the environment variable %(variable)s.",
            problem=problem.message,
            variable=fixed_by(field),
        )
        raise ValidationFailed([dataclasses.replace(problem, message=message)]) from None


def missing(field: Field) -> Problem:
    """Say that a setting without a default has no value yet."""
    return Problem(
        code="setting.missing",
        path=field.name,
        message=_(
            "The setting “%(name)s” of %(plugin)s has no value yet. Set it: "
            "billhook plugin settings %(plugin)s %(name)s=…",
            name=field.name,
            plugin=field.plugin,
        ),
    )
