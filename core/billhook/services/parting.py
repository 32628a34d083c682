"""Bills go apart: each part a bill of its own, its charges claimed, moved or superseded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.bills import Bill, BillLine
from billhook.domain.child_charges import SPLIT, child_reference
from billhook.domain.splitting import (
    MOST_PARTS,
    ByLines,
    ByPercent,
    BySection,
    Part,
    Split,
    divide,
    letter,
    part_reference,
    sections,
)
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.charges import ChargeRow
from billhook.models.customers import Customer
from billhook.money import RATE_DECIMALS, fits, plain
from billhook.problems import Problem
from billhook.services import claims
from billhook.services.claims import ClaimedCharge

_WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBill:
    """A part as a bill, and which line each of its lines is of."""

    part: str
    bill: Bill
    line_numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Parts, and what becomes of the charges of the whole."""

    parts: tuple[PartBill, ...]
    moved: Mapping[UUID, UUID]
    """The part that holds a charge from now on, by charge."""
    superseding: tuple[ClaimedCharge, ...] = ()
    superseded: tuple[UUID, ...] = ()


def parts_of(
    whole: Bill,
    lines: Mapping[int, BillLine],
    how: Split,
    *,
    base: str,
    payers: Mapping[int, UUID],
) -> tuple[PartBill, ...]:
    """Return the parts of numbered lines, each with its reference and payer. Raises ValidationFailed."""
    if problems := _problems(lines, how):
        raise ValidationFailed(problems)
    return tuple(
        _part(whole, place, part, base=base, payer_id=payers.get(place, whole.payer_id))
        for place, part in enumerate(divide(lines, how, whole.currency))
    )


def _part(whole: Bill, place: int, part: Part, *, base: str, payer_id: UUID) -> PartBill:
    bill = replace(
        whole,
        id=new_id(),
        payer_id=payer_id,
        lines=tuple(item.line for item in part),
        adjustments=(),
        reference=part_reference(base, place),
    )
    numbers = tuple(item.line_no for item in part)
    return PartBill(part=letter(place), bill=bill, line_numbers=numbers)


def payers_of(references: Mapping[int, str]) -> dict[int, UUID]:
    """Return who pays for which part, by the customers' references. Raises ValidationFailed."""
    wanted = {place: text.strip() for place, text in references.items() if text.strip()}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Customer.reference, Customer.id).where(
            Customer.reference.in_(set(wanted.values())), Customer.merged_into_id.is_(None)
        )
    )
    known = dict(rows.tuples().all())
    if missing := [place for place, text in wanted.items() if text not in known]:
        raise ValidationFailed([_unknown_payer(place, wanted[place]) for place in missing])
    return {place: known[text] for place, text in wanted.items()}


def _unknown_payer(place: int, reference: str) -> Problem:
    return Problem(
        code="split.payer_unknown",
        path=f"payer-{place}",
        message=_(
            "There is no customer “%(customer)s” who could pay for part %(part)s. Enter the "
            "number of a customer.",
            customer=reference[:80],
            part=letter(place),
        ),
    )


def shared_out(whole: Bill, parts: Sequence[PartBill], held: Sequence[UUID]) -> Parting:
    """Return what becomes of the charges that the whole holds.

    A charge whose lines are all in one part, for the same payer, goes there as it is. One
    that is torn is superseded by a charge for each of its lines, and so is one for which
    another pays from now on: it would come back to the wrong payer. One without lines
    goes with the first part.
    """
    places = _places(parts)
    moved: dict[UUID, UUID] = {}
    torn: list[UUID] = []
    for charge_id in held:
        found = places.get(charge_id, [0])
        if len(found) == 1 and parts[found[0]].bill.payer_id == whole.payer_id:
            moved[charge_id] = parts[found[0]].bill.id
        elif charge_id in places:
            torn.append(charge_id)
        else:
            moved[charge_id] = parts[0].bill.id
    rows = claims.charge_rows(torn)
    replaced = [_superseded(part, rows) for part in parts]
    return Parting(
        parts=tuple(part for part, _charges in replaced),
        moved=moved,
        superseding=tuple(charge for _part_, charges in replaced for charge in charges),
        superseded=tuple(torn),
    )


def _places(parts: Sequence[PartBill]) -> dict[UUID, list[int]]:
    """Return in which parts each charge has lines."""
    found: dict[UUID, list[int]] = {}
    for place, part in enumerate(parts):
        for charge_id in dict.fromkeys(line.charge_id for line in part.bill.lines):
            if charge_id:
                found.setdefault(charge_id, []).append(place)
    return found


def _superseded(
    part: PartBill, rows: Mapping[UUID, ChargeRow]
) -> tuple[PartBill, list[ClaimedCharge]]:
    """Give the part's lines of torn charges charges of their own."""
    charges: list[ClaimedCharge] = []
    lines: list[BillLine] = []
    for position, line in enumerate(part.bill.lines, 1):
        row = rows.get(line.charge_id) if line.charge_id else None
        if row is not None:
            child = claims.child_of(
                row,
                line,
                source=SPLIT,
                reference=child_reference(row.id, part.part, position),
                payer_id=part.bill.payer_id,
            )
            charges.append(ClaimedCharge(charge=child, holder_id=part.bill.id))
            line = replace(line, charge_id=child.id)
        lines.append(line)
    return replace(part, bill=replace(part.bill, lines=tuple(lines))), charges


# What makes no parts


def _problems(lines: Mapping[int, BillLine], how: Split) -> list[Problem]:
    match how:
        case ByLines(parts=chosen):
            return _line_problems(lines, chosen)
        case BySection():
            return _section_problems(len(set(sections(lines).values())))
        case ByPercent(percents=percents):
            return _percent_problems(percents)


def _line_problems(lines: Mapping[int, BillLine], chosen: Mapping[int, int]) -> list[Problem]:
    if unknown := [number for number in chosen if number not in lines]:
        message = _("There is no line %(number)s to split off.", number=unknown[0])
        return [_problem("split.no_line", message, "lines")]
    if any(not 0 <= part < MOST_PARTS for part in chosen.values()):
        return [_too_many()]
    if len({chosen.get(number, 0) for number in lines}) < 2:
        message = _("Choose at least one line for another part, and leave at least one.")
        return [_problem("split.one_part", message, "lines")]
    return []


def _section_problems(count: int) -> list[Problem]:
    if count < 2:
        message = _("All lines stand in one section. Split by lines or by percentage instead.")
        return [_problem("split.one_part", message, "how")]
    return [_too_many()] if count > MOST_PARTS else []


def _percent_problems(percents: Sequence[Decimal]) -> list[Problem]:
    if len(percents) < 2:
        message = _("Enter at least two percentages, such as 60 and 40.")
        return [_problem("split.one_part", message, "percents")]
    if len(percents) > MOST_PARTS:
        return [_too_many()]
    if any(one <= 0 or not fits(one, decimals=RATE_DECIMALS) for one in percents):
        message = _("Each percentage is above zero, with at most %(n)s decimals.", n=RATE_DECIMALS)
        return [_problem("split.percent", message, "percents")]
    if sum(percents) != _WHOLE:
        message = _(
            "The percentages sum to %(sum)s. Change them so that they sum to 100.",
            sum=plain(sum(percents, Decimal(0))),
        )
        return [_problem("split.percent_sum", message, "percents")]
    return []


def _too_many() -> Problem:
    message = _("A split has at most %(most)s parts, A to Z. Make fewer.", most=MOST_PARTS)
    return _problem("split.too_many", message, "how")


def _problem(code: str, message: str, path: str) -> Problem:
    return Problem(code=code, path=path, message=message)
