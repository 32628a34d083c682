"""The lines of a document, in sections, with what is to say below each."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from billhook.domain.brands import Column
from billhook.domain.document_view import ViewColumn, ViewLine, ViewSection, ViewTotal
from billhook.domain.documents import Document, DocumentLine
from billhook.domain.tax import ComponentKind, TaxTreatment
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.money import plain
from billhook.services.presenting import own
from billhook.services.presenting.formats import Formats
from billhook.services.presenting.names import unit_name
from billhook.services.presenting.texts import gettext as _
from billhook.services.presenting.texts import left_to_right

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_NUMBERS = frozenset({Column.QUANTITY, Column.UNIT_PRICE, Column.DISCOUNT, Column.TAX, Column.NET})


def view_columns(columns: Sequence[Column], currency: str) -> tuple[ViewColumn, ...]:
    """Return the columns with their labels."""
    labels = {
        Column.POSITION: _("Pos."),
        Column.SKU: _("Item no."),
        Column.DESCRIPTION: _("Description"),
        Column.DATE: _("Date"),
        Column.QUANTITY: _("Quantity"),
        Column.UNIT: _("Unit"),
        Column.UNIT_PRICE: _("Unit price"),
        Column.DISCOUNT: _("Discount"),
        Column.TAX: _("Tax"),
        Column.NET: _("Amount (%(currency)s)", currency=currency),
    }
    return tuple(
        ViewColumn(column=column, label=labels[column], is_number=column in _NUMBERS)
        for column in columns
    )


def sections(
    document: Document, columns: Sequence[Column], formats: Formats
) -> tuple[ViewSection, ...]:
    """Return the lines as they follow each other, those of one group together."""
    groups = [
        (label, list(lines))
        for (_key, label), lines in groupby(
            document.lines, key=lambda line: (line.section_key, line.section_label)
        )
    ]
    rates = [_rates(group.treatment, formats) for group in document.groups]
    return tuple(
        ViewSection(
            label=label,
            lines=tuple(_line(line, columns, rates, formats) for line in lines),
            subtotal_label=_("Subtotal") if label and len(groups) > 1 else "",
            subtotal=formats.amount(sum(line.net for line in lines))
            if label and len(groups) > 1
            else "",
        )
        for label, lines in groups
    )


def adjustments(document: Document, formats: Formats) -> tuple[ViewTotal, ...]:
    """Return discounts and surcharges of the whole document."""
    return tuple(
        ViewTotal(label=_adjustment(one.adjustment, formats), amount=formats.amount(one.net))
        for one in document.adjustments
    )


def _line(
    line: DocumentLine, columns: Sequence[Column], rates: Sequence[str], formats: Formats
) -> ViewLine:
    has_unit = Column.UNIT in columns
    texts = {
        Column.POSITION: str(line.line_no),
        Column.SKU: line.sku,
        Column.DESCRIPTION: line.description,
        Column.DATE: formats.day(line.supplied_on),
        Column.QUANTITY: _quantity(line, formats, has_unit=has_unit),
        Column.UNIT: unit_name(line.unit, line.quantity),
        Column.UNIT_PRICE: _unit_price(line, formats),
        Column.DISCOUNT: "\n".join(_discount(one, formats) for one in line.adjustments),
        Column.TAX: rates[line.group_no],
        Column.NET: formats.amount(line.net),
    }
    return ViewLine(
        cells=tuple(texts[column] for column in columns),
        details=tuple(_details(line, formats)),
    )


def _quantity(line: DocumentLine, formats: Formats, *, has_unit: bool) -> str:
    unit = "" if has_unit else unit_name(line.unit, line.quantity)
    quantity = formats.quantity(line.quantity)
    return left_to_right(f"{quantity}\xa0{unit}") if unit else quantity


def _unit_price(line: DocumentLine, formats: Formats) -> str:
    price = formats.price(line.unit_price)
    if line.base_quantity == 1:
        return price
    return _(
        "%(price)s per %(quantity)s", price=price, quantity=formats.quantity(line.base_quantity)
    )


def _details(line: DocumentLine, formats: Formats) -> Iterator[str]:
    if line.period:
        yield formats.days(line.period)
    for adjustment in line.adjustments:
        yield _adjustment(adjustment, formats)
    for label, text in own.printed(line.fields, formats):
        yield _("%(label)s: %(text)s", label=label, text=text)
    if _says_more(line):
        yield line.explanation


def _says_more(line: DocumentLine) -> bool:
    """Tell whether the explanation of the price names a number that the line does not show."""
    shown = {plain(line.unit_price), plain(line.base_quantity), plain(line.quantity)}
    return not shown.issuperset(_NUMBER.findall(line.explanation))


def _adjustment(adjustment: Adjustment, formats: Formats) -> str:
    is_discount = adjustment.kind is AdjustmentKind.ALLOWANCE
    values = {"amount": _size(adjustment, formats), "reason": adjustment.reason}
    if not adjustment.reason:
        return (
            _("Discount of %(amount)s", **values)
            if is_discount
            else _("Surcharge of %(amount)s", **values)
        )
    if is_discount:
        return _("Discount of %(amount)s: %(reason)s", **values)
    return _("Surcharge of %(amount)s: %(reason)s", **values)


def _discount(adjustment: Adjustment, formats: Formats) -> str:
    sign = "−" if adjustment.kind is AdjustmentKind.ALLOWANCE else "+"
    return f"{sign}{_size(adjustment, formats)}"


def _size(adjustment: Adjustment, formats: Formats) -> str:
    if adjustment.percent is not None:
        return formats.percent(adjustment.percent)
    return formats.money(adjustment.amount or 0)


def _rates(treatment: TaxTreatment, formats: Formats) -> str:
    """Write the rates of a treatment; what is withheld is no part of a price."""
    charged = (
        formats.percent(one.rate)
        for one in treatment.components
        if one.kind is not ComponentKind.WITHHOLDING
    )
    return "\n".join(charged)
