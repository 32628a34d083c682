"""The foot of a table is never alone on a page: rows before it come along."""

from typing import Any

from xhtml2pdf.tables import TableData, pisaTagTBODY

WITH_FOOT = 2
"""Rows of the body that stay with the foot."""
_LONGEST_FOOT = 30  # rows; a longer one could not be kept on one page


class Foot(pisaTagTBODY):
    """`<tfoot>`, in place of xhtml2pdf's, which lets a page break come before and in it."""

    def end(self, c: Any) -> None:
        super().end(c)
        data: TableData = c.tableData
        first, last = self.first_row, data.row - 1
        if first <= last < first + _LONGEST_FOOT:
            kept = max(first - WITH_FOOT, data.repeat)
            data.add_style(("NOSPLIT", (0, kept), (-1, last)))
