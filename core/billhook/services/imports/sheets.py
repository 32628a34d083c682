"""Sheets: CSV and XLSX files as rows of text, one at a time.

CSV may be UTF-8 or UTF-16 and use comma, semicolon, tab or bar; it is read
strictly, because a file that is guessed at is billed wrong. XLSX is unpacked
within limits, and only its first sheet is read.
"""

import codecs
import csv
import hashlib
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Protocol
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from billhook import limits
from billhook.errors import BillhookError
from billhook.i18n import gettext as _

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of these is run by spreadsheets; exports put ' before it."""

_BLOCK = 1024 * 1024
_DELIMITERS = ",;\t|"
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_UNPACKED_BYTES = 4 * limits.IMPORT_BYTES
_PROLOG_BYTES = 64 * 1024


class BrokenFile(BillhookError):
    """The file as a whole cannot be read; nothing was written."""

    code = "file.broken"

    def __init__(self, message: str, *, line: int | None = None) -> None:
        told = _("Line %(line)s: %(reason)s", line=line, reason=message) if line else message
        super().__init__(told)
        self.line = line


@dataclass(frozen=True, slots=True)
class Row:
    """A row by the line of the file on which it begins."""

    line: int
    cells: Sequence[str]


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
        with _workbook(file) as book:
            yield book
    else:
        text = _CsvSheet(file)
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


def _unquoted(cell: str) -> str:
    """Take away the apostrophe with which an export kept a formula from running."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _is_empty(cells: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in cells)


# CSV


class _CsvSheet:
    """A text file. It is read once for its encoding and hash, then row by row."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.encoding = _encoding(file)
        self.sha256, self.lines = _survey(file, self.encoding)
        self.text: io.TextIOWrapper | None = None

    def release(self) -> None:
        """Leave the file open to whoever opened it."""
        if self.text is not None:
            self.text.detach()
            self.text = None

    def rows(self) -> Iterator[Row]:
        self.release()
        self.file.seek(0)
        self.text = io.TextIOWrapper(self.file, self.encoding, newline="")
        lines = _Lines(self.text)
        reader = csv.reader(lines, delimiter=lines.delimiter, strict=True)
        width = 0
        while True:
            line = lines.begin_row()
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise BrokenFile(_broken_row(str(error)), line=line) from None
            if cells is None:
                return
            if _is_empty(cells):
                continue
            width = width or len(cells)
            if len(cells) != width:
                raise BrokenFile(_width_message(len(cells), width), line=line)
            yield Row(line, [_unquoted(cell) for cell in cells])


class _Lines:
    """The physical lines of a text, counted, and no more of them in a row than the limit."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text = text
        self.line = 0
        self.row_line = 1
        self.left = limits.IMPORT_ROW_BYTES
        self.waiting: str | None = self._first()
        if self.waiting.lower().startswith("sep=") and len(self.waiting.strip()) == 5:
            self.delimiter = self.waiting[4]
            self.line, self.waiting = self.line + 1, None
        else:
            self.delimiter = _delimiter(self.waiting)

    def begin_row(self) -> int:
        """Allow a row its size; return the line on which it begins."""
        self.left = limits.IMPORT_ROW_BYTES
        self.row_line = self.line + 1
        return self.row_line

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line, self.waiting = (self._read() if self.waiting is None else self.waiting), None
        if not line:
            raise StopIteration
        self.left -= len(line)
        if self.left < 0:
            self._refuse()
        self.line += 1
        return line

    def _first(self) -> str:
        """Pass over the empty lines at the top, which say nothing about the delimiter."""
        while (line := self._read()) and not line.strip():
            self.line += 1
        return line

    def _read(self) -> str:
        line = self.text.readline(limits.IMPORT_ROW_BYTES + 1)
        if len(line) > limits.IMPORT_ROW_BYTES:
            self._refuse()
        return line

    def _refuse(self) -> None:
        raise BrokenFile(
            _(
                "This row is longer than %(limit)s characters. Perhaps a quotation mark is not "
                "closed.",
                limit=limits.IMPORT_ROW_BYTES,
            ),
            line=self.row_line,
        )


def _delimiter(header: str) -> str:
    """Take the delimiter that stands most often in the header, outside quotation marks."""
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _encoding(file: BinaryIO) -> str:
    file.seek(0)
    start = file.read(1024)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if b"\0" in start:  # text in a Latin script has a zero in every second byte
        return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    return "utf-8"


def _survey(file: BinaryIO, encoding: str) -> tuple[str, int]:
    """Return the SHA-256 and the number of lines of a text that can be read throughout."""
    file.seek(0)
    decoder = io.IncrementalNewlineDecoder(_strict_decoder(encoding), translate=True)
    digest = hashlib.sha256()
    lines = 0
    while True:
        block = file.read(_BLOCK)
        digest.update(block)
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(encoding, "ignore")
            raise BrokenFile(
                _("This is not UTF-8 text. Save the file as CSV UTF-8."),
                line=lines + before.count("\n") + 1,
            ) from None
        if "\0" in text:
            lines += text[: text.index("\0")].count("\n")
            raise BrokenFile(
                _("The text holds a NUL character. Export the file anew."), line=lines + 1
            )
        lines += text.count("\n")
        if not block:
            return digest.hexdigest(), lines


def _strict_decoder(encoding: str) -> Any:
    return codecs.getincrementaldecoder(encoding)(errors="strict")


def _broken_row(reason: str) -> str:
    if "unexpected end" in reason:
        return _("A quotation mark is opened here and never closed.")
    if "expected after" in reason:
        return _("Text follows a closing quotation mark. Write two for one inside a text.")
    return _("This is no row of a CSV file (%(reason)s).", reason=reason)


def _width_message(found: int, wanted: int) -> str:
    return _(
        "This row has %(found)s cells, the header %(wanted)s. Put texts that hold the separator "
        "into quotation marks.",
        found=found,
        wanted=wanted,
    )


# XLSX

_NOT_READ = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
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


class _XlsxSheet:
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
            cells = [_unquoted(_cell_text(value)) for value in values]
            if _is_empty(cells):
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
            if not _is_empty(cells[width:]):
                raise BrokenFile(_width_message(len(cells), width), line=line)
            cells = cells[:width]
            yield Row(line, cells + [""] * (width - len(cells)))


def _width(header: Sequence[str]) -> int:
    """Return the place after the last column that has a name."""
    return max(place for place, name in enumerate(header, start=1) if name.strip())


@contextmanager
def _workbook(file: BinaryIO) -> Iterator[_XlsxSheet]:
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
        yield _XlsxSheet(sheet, _sha256(file))
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
