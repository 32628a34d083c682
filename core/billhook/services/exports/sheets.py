"""Sheets that are written row by row: CSV in UTF-8, and XLSX.

A text that a spreadsheet would run as a formula gets an apostrophe before it,
which the import takes away again.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Literal, get_args

from billhook.errors import BillhookError
from billhook.i18n import gettext as _
from billhook.money import plain
from billhook.services.imports.rows import FORMULA_STARTS

Cell = str | int | Decimal | date | datetime | bool | None
SheetFormat = Literal["csv", "xlsx"]
FORMATS: tuple[SheetFormat, ...] = get_args(SheetFormat)

_XLSX_ROWS = 1_048_576
_XLSX_DIGITS = 15
"""A workbook keeps numbers as binary fractions; longer ones stay exact as text."""


class TooManyRows(BillhookError):
    """A workbook cannot hold so many rows."""

    code = "export.too_many_rows"

    def __init__(self) -> None:
        super().__init__(
            _("A workbook holds at most %(count)s rows. Export as CSV instead.", count=_XLSX_ROWS)
        )


def write(
    out: BinaryIO, sheet_format: SheetFormat, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> int:
    """Write a sheet, a row at a time; return how many rows there are. Raises TooManyRows."""
    return _WRITERS[sheet_format](out, header, rows)


def neutral(text: str) -> str:
    """Keep a spreadsheet from running the text."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _write_csv(out: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=False)
    writer = csv.writer(text)
    writer.writerow([neutral(name) for name in header])
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        writer.writerow([_text(cell) for cell in row])
    text.flush()
    text.detach()
    return count


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case Decimal():
            return plain(cell)
        case date():
            return cell.isoformat()
        case str():
            return neutral(cell)
        case _:
            return str(cell)


def _write_xlsx(out: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"

    def value(cell: Cell) -> Any:
        match cell:
            case str():
                written = WriteOnlyCell(sheet, neutral(ILLEGAL_CHARACTERS_RE.sub("", cell)))
                written.data_type = "s"
                return written
            case bool():
                return "yes" if cell else "no"
            case Decimal():
                is_short = len(cell.as_tuple().digits) <= _XLSX_DIGITS
                return cell if is_short else plain(cell)
            case datetime():
                return cell.replace(tzinfo=None)
            case _:
                return cell

    count = 0
    sheet.append([value(name) for name in header])
    try:
        for count, row in enumerate(rows, start=1):
            if count >= _XLSX_ROWS:
                raise TooManyRows
            sheet.append([value(cell) for cell in row])
    finally:
        sheet.close()
    book.save(out)
    return count


_WRITERS: Mapping[
    SheetFormat, Callable[[BinaryIO, Sequence[str], Iterable[Sequence[Cell]]], int]
] = {"csv": _write_csv, "xlsx": _write_xlsx}


def counted(
    rows: Iterable[Sequence[Cell]], total: int, progress: Callable[[int, int], None]
) -> Iterator[Sequence[Cell]]:
    """Pass the rows on and tell now and then how many have gone."""
    count = 0
    for count, row in enumerate(rows, start=1):
        yield row
        if count % 1_000 == 0:
            progress(count, max(total, count))
    progress(count, count)
