"""What is wanted of an invoice becomes its credit note, bounded by what is left of each line."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from billhook.domain.credit_notes import credit_note
from billhook.domain.credit_shares import (
    GrossShare,
    LineShare,
    QuantityShare,
    TotalShare,
    net_of_gross,
    net_of_quantity,
    nets_of_total,
)
from billhook.domain.crediting import LineLeft, credit_groups
from billhook.domain.documents import Document
from billhook.domain.states import DocumentType
from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.money import amount_text
from billhook.problems import Problem
from billhook.services.originals import Original

CreditedLines = Mapping[int, LineShare]
"""What to credit by line number: a net in minor units, all that is left, a gross, a quantity."""


def note_of(
    before: Original,
    lines: CreditedLines | None,
    total: TotalShare | None,
    reason: str,
    issue_on: date,
) -> Document:
    """Return the credit note over part of a document, or all that is left; asks and writes nothing.

    Raises Conflict, ValidationFailed.
    """
    if before.document.type is not DocumentType.INVOICE:
        raise Conflict(_("Only an invoice can be credited. Issue a new invoice instead."))
    wanted = _wanted(before, lines) if total is None else _of_total(before, total)
    note = credit_note(
        before.document,
        before.lines,
        before.groups,
        wanted,
        note_id=new_id(),
        issue_on=issue_on,
        reason=reason,
        quantities={
            number: share.quantity
            for number, share in (lines or {}).items()
            if isinstance(share, QuantityShare)
        },
    )
    if note.payable < 0:
        raise ValidationFailed([_negative()])
    return note


def _of_total(before: Original, total: TotalShare) -> dict[int, int]:
    """Return the nets of a sum over the whole document. Raises ValidationFailed."""
    document = before.document
    rest = {line.line_no: line.left for line in before.lines}
    taken = credit_groups(before.lines, before.groups, rest)
    net = sum(one.group.net for one in taken)
    left = net + sum(one.group.tax for one in taken) if isinstance(total, GrossShare) else net
    asked = total.gross if isinstance(total, GrossShare) else total.net
    if not 0 < asked <= left:
        raise ValidationFailed([_beyond(document.currency, left)])
    wanted = nets_of_total(before.lines, before.groups, total)
    if not wanted:
        raise ValidationFailed([_nothing()])
    return wanted


def _beyond(currency: str, left: int) -> Problem:
    return Problem(
        code="credit.too_much",
        path="total",
        message=_(
            "%(left)s %(currency)s is left to credit. Enter an amount above zero and within that.",
            left=amount_text(left, currency),
            currency=currency,
        ),
    )


def _wanted(before: Original, lines: CreditedLines | None) -> dict[int, int]:
    """Return the nets to credit, each within what is left. Raises ValidationFailed, Conflict."""
    document = before.document
    if lines is None:
        wanted = {line.line_no: line.left for line in before.lines if line.left or not line.net}
        if not any(wanted.values()) and document.net:
            raise Conflict(_("This invoice is credited whole already."))
        return wanted
    left = {line.line_no: line for line in before.lines}
    units = {line.line_no: line.quantity for line in document.lines}
    nets = {
        number: _net_of(before, left[number], units[number], share) if number in left else 0
        for number, share in lines.items()
    }
    problems = [
        problem
        for number, net in nets.items()
        if (problem := _line_problem(document.currency, number, net, left.get(number)))
    ]
    if problems or not lines:
        raise ValidationFailed(problems or [_nothing()])
    return nets


def _net_of(before: Original, line: LineLeft, units: Decimal, share: LineShare) -> int:
    match share:
        case None:
            return line.left
        case QuantityShare(quantity=quantity):
            return net_of_quantity(line, quantity, units) if units else 0
        case GrossShare(gross=gross):
            return net_of_gross(line, before.lines, before.groups, gross)
        case _:
            return share


def _line_problem(currency: str, number: int, net: int, line: LineLeft | None) -> Problem | None:
    path = f"lines.{number}"
    if line is None:
        message = _("The invoice has no line %(number)s.", number=number)
        return Problem(code="credit.no_line", path=path, message=message)
    if net and min(0, line.left) <= net <= max(0, line.left):
        return None
    return Problem(
        code="credit.too_much",
        path=path,
        message=_(
            "Of line %(number)s, %(left)s %(currency)s is left to credit. Choose an amount "
            "within that.",
            number=number,
            left=amount_text(line.left, currency),
            currency=currency,
        ),
    )


def _nothing() -> Problem:
    return Problem(code="credit.nothing", message=_("Choose at least one line to credit."))


def _negative() -> Problem:
    return Problem(
        code="credit.negative",
        message=_("These lines together would raise the debt. Credit positive lines with them."),
    )
