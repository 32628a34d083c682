"""CSV: read strictly, because a file that is guessed at is billed wrong."""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from billhook import limits
from billhook.i18n import gettext as _
from billhook.services.imports.rows import BrokenFile, Row, is_empty, unquoted, width_message

_BLOCK = 1024 * 1024
_DELIMITERS = ",;\t|"


class CsvSheet:
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
            if is_empty(cells):
                continue
            width = width or len(cells)
            if len(cells) != width:
                raise BrokenFile(width_message(len(cells), width), line=line)
            yield Row(line, [unquoted(cell) for cell in cells])


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
