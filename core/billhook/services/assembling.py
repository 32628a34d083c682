"""Waiting charges become bills: read, priced and grouped, with nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from billhook import limits
from billhook.domain.bills import Bill, BillLine, Buyer
from billhook.domain.consolidation import consolidate
from billhook.domain.custom_fields import FieldValue
from billhook.domain.states import Consolidation
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.plugins.relay import Relay
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import line_fields, merged
from billhook.services.buyers import buyers
from billhook.services.fencing import Refused
from billhook.services.merged import Place
from billhook.services.pricing import Priced, lines, priced
from billhook.services.run_scopes import EVERYTHING, RunScope
from billhook.services.waiting import Waiting, waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A waiting charge with its price, or the refusal that parks its customer."""

    charge_id: UUID
    customer_id: UUID
    payer_id: UUID
    currency: str
    charged_on: date
    delivery_country: str
    purchase_order: str
    group_key: str
    lines: tuple[BillLine, ...]
    refused: Refused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A customer set aside, and why."""

    customer_id: UUID
    customer: str
    code: str
    reason: str
    plugin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Charges of a customer that a rule keeps waiting."""

    customer: str
    charges: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """The bills of a range of payers, and who is not billed."""

    bills: tuple[Bill, ...]
    parked: tuple[Parked, ...]
    skipped: tuple[Skipped, ...]


def assemble(
    ctx: Context,
    relay: Relay,
    payers: tuple[UUID, UUID],
    until: date,
    scope: RunScope = EVERYTHING,
) -> Assembly:
    """Return the bills of all charges of a range of payers up to a date."""
    rows = _placed(waiting(payers, until, scope))
    if not rows:
        return Assembly(bills=(), parked=(), skipped=())
    known = buyers(ctx, {row.customer_id for row in rows})
    prices = priced(ctx, relay, rows)
    fields = line_fields.of_products({row.product_id for row in rows if row.product_id})
    pending = [
        _pending(ctx, row, known[row.customer_id], prices.get(row.id), fields) for row in rows
    ]
    parked = _refused(pending, known)
    rules = {buyer.id: Consolidation(buyer.consolidation) for buyer in known.values()}
    grouped = consolidate((p for p in pending if p.customer_id not in parked), rules, until)
    bills = [_bill(known[group[0].customer_id], group) for group in grouped.documents]
    parked |= _out_of_bounds(bills, known)
    return Assembly(
        bills=tuple(bill for bill in bills if bill.buyer.id not in parked),
        parked=tuple(parked.values()),
        skipped=_skipped(grouped.waiting, known),
    )


def _placed(rows: list[Waiting]) -> list[Waiting]:
    """Let a duplicate's charges be those of the customer that was kept."""
    places = merged.places({known for row in rows for known in (row.customer_id, row.payer_id)})
    if not places:
        return rows
    return [_in_place(row, places) for row in rows]


def _in_place(row: Waiting, places: Mapping[UUID, Place]) -> Waiting:
    place = places.get(row.customer_id)
    if place:
        return row._replace(customer_id=place.customer_id, payer_id=place.payer_id)
    paying = places.get(row.payer_id)
    return row._replace(payer_id=paying.payer_id) if paying else row


def _pending(
    ctx: Context,
    row: Waiting,
    buyer: Buyer,
    price: Priced | Refused | None,
    fields: Mapping[UUID, tuple[FieldValue, ...]],
) -> Pending:
    made = () if isinstance(price, Refused) else lines(ctx, row, price)
    own = fields.get(row.product_id) if row.product_id else None
    if own:
        made = tuple(replace(line, fields=own) for line in made)
    return Pending(
        charge_id=row.id,
        customer_id=row.customer_id,
        payer_id=row.payer_id,
        currency=row.currency,
        charged_on=row.charged_on,
        delivery_country=row.delivery_country,
        purchase_order=row.purchase_order or buyer.purchase_order,
        group_key=row.group_key,
        lines=made,
        refused=price if isinstance(price, Refused) else None,
    )


def _refused(pending: Sequence[Pending], known: dict[UUID, Buyer]) -> dict[UUID, Parked]:
    """Return the customers with a charge that has no price, by the first reason."""
    parked: dict[UUID, Parked] = {}
    for item in pending:
        if item.refused and item.customer_id not in parked:
            parked[item.customer_id] = park(known[item.customer_id], item.refused)
    return parked


def park(buyer: Buyer, refused: Refused) -> Parked:
    """Return the customer as set aside for the first of the problems."""
    problem = refused.problems[0]
    return Parked(
        customer_id=buyer.id,
        customer=buyer.reference,
        code=problem.code,
        reason=" ".join(item.message for item in refused.problems),
        plugin=refused.plugin,
    )


def _bill(buyer: Buyer, group: Sequence[Pending]) -> Bill:
    first = group[0]
    return Bill(
        id=new_id(),
        buyer=buyer,
        payer_id=first.payer_id,
        currency=first.currency,
        lines=tuple(line for pending in group for line in pending.lines),
        delivery_country=first.delivery_country,
        purchase_order=first.purchase_order,
    )


def _out_of_bounds(bills: Sequence[Bill], known: dict[UUID, Buyer]) -> dict[UUID, Parked]:
    """Park who would get an implausible number of lines or documents: a runaway source."""
    counts: dict[UUID, int] = {}
    parked: dict[UUID, Parked] = {}
    for bill in bills:
        counts[bill.buyer.id] = counts.get(bill.buyer.id, 0) + 1
        if len(bill.lines) > limits.LINES_PER_DOCUMENT:
            parked[bill.buyer.id] = park(bill.buyer, Refused(problems=(_too_many_lines(bill),)))
    for customer_id, count in counts.items():
        if count > limits.DOCUMENTS_PER_CUSTOMER:
            refused = Refused(problems=(_too_many_documents(count),))
            parked[customer_id] = park(known[customer_id], refused)
    return parked


def _too_many_lines(bill: Bill) -> Problem:
    return Problem(
        code="bill.too_many_lines",
        message=_(
            "One document would have %(count)s lines, more than %(limit)s. Consolidate by group, "
            "or hold part of the charges.",
            count=len(bill.lines),
            limit=limits.LINES_PER_DOCUMENT,
        ),
    )


def _too_many_documents(count: int) -> Problem:
    return Problem(
        code="bill.too_many_documents",
        message=_(
            "This run would make %(count)s documents for one customer, more than %(limit)s. "
            "Check the source of the charges, or choose another consolidation.",
            count=count,
            limit=limits.DOCUMENTS_PER_CUSTOMER,
        ),
    )


def _skipped(waiting: Sequence[Pending], known: dict[UUID, Buyer]) -> tuple[Skipped, ...]:
    counts: dict[UUID, int] = {}
    for item in waiting:
        counts[item.customer_id] = counts.get(item.customer_id, 0) + 1
    return tuple(
        Skipped(
            customer=known[customer_id].reference,
            charges=count,
            reason=_("The month or quarter that is billed as one is not over yet."),
        )
        for customer_id, count in counts.items()
    )
