"""Lines, and the allowances and charges of lines and of the whole document.

A line's net is what the document says (BT-131). Where quantity × price does not
come to it, because the tenant's prices include tax, price and discounts are
scaled to it, so that the figures of a line still fit each other.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from billhook.domain.documents import Document, DocumentAdjustment, DocumentLine
from billhook.domain.totals import Adjustment, AdjustmentKind, line_amount
from billhook.money import CONTEXT, PRICE_DECIMALS, minor_digits, round_half_away, to_major
from billhook_einvoice_ubl import own, units
from billhook_einvoice_ubl.characters import clean
from billhook_einvoice_ubl.taxes import category
from billhook_einvoice_ubl.terms import AllowanceCharge, Line, Span, TaxCategory
from billhook_einvoice_ubl.texts import gettext as _

_DISCOUNT = "95"  # UNTDID 5189
_SLACK = Decimal("0.02")
"""By how much figures may miss each other (PEPPOL-EN16931-R040, PEPPOL-EN16931-R120)."""


def lines(document: Document) -> tuple[Line, ...]:
    """BG-25."""
    kinds = [category(group.treatment) for group in document.groups]
    return tuple(_line(line, kinds[line.group_no], document.currency) for line in document.lines)


def _line(line: DocumentLine, kind: TaxCategory, currency: str) -> Line:
    name, _newline, rest = clean(line.description).partition("\n")
    scale = _scale(line, currency)
    sign = -1 if line.unit_price < 0 else 1  # a price is never negative (BR-27)
    found = Line(
        id=str(line.line_no),
        name=name.strip(),
        description=rest.strip(),
        note=_note(line),
        sku=clean(line.sku),
        quantity=sign * line.quantity,
        unit_code=units.code_of(line.unit) or units.ONE,
        price=_scaled(abs(line.unit_price), scale),
        base_quantity=line.base_quantity,
        period=Span(line.period.start, line.period.last_day) if line.period else None,
        adjustments=_line_adjustments(line, currency, scale),
        net=to_major(line.net, currency),
        category=kind,
        properties=own.properties(line),
    )
    return replace(found, adjustments=(*found.adjustments, *_rounding(found)))


def _rounding(line: Line) -> Iterator[AllowanceCharge]:
    """Say what a line was rounded by where that is more than Peppol lets pass: in yen, say."""
    product = CONTEXT.divide(CONTEXT.multiply(line.quantity, line.price), line.base_quantity)
    signs = {AdjustmentKind.ALLOWANCE: -1, AdjustmentKind.SURCHARGE: 1}
    reckoned = sum((signs[one.kind] * one.amount for one in line.adjustments), product)
    missing = CONTEXT.subtract(line.net, reckoned)
    if abs(missing) > _SLACK:
        yield AllowanceCharge(
            kind=AdjustmentKind.ALLOWANCE if missing < 0 else AdjustmentKind.SURCHARGE,
            amount=CONTEXT.quantize(abs(missing), Decimal("0.01")),
            reason=_("Rounding"),
        )


def _note(line: DocumentLine) -> str:
    """BT-127: the section of the document, and a unit that has no code."""
    unit = ""
    if units.code_of(line.unit) is None:
        unit = _("Unit: %(unit)s", unit=clean(line.unit))
    return "\n".join(filter(None, (clean(line.section_label), unit)))


def _scale(line: DocumentLine, currency: str) -> Fraction:
    """Return what to multiply price and discounts with, so that they come to the line's net."""
    reckoned = line_amount(
        line.quantity,
        line.unit_price,
        currency,
        base_quantity=line.base_quantity,
        adjustments=line.adjustments,
    )
    return Fraction(line.net, reckoned) if reckoned else Fraction(1)


def _scaled(value: Decimal, scale: Fraction) -> Decimal:
    if scale == 1:
        return value
    exact = CONTEXT.divide(
        CONTEXT.multiply(value, Decimal(scale.numerator)), Decimal(scale.denominator)
    )
    return CONTEXT.quantize(exact, Decimal(1).scaleb(-PRICE_DECIMALS))


def _line_adjustments(
    line: DocumentLine, currency: str, scale: Fraction
) -> tuple[AllowanceCharge, ...]:
    """BG-27, BG-28."""
    if not line.adjustments:
        return ()
    product = CONTEXT.divide(
        CONTEXT.multiply(line.quantity, line.unit_price), Decimal(line.base_quantity)
    )
    base = _rounded(_scaled(product, scale), currency)
    return tuple(
        _allowance_charge(
            adjustment,
            _rounded(_scaled(adjustment.on(product, minor_digits(currency)), scale), currency),
            base,
        )
        for adjustment in line.adjustments
    )


def document_adjustments(document: Document) -> tuple[AllowanceCharge, ...]:
    """BG-20, BG-21: each on the lines that are taxed as it is."""
    return tuple(_document_adjustment(document, item) for item in document.adjustments)


def _document_adjustment(document: Document, item: DocumentAdjustment) -> AllowanceCharge:
    base = sum(line.net for line in document.lines if line.group_no == item.group_no)
    return _allowance_charge(
        item.adjustment,
        to_major(item.net, document.currency),
        to_major(base, document.currency),
        kind=category(document.groups[item.group_no].treatment),
    )


def _allowance_charge(
    adjustment: Adjustment, effect: Decimal, base: Decimal, *, kind: TaxCategory | None = None
) -> AllowanceCharge:
    """Return an adjustment of that signed effect; its percent only where it explains the amount."""
    is_allowance = adjustment.kind is AdjustmentKind.ALLOWANCE
    amount = -effect if is_allowance else effect
    percent = adjustment.percent
    if percent is not None and abs(base * percent / 100 - amount) > _SLACK:
        percent = None
    reason = clean(adjustment.reason)
    return AllowanceCharge(
        kind=adjustment.kind,
        amount=amount,
        reason=reason,
        reason_code=_DISCOUNT if is_allowance and not reason else "",
        percent=percent,
        base=None if percent is None else base,
        category=kind,
    )


def _rounded(value: Decimal, currency: str) -> Decimal:
    return to_major(round_half_away(value, minor_digits(currency)), currency)
