"""How tables are read: who lays one out, which rows stay together, and where columns stand."""

from typing import Any

import xhtml2pdf.tables
from xhtml2pdf.tables import TableData, pisaTagTABLE, pisaTagTBODY
from xhtml2pdf.xhtml2pdf_reportlab import PmlTable, RoundedTableBox

from billhook_render_pdf.pieces import KEPT, Pieces

WITH_FOOT = 2
"""Rows of the body that stay with the foot."""
_mirror = xhtml2pdf.tables._mirror_columns
_LONG = 60
"""Rows from which a table is laid out in pieces."""


class TableTag(pisaTagTABLE):
    """`<table>`: one that is long or has a foot is laid out in pieces."""

    def end(self, c: Any) -> None:
        if not _suits_pieces(c):
            super().end(c)
            return
        xhtml2pdf.tables.PmlTable = Pieces  # the name under which the library makes its table
        try:
            super().end(c)
        finally:
            xhtml2pdf.tables.PmlTable = PmlTable


class BodyTag(pisaTagTBODY):
    """`<tbody>`: no page break comes in one of class `together`."""

    def end(self, c: Any) -> None:
        super().end(c)
        first, last = self.first_row, c.tableData.row - 1
        if first < last and "together" in self.node.getAttribute("class").split():
            c.tableData.add_style((KEPT, (0, first), (-1, last)))


class FootTag(pisaTagTBODY):
    """`<tfoot>`: no page break comes in it, nor before it without rows of the body."""

    def end(self, c: Any) -> None:
        super().end(c)
        first, last = self.first_row, c.tableData.row - 1
        if first <= last:
            kept = max(first - WITH_FOOT, c.tableData.repeat)
            c.tableData.add_style((KEPT, (0, kept), (-1, last)))


def mirrored(data: TableData, rows: list[list[Any]], columns: int) -> None:
    """Lay columns out right to left; in place of xhtml2pdf's, which loses what spans columns.

    A span shows the content of its first cell on the left, which was its last before.
    """
    _mirror(data, rows, columns)
    for name, (left, top), (right, _bottom), *_rest in data.styles:
        if name == "SPAN" and left != right:
            cells = rows[top]
            cells[left], cells[right] = cells[right], cells[left]


def _suits_pieces(c: Any) -> bool:
    table = c.tableData
    if c.frag.insideStaticFrame or table.depth > 1 or table.height or table.auto_margins:
        return False
    if any(isinstance(command[-1], RoundedTableBox) for command in table.styles):
        return False  # a round box goes round the table as a whole
    return len(table.data) >= _LONG or any(command[0] == KEPT for command in table.styles)
