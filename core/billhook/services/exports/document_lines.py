"""The lines of one document as a sheet, as they were sealed."""

from collections.abc import Iterator
from io import BytesIO
from uuid import UUID

from billhook.domain.documents import Document
from billhook.money import to_major
from billhook.sdk.context import Context
from billhook.services import documents, originals
from billhook.services.exports.sheets import Cell, write

HEADER = (
    "number", "line", "section", "sku", "description", "supplied_on", "period_start",
    "period_end", "quantity", "unit", "unit_price", "base_quantity", "net", "currency",
    "tax_category", "tax_rates",
)  # fmt: skip


def sheet(ctx: Context, document_id: UUID) -> tuple[str, BytesIO]:
    """Return a file's name and its CSV. Raises NotFound."""
    entry = documents.get(ctx, document_id).entry
    return written(entry.number, originals.shown(ctx, document_id))


def written(number: str, document: Document) -> tuple[str, BytesIO]:
    """Return the sheet of a document that was read already."""
    out = BytesIO()
    write(out, "csv", HEADER, _rows(number, document))
    out.seek(0)
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in number)
    return f"{name}-lines.csv", out


def _rows(number: str, document: Document) -> Iterator[list[Cell]]:
    for line in document.lines:
        treatment = document.groups[line.group_no].treatment
        yield [
            number,
            line.line_no,
            line.section_label,
            line.sku,
            line.description,
            line.supplied_on,
            line.period.start if line.period else None,
            line.period.last_day if line.period else None,
            line.quantity,
            line.unit,
            line.unit_price,
            line.base_quantity,
            to_major(line.net, document.currency),
            document.currency,
            treatment.category or "",
            " ".join(f"{one.tax} {one.rate}" for one in treatment.components),
        ]
