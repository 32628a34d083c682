"""A table as a head, which every page repeats, and pieces of some rows each.

The library keeps a table whole and cuts each page's rows off its top, so that time
grows with the square of the rows. Here a page takes the head and the pieces that
fit, and only the piece in which the page ends is cut. All columns have widths that
do not depend on what is in them, so that pieces fit under each other.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from reportlab.platypus.flowables import Flowable
from reportlab.platypus.tables import TableStyle
from xhtml2pdf.xhtml2pdf_reportlab import PmlTable

KEPT = "NOSPLIT"
"""The library's name for rows that no page break may part."""
_PIECE = 24  # rows
_FUZZ = 1e-6  # points

Command = tuple[Any, ...]
"""A style of the library: its name, the first cell, the last cell, and more."""


class Pieces(Flowable):
    """Stands in for the library's table, and is made as it makes that."""

    totalWidth: Any = None
    marginLeft = marginRight = 0.0
    shrinkToFit = False
    spaceBefore = spaceAfter = 0.0

    def __init__(
        self,
        data: list[list[Any]],
        *,
        colWidths: list[Any],
        rowHeights: list[Any],
        repeatRows: int,
        hAlign: str,
        style: TableStyle,
        **_options: Any,
    ) -> None:
        super().__init__()
        self.hAlign = hAlign
        self._width = -1.0
        """Of the frame that it was laid out for; what goes on in the next one is not laid out again."""
        edges = _edges(len(data), repeatRows, style.getCommands())
        styles = _dealt(style.getCommands(), edges)
        tables = [
            PmlTable(
                data[start:end],
                colWidths=list(colWidths),
                rowHeights=rowHeights[start:end],
                hAlign=hAlign,
                style=TableStyle(styles[start]),
            )
            for start, end in pairwise(edges)
        ]
        self._head = tables[:1] if repeatRows else []
        self._pieces = tables[len(self._head) :]

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        tables = [*self._head, *self._pieces]
        if self._width != availWidth:
            for table in tables:
                table.totalWidth = self.totalWidth
                table.marginLeft, table.marginRight = self.marginLeft, self.marginRight
                table.wrapOn(self.canv, availWidth, availHeight)
            self._width = availWidth
        self._page = Stack(tables)
        return self._page.wrap(availWidth, availHeight)

    def split(self, availWidth: float, availHeight: float) -> list[Flowable]:
        """Return what fits and the rest; nothing where a new page gives more room."""
        room = availHeight - sum(map(_height, self._head))
        count = _fitting(self._pieces, room)
        page, rest = self._pieces[:count], self._pieces[count:]
        if rest:
            room -= sum(map(_height, page))
            is_last_resort = not page and hasattr(self, "_postponed")
            parts = _cut(rest[0], self.canv, availWidth, room, is_last_resort)
            page, rest = [*page, *parts[:1]], [*(parts[1:] or rest[:1]), *rest[1:]]
        if not page:
            return []
        first = Stack([*self._head, *page])
        first.spaceBefore, first.hAlign = self.spaceBefore, self.hAlign
        return [first, self._going_on(rest)] if rest else [first]

    def draw(self) -> None:
        self._page.drawOn(self.canv, 0, 0)

    def _going_on(self, pieces: list[PmlTable]) -> "Pieces":
        rest = Pieces.__new__(Pieces)
        rest.__dict__ |= {**self.__dict__, "_pieces": pieces, "spaceBefore": 0.0}
        rest.__dict__.pop("_postponed", None)
        return rest


class Stack(Flowable):
    """Tables one under the other: what one page shows of a table."""

    def __init__(self, tables: Sequence[PmlTable]) -> None:
        super().__init__()
        self._tables = tables

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        self.width = max(table._width + table._margins() for table in self._tables)
        self.height = sum(map(_height, self._tables))
        return self.width, self.height

    def drawOn(self, canvas: Any, x: float, y: float, _sW: float = 0) -> None:
        y += sum(map(_height, self._tables))
        for table in self._tables:
            y -= _height(table)
            table.drawOn(canvas, x, y, _sW)


def _height(table: PmlTable) -> float:
    height: float = table._height
    return height


def _fitting(pieces: Sequence[PmlTable], room: float) -> int:
    """Count the pieces that fit."""
    for count, piece in enumerate(pieces):
        room -= _height(piece)
        if room < -_FUZZ:
            return count
    return len(pieces)


def _cut(
    piece: PmlTable, canvas: Any, width: float, room: float, is_last_resort: bool
) -> list[PmlTable]:
    """Return a piece in two, or nothing where it has to stay whole.

    As a last resort, when not even an empty page holds it, what should stay
    together is parted, and a row is cut within.
    """
    if is_last_resort:
        piece._nosplitCmds, piece._postponed = [], True
    piece.canv = canvas
    parts: list[PmlTable] = piece.split(width, room)
    del piece.canv
    if len(parts) != 2:
        return []
    for part in parts:
        part.totalWidth = piece.totalWidth
        part.wrapOn(canvas, width, room)
    return parts


def _edges(count: int, head: int, commands: Sequence[Command]) -> list[int]:
    """Return the rows at which pieces begin, and the end; rows that belong together stay so."""
    together = [
        (_row(command[1][1], count), _row(command[2][1], count))
        for command in commands
        if command[0] in {"SPAN", KEPT} and command[1][1] != command[2][1]
    ]
    inside = {row for first, last in together for row in range(first + 1, last + 1)}
    kept = {_row(command[1][1], count) for command in commands if command[0] == KEPT}
    edges = [0]
    for row in range(1, count):
        is_due = row == head or row in kept or row - edges[-1] >= _PIECE
        if is_due and row not in inside:
            edges.append(row)
    return [*edges, count]


def _dealt(commands: Sequence[Command], edges: Sequence[int]) -> dict[int, list[Command]]:
    """Give each piece, by its first row, the styles of its rows, counted from there."""
    count = edges[-1]
    styles: dict[int, list[Command]] = {start: [] for start in edges[:-1]}
    for name, (left, top), (right, bottom), *rest in commands:
        first, last = _row(top, count), _row(bottom, count)
        index = bisect_right(edges, first) - 1
        while index < len(edges) - 1 and edges[index] <= last:
            start, end = edges[index], edges[index + 1]
            rows = max(first, start) - start, min(last, end - 1) - start
            styles[start].append((name, (left, rows[0]), (right, rows[1]), *rest))
            index += 1
    return styles


def _row(number: int, count: int) -> int:
    return number if number >= 0 else count + number
