"""Which column of a file is which field: by its header, or as the person says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel.support import LazyProxy

from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.problems import Problem

_HEADER_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field that a file may bring. A name that ends in * stands for all that begin so."""

    field: str
    hint: LazyProxy
    synonyms: tuple[str, ...] = ()
    is_required: bool = False

    def takes(self, name: str) -> bool:
        """Tell whether a header, in lower case with underscores, names this field."""
        if self.field.endswith("*"):
            return name.startswith(self.field[:-1]) and len(name) >= len(self.field)
        return name == self.field or name in self.synonyms


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The places of the fields in a row, and the columns that nothing takes."""

    places: Mapping[str, int]
    headers: Mapping[str, str]
    """The header over each field, as the file writes it."""
    ignored: tuple[str, ...]
    nameless: tuple[int, ...]
    """Places under an empty header, where nothing may stand."""

    def values(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the fields of a row."""
        return {field: cells[place] for field, place in self.places.items()}


def match(
    header: Sequence[str], columns: Sequence[Column], explicit: Mapping[str, str]
) -> Matched:
    """Find the fields of a file by its header, or by `explicit`: header to field, "" for none.

    Raises ValidationFailed: a field twice, a required one missing, an unknown name.
    """
    problems = _unknown(header, columns, explicit)
    chosen = {_plain(name): field for name, field in explicit.items()}
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, name in enumerate(header):
        field = chosen.get(_plain(name))
        if field is None:
            field = _field(_plain(name), columns, set(chosen.values()))
        if not field:
            ignored.append(name.strip())
        elif field in places:
            problems.append(_twice(field, header[places[field]], name))
        else:
            places[field] = place
    problems += [
        _missing(column, header)
        for column in columns
        if column.is_required and column.field not in places
    ]
    if problems:
        raise ValidationFailed(problems)
    return Matched(
        places=places,
        headers={field: header[place].strip() for field, place in places.items()},
        ignored=tuple(name for name in ignored if name),
        nameless=tuple(place for place, name in enumerate(header) if not name.strip()),
    )


def guesses(header: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """Return the field that each column of a file seems to be; empty where none does."""
    found: list[str] = []
    for name in header:
        field = _field(_plain(name), columns, set()) or ""
        found.append("" if field in found else field)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def _field(name: str, columns: Sequence[Column], taken: set[str]) -> str | None:
    for column in columns:
        if column.takes(name) and column.field not in taken:
            return name if column.field.endswith("*") else column.field
    return None


def _unknown(
    header: Sequence[str], columns: Sequence[Column], explicit: Mapping[str, str]
) -> list[Problem]:
    names = {_plain(name) for name in header}
    fields = {column.field for column in columns}
    problems = [
        Problem(
            code="import.column_unknown",
            path="columns",
            message=_(
                "The file has no column “%(column)s”. It has: %(header)s.",
                column=name[:_HEADER_SHOWN],
                header=_shown(header),
            ),
        )
        for name in explicit
        if _plain(name) not in names
    ]
    problems += [
        Problem(
            code="import.field_unknown",
            path="columns",
            message=_(
                "There is no field “%(field)s”. There are: %(fields)s.",
                field=field[:_HEADER_SHOWN],
                fields=", ".join(column.field for column in columns),
            ),
        )
        for field in explicit.values()
        if field and field not in fields and not any(column.takes(field) for column in columns)
    ]
    return problems


def _missing(column: Column, header: Sequence[str]) -> Problem:
    return Problem(
        code="import.field_missing",
        path=column.field,
        message=_(
            "No column is “%(field)s”. The file has: %(header)s. Say which it is: --map "
            "COLUMN=%(field)s",
            field=column.field,
            header=_shown(header),
        ),
    )


def _twice(field: str, first: str, second: str) -> Problem:
    return Problem(
        code="import.field_twice",
        path=field,
        message=_(
            "Both “%(first)s” and “%(second)s” are “%(field)s”. Rename one of the two columns.",
            first=first[:_HEADER_SHOWN],
            second=second[:_HEADER_SHOWN],
            field=field,
        ),
    )


def _shown(header: Sequence[str]) -> str:
    return ", ".join(name[:_HEADER_SHOWN] for name in header[:30])
