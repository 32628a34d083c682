"""What commands print: tables and sentences for people, JSON for programs."""

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import click

from billhook.money import amount_text, plain


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for people. A title that begins with > is of a column of numbers."""

    titles: Sequence[str]
    rows: Sequence[Sequence[object]]

    def cells(self) -> list[list[str]]:
        return [[_cell(value) for value in row] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found: `content` for ``--json``, the parts for people."""

    content: Mapping[str, Any]
    parts: Sequence[Table | str] = ()
    exit_status: int = 0
    warnings: Sequence[str] = ()
    """Printed on stderr, in either form."""


def show(answer: Answer, *, as_json: bool) -> None:
    """Print an answer on stdout."""
    for warning in answer.warnings:
        click.echo(warning, err=True)
    if as_json:
        click.echo(as_text(answer.content))
        return
    for number, part in enumerate(answer.parts):
        if number and isinstance(part, Table):
            click.echo()
        if isinstance(part, Table):
            _print_table(part)
        else:
            click.echo(part)


def as_text(content: Mapping[str, Any]) -> str:
    """Write JSON as programs read it: numbers that are exact stay texts."""
    return json.dumps(content, default=_plain, ensure_ascii=False, indent=2)


def record(entry: Any, *, money: Iterable[str] = (), currency: str = "") -> dict[str, Any]:
    """Return a dataclass as JSON holds it; fields named in `money` are amounts of its currency."""
    code = currency or getattr(entry, "currency", "")
    amounts = set(money)
    return {
        field.name: _amount(getattr(entry, field.name), code)
        if field.name in amounts
        else getattr(entry, field.name)
        for field in dataclasses.fields(entry)
    }


def _amount(minor: int | None, currency: str) -> str | None:
    return None if minor is None else amount_text(minor, currency)


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return plain(value)
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Enum():
            return value.value
        case frozenset() | set():
            return sorted(value)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return record(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return plain(value)
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case Enum():
            return str(value.value)
        case _:
            return " ".join(str(value).split())


def _print_table(table: Table) -> None:
    numbers = [title.startswith(">") for title in table.titles]
    titles = [title.removeprefix(">") for title in table.titles]
    if sys.stdout.isatty():
        _print_rich(titles, table.cells(), numbers)
    else:
        _print_plain(titles, table.cells(), numbers)


def _print_plain(
    titles: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]
) -> None:
    lines = [titles, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(titles))]
    for line in lines:
        cells = (
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(line, widths, numbers, strict=True)
        )
        click.echo("  ".join(cells).rstrip())


def _print_rich(
    titles: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]
) -> None:
    from rich import box
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table as RichTable
    from rich.text import Text

    table = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, (title, is_number) in enumerate(zip(titles, numbers, strict=True)):
        is_prose = any(" " in row[place] for row in rows)  # all else is copied, and stays whole
        table.add_column(
            title, justify="right" if is_number else "left", no_wrap=not is_prose, overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    endless = Console(width=10_000)
    needed = Measurement.get(endless, endless.options, table).minimum
    Console(width=max(Console().width, needed)).print(table)
