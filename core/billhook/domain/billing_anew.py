"""What stands on an issued document as lines of a bill again."""

from collections.abc import Sequence
from dataclasses import dataclass

from billhook.domain.bills import BillLine
from billhook.domain.documents import Document, DocumentAdjustment, DocumentLine
from billhook.domain.states import Supply
from billhook.domain.totals import Adjustment, line_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxed:
    """What taxes ask about a line."""

    supply: Supply
    tax_category: str


def billed_line(line: DocumentLine, taxed: Taxed, currency: str) -> BillLine:
    """Return a document's line as a bill has it."""
    return BillLine(
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line_amount(
            line.quantity,
            line.unit_price,
            currency,
            base_quantity=line.base_quantity,
            adjustments=line.adjustments,
        ),
        supply=taxed.supply,
        tax_category=taxed.tax_category,
        supplied_on=line.supplied_on,
        base_quantity=line.base_quantity,
        adjustments=line.adjustments,
        sku=line.sku,
        unit=line.unit,
        revenue_account=line.revenue_account,
        period=line.period,
        section_key=line.section_key,
        section_label=line.section_label,
        product_id=line.product_id,
        charge_id=line.charge_id,
        explanation=line.explanation,
        fields=line.fields,
    )


def whole_adjustments(adjustments: Sequence[DocumentAdjustment]) -> tuple[Adjustment, ...]:
    """Return the discounts and surcharges of a document, each once.

    A document holds each once per tax group, groups rising.
    """
    found: list[Adjustment] = []
    last: DocumentAdjustment | None = None
    for item in adjustments:
        goes_on = last and last.adjustment == item.adjustment and last.group_no < item.group_no
        if not goes_on:
            found.append(item.adjustment)
        last = item
    return tuple(found)


def group_targets(document: Document) -> list[int]:
    """Return what the lines of each tax group came to, discounts of the whole included.

    With tax where prices include it, as the lines' own prices do.
    """
    return [
        group.net + (group.tax if document.prices_include_tax else 0) for group in document.groups
    ]


def shared_reason(adjustments: Sequence[DocumentAdjustment], otherwise: str) -> str:
    """Return the reasons of a document's discounts and surcharges as one text."""
    reasons = dict.fromkeys(item.adjustment.reason for item in adjustments)
    return ", ".join(reasons) or otherwise
