"""Rows of a sheet, and the error of a file that has none to give."""

from collections.abc import Sequence
from dataclasses import dataclass

from billhook.errors import BillhookError
from billhook.i18n import gettext as _

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of these is run by spreadsheets; exports put ' before it."""


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


def unquoted(cell: str) -> str:
    """Take away the apostrophe with which an export kept a formula from running."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def is_empty(cells: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def width_message(found: int, wanted: int) -> str:
    return _(
        "This row has %(found)s cells, the header %(wanted)s. Put texts that hold the separator "
        "into quotation marks.",
        found=found,
        wanted=wanted,
    )
