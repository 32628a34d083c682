"""The credit note against a document: its lines linked, its taxes those of the original."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from billhook.domain.crediting import GroupCredit, GroupLeft, LineLeft, credit_groups
from billhook.domain.documents import CreditedLine, Document, DocumentAdjustment, DocumentLine
from billhook.domain.states import DocumentType
from billhook.domain.totals import Adjustment, AdjustmentKind, line_amount, nearest
from billhook.money import to_major


def credit_note(
    document: Document,
    lines: Sequence[LineLeft],
    groups: Sequence[GroupLeft],
    wanted: Mapping[int, int],
    *,
    note_id: UUID,
    issue_on: date,
    reason: str,
    quantities: Mapping[int, Decimal] | None = None,
) -> Document:
    """Return the credit note that takes back the wanted nets by line number.

    Each is within what is left of its line. Where `quantities` says how many of a
    line's units a net is of, the note says so, too, as far as they come to it. The whole of an untouched document is
    mirrored, cash rounding and prepaid amount included.
    """
    taken = credit_groups(lines, groups, wanted)
    places = {group.group_no: place for place, group in enumerate(taken)}
    net = sum(group.group.net for group in taken)
    tax = sum(group.group.tax for group in taken)
    is_whole = net == document.net and tax == document.tax and _is_untouched(lines)
    rounding = document.rounding if is_whole else 0
    prepaid = document.prepaid if is_whole else 0
    credited = [line for line in document.lines if line.line_no in wanted]
    prices = {line.line_no: line.price_of(wanted.get(line.line_no, 0)) for line in lines}
    return replace(
        document,
        id=note_id,
        type=DocumentType.CREDIT_NOTE,
        issue_on=issue_on,
        due_on=issue_on,
        lines=tuple(
            _line(
                replace(line, net=wanted[line.line_no], group_no=places[line.group_no]),
                document,
                number,
                price=None if wanted[line.line_no] == line.net else prices[line.line_no],
                quantity=(quantities or {}).get(line.line_no),
            )
            for number, line in enumerate(credited, 1)
        ),
        adjustments=_adjustments(document, taken, is_whole=is_whole),
        groups=tuple(group.group for group in taken),
        net=net,
        tax=tax,
        gross=net + tax,
        rounding=rounding,
        prepaid=prepaid,
        payable=net + tax + rounding - prepaid,
        note=reason,
        credits_document_id=document.id,
    )


def _is_untouched(lines: Sequence[LineLeft]) -> bool:
    return not any(line.credited for line in lines)


def _line(
    line: DocumentLine,
    document: Document,
    number: int,
    *,
    price: int | None,
    quantity: Decimal | None,
) -> DocumentLine:
    """Return the line as it was, or where a price is given as one that costs so much."""
    linked = replace(
        line,
        line_no=number,
        charge_id=None,
        credited=CreditedLine(document_id=document.id, line_no=line.line_no),
    )
    if price is None:
        return linked
    if quantity and (counted := _counted(linked, document, price, quantity)):
        return counted
    return replace(
        linked,
        quantity=Decimal(1 if line.net >= 0 else -1),
        unit_price=abs(to_major(price, document.currency)),
        base_quantity=Decimal(1),
        adjustments=(),
    )


def _counted(
    line: DocumentLine, document: Document, price: int, quantity: Decimal
) -> DocumentLine | None:
    """Return so many units of the line at its own price, where they cost exactly this."""
    share = Fraction(quantity) / Fraction(abs(line.quantity))
    signed = quantity.copy_sign(line.quantity)
    adjustments = tuple(
        item if item.amount is None else replace(item, amount=nearest(item.amount * share))
        for item in line.adjustments
    )
    amount = line_amount(
        signed,
        line.unit_price,
        document.currency,
        base_quantity=line.base_quantity,
        adjustments=adjustments,
    )
    if amount != price:
        return None
    return replace(line, quantity=signed, adjustments=adjustments)


def _adjustments(
    document: Document, taken: Sequence[GroupCredit], *, is_whole: bool
) -> tuple[DocumentAdjustment, ...]:
    if is_whole:
        places = {group.group_no: place for place, group in enumerate(taken)}
        return tuple(
            replace(item, group_no=places[item.group_no]) for item in document.adjustments
        )
    return tuple(
        DocumentAdjustment(
            adjustment=_amount_of(group.adjustments, document),
            net=group.adjustments,
            group_no=place,
        )
        for place, group in enumerate(taken)
        if group.adjustments
    )


def _amount_of(net: int, document: Document) -> Adjustment:
    """Return the share of the document's discounts or surcharges, under their own reasons."""
    reasons = ", ".join(dict.fromkeys(item.adjustment.reason for item in document.adjustments))
    kind = AdjustmentKind.ALLOWANCE if net < 0 else AdjustmentKind.SURCHARGE
    return Adjustment(kind=kind, reason=reasons, amount=abs(net))
