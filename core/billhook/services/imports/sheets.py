"""Sheets: CSV and XLSX files as rows of text, one at a time.

CSV may be UTF-8 or UTF-16 and use comma, semicolon, tab or bar; it is read
strictly, because a file that is guessed at is billed wrong. XLSX is unpacked
within limits, and only its first sheet is read.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from billhook import limits
from billhook.i18n import gettext as _
from billhook.services.imports.csv_sheet import CsvSheet
from billhook.services.imports.rows import BrokenFile, Row
from billhook.services.imports.xlsx_sheet import workbook

__all__ = ["BrokenFile", "Row", "Sheet", "open_sheet", "rows_of"]

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class Sheet(Protocol):
    """An open file."""

    sha256: str
    lines: int
    """How many there are, about: for a progress bar."""

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not empty, the header first. Raises BrokenFile."""
        ...


@contextmanager
def open_sheet(file: BinaryIO) -> Iterator[Sheet]:
    """Open a seekable file by what it holds, whatever its name is. Raises BrokenFile."""
    size = file.seek(0, io.SEEK_END)
    if size > limits.IMPORT_BYTES:
        raise BrokenFile(
            _(
                "The file is larger than %(limit)s MB. Split it.",
                limit=limits.IMPORT_BYTES // 1024**2,
            )
        )
    file.seek(0)
    start = file.read(4)
    if start.startswith(_OLD_EXCEL):
        raise BrokenFile(_("This is an old Excel file. Save it as .xlsx or as CSV UTF-8."))
    if start == _ZIP:
        with workbook(file) as book:
            yield book
    else:
        text = CsvSheet(file)
        try:
            yield text
        finally:
            text.release()


def rows_of(sheet: Sheet) -> tuple[Row, Iterator[Row]]:
    """Return the header and the rows after it. Raises BrokenFile."""
    rows = sheet.rows()
    header = next(rows, None)
    if header is None:
        raise BrokenFile(_("The file is empty. Its first row names the columns."))
    return header, rows
