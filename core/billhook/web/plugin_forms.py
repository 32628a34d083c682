"""The form of a plugin's settings, made from their types: no plugin draws one itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from billhook.problems import Problem, errors
from billhook.services.plugin_settings import SettingEntry

Kind = Literal["text", "long", "number", "decimal", "day", "choice", "switch", "secret"]
LONG = 120
"""From so many characters on a text gets several lines."""

PREFIX = "setting-"
REMOVING = "remove-"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingField:
    """One field as the page draws it."""

    name: str
    kind: Kind
    label: str
    hint: str
    value: str
    choices: tuple[str, ...]
    is_required: bool
    is_set: bool
    fixed_by: str
    """The environment variable that holds it; empty where it can be changed here."""
    errors: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{PREFIX}{self.name}"


def fields_of(
    entries: Iterable[SettingEntry],
    problems: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
) -> list[SettingField]:
    """Return the fields in their order, with what was typed and what is wrong with it."""
    wrong: dict[str, list[str]] = {}
    for problem in errors(problems):
        wrong.setdefault(problem.path, []).append(problem.message)
    return [
        SettingField(
            name=entry.name,
            kind=_kind(entry),
            label=entry.label,
            hint=entry.hint,
            value=_shown(entry, typed),
            choices=entry.field.choices,
            is_required=entry.field.is_required,
            is_set=entry.is_set,
            fixed_by=entry.variable,
            errors=tuple(wrong.get(entry.name, ())),
        )
        for entry in entries
    ]


def _kind(entry: SettingEntry) -> Kind:
    field = entry.field
    if field.is_secret:
        return "secret"
    if field.kind is bool and not field.is_optional:
        return "switch"
    if field.choices:
        return "choice"
    kinds: dict[type, Kind] = {int: "number", Decimal: "decimal", date: "day"}
    return kinds.get(field.kind, "long" if len(entry.value) > LONG else "text")


def _shown(entry: SettingEntry, typed: Mapping[str, str] | None) -> str:
    if entry.field.is_secret:
        return ""
    if typed is None or entry.variable:
        return entry.value
    if _kind(entry) == "switch":
        return "true" if f"{PREFIX}{entry.name}" in typed else "false"
    return typed.get(f"{PREFIX}{entry.name}", entry.value)


def sent(entries: Iterable[SettingEntry], form: Mapping[str, str]) -> dict[str, str | None]:
    """Return what a form changes: secrets only where something was typed, or removal ticked."""
    values: dict[str, str | None] = {}
    for entry in entries:
        if entry.variable:
            continue
        text = form.get(f"{PREFIX}{entry.name}", "")
        match _kind(entry):
            case "secret":
                if text or f"{REMOVING}{entry.name}" in form:
                    values[entry.name] = text
            case "switch":
                values[entry.name] = "true" if text else "false"
            case _:
                values[entry.name] = _unset(entry, text)
    return values


def _unset(entry: SettingEntry, text: str) -> str | None:
    """Take a field that was emptied back to its default, where empty is no value of it."""
    is_text = entry.field.kind is str or entry.field.is_optional
    return text if text or is_text else None
