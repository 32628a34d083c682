"""XLSX: the values of the first sheet, unpacked within limits."""

import hashlib
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO
from xml.parsers import expat

from billhook import limits
from billhook.i18n import gettext as _
from billhook.services.imports.rows import BrokenFile, Row, is_empty, unquoted, width_message

_BLOCK = 1024 * 1024
_UNPACKED_BYTES = 4 * limits.IMPORT_BYTES
_PROLOG_BYTES = 64 * 1024
_NOT_READ = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,  # of XML, whichever reader openpyxl has found
    expat.ExpatError,
    EOFError,
    KeyError,
    IndexError,
    AttributeError,
    NotImplementedError,
    OSError,
    RuntimeError,  # an encrypted member
    TypeError,
    ValueError,
)
"""What zipfile and openpyxl raise for files that only look like a workbook."""


class XlsxSheet:
    """The first sheet of a workbook; only values are read, no formulas."""

    def __init__(self, sheet: Any, sha256: str) -> None:
        self.sheet = sheet
        self.sha256 = sha256
        self.lines = sheet.max_row or 0

    def rows(self) -> Iterator[Row]:
        try:
            yield from self._rows()
        except _NOT_READ as error:
            raise _not_a_workbook(error) from None

    def _rows(self) -> Iterator[Row]:
        width = 0
        for line, values in enumerate(self.sheet.iter_rows(values_only=True), start=1):
            cells = [unquoted(_cell_text(value)) for value in values]
            if is_empty(cells):
                continue
            if sum(map(len, cells)) > limits.IMPORT_ROW_BYTES:
                raise BrokenFile(
                    _(
                        "This row is longer than %(limit)s characters.",
                        limit=limits.IMPORT_ROW_BYTES,
                    ),
                    line=line,
                )
            width = width or _width(cells)
            if not is_empty(cells[width:]):
                raise BrokenFile(width_message(len(cells), width), line=line)
            cells = cells[:width]
            yield Row(line, cells + [""] * (width - len(cells)))


def _width(header: Sequence[str]) -> int:
    """Return the place after the last column that has a name."""
    return max(place for place, name in enumerate(header, start=1) if name.strip())


@contextmanager
def workbook(file: BinaryIO) -> Iterator[XlsxSheet]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _refuse_unsafe(file)
        file.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that are not read
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (*_NOT_READ, InvalidFileException) as error:
        raise _not_a_workbook(error) from None
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise BrokenFile(_("The workbook has no sheet with rows."))
        yield XlsxSheet(sheet, _sha256(file))
    finally:
        book.close()


def _sha256(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _refuse_unsafe(file: BinaryIO) -> None:
    """Refuse what would unpack without bounds, and XML that declares a document type."""
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > _UNPACKED_BYTES:
            raise BrokenFile(
                _(
                    "The workbook unpacks to more than %(limit)s MB. Split it, or save it as CSV.",
                    limit=_UNPACKED_BYTES // 1024**2,
                )
            )
        for member in members:
            if member.filename.endswith((".xml", ".rels")):
                with archive.open(member) as part:
                    _refuse_document_type(part.read(_PROLOG_BYTES))


def _refuse_document_type(start: bytes) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _declared
    parser.Parse(start, False)


def _declared(*_names: object) -> None:
    raise BrokenFile(_("The workbook holds a document type declaration, which none needs."))


def _not_a_workbook(error: Exception) -> BrokenFile:
    return BrokenFile(
        _(
            "This is no workbook that can be read (%(reason)s). Save it anew as .xlsx or as CSV.",
            reason=str(error)[:120] or type(error).__name__,
        )
    )


def _cell_text(value: Any) -> str:
    """Write a cell as CSV would hold it. A number becomes the shortest text that means it."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime() if (value.hour, value.minute, value.second) == (0, 0, 0):
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case int() | Decimal():
            return str(value)
        case _:
            return _number_text(repr(value))


def _number_text(text: str) -> str:
    try:
        return format(Decimal(text), "f")
    except ArithmeticError:
        return text
