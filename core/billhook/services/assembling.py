"""Waiting charges become bills: read, priced and grouped, with nothing written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, select

from billhook import limits
from billhook.db import db
from billhook.domain.adjusting import read_adjustment
from billhook.domain.bills import Bill, BillLine, Buyer
from billhook.domain.consolidation import consolidate
from billhook.domain.periods import Period
from billhook.domain.pricing import PriceAnswer, PriceQuery, PriceVersion
from billhook.domain.states import Consolidation, Supply
from billhook.domain.totals import line_amount
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.models.products import Product
from billhook.money import to_major
from billhook.plugins.relay import Relay
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services.buyers import buyers
from billhook.services.fencing import Refused, ask
from billhook.services.products import PriceWanted, prices_in_force

_ONE = Decimal(1)
_SUPPLIES = {supply.value: supply for supply in Supply}


class Waiting(NamedTuple):
    """A charge of the queue with its product's defaults, as read: in the order of the columns."""

    id: UUID
    customer_id: UUID
    payer_id: UUID
    currency: str
    charged_on: date
    period_start: date | None
    period_end: date | None
    description: str
    sku: str
    unit: str
    product_id: UUID | None
    quantity: Decimal
    unit_price: Decimal | None
    base_quantity: Decimal
    amount: int | None
    adjustments: list[dict[str, str]]
    supply: str
    tax_category: str
    revenue_account: str
    group_key: str
    group_label: str
    purchase_order: str
    delivery_country: str
    product_sku: str | None
    product_unit: str | None
    product_supply: str | None
    product_category: str | None
    product_account: str | None

    @property
    def supplied_on(self) -> date:
        """The supply date: the charge's date, or the last day of its service period."""
        if self.period_start and self.period_end:
            return Period(self.period_start, self.period_end).last_day
        return self.charged_on


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
class Priced:
    """A price that a model worked out, with the plugin that did."""

    answer: PriceAnswer
    plugin: tuple[str, str]  # name and version


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """The bills of a range of payers, and who is not billed."""

    bills: tuple[Bill, ...]
    parked: tuple[Parked, ...]
    skipped: tuple[Skipped, ...]


def assemble(ctx: Context, relay: Relay, payers: tuple[UUID, UUID], until: date) -> Assembly:
    """Return the bills of all charges of a range of payers up to a date."""
    rows = _waiting(payers, until)
    if not rows:
        return Assembly(bills=(), parked=(), skipped=())
    known = buyers(ctx, {row.customer_id for row in rows})
    priced = _priced(ctx, relay, rows)
    pending = [_pending(ctx, row, known[row.customer_id], priced) for row in rows]
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


def _waiting(payers: tuple[UUID, UUID], until: date) -> list[Waiting]:
    """Read the charges that wait, in order of arrival, with their products' defaults."""
    columns = (
        ChargeRow.id, ChargeRow.customer_id, ChargeRow.payer_id, ChargeRow.currency,
        ChargeRow.charged_on, ChargeRow.period_start, ChargeRow.period_end,
        ChargeRow.description, ChargeRow.sku, ChargeRow.unit, ChargeRow.product_id,
        ChargeRow.quantity, ChargeRow.unit_price, ChargeRow.base_quantity, ChargeRow.amount,
        ChargeRow.adjustments, ChargeRow.supply, ChargeRow.tax_category,
        ChargeRow.revenue_account, ChargeRow.group_key, ChargeRow.group_label,
        ChargeRow.purchase_order, ChargeRow.delivery_country,
        Product.sku, Product.unit, Product.supply, Product.tax_category, Product.revenue_account,
    )  # fmt: skip
    query = (
        select(*columns)
        .join_from(
            ChargeOpen,
            ChargeRow,
            and_(
                ChargeRow.tenant_id == ChargeOpen.tenant_id, ChargeRow.id == ChargeOpen.charge_id
            ),
        )
        .outerjoin(
            Product,
            and_(Product.tenant_id == ChargeRow.tenant_id, Product.id == ChargeRow.product_id),
        )
        .where(
            ChargeOpen.payer_id.between(*payers),
            ChargeOpen.charged_on <= until,
            ~ChargeOpen.is_held,
        )
        .order_by(ChargeRow.id)
    )
    return list(map(Waiting._make, db.session.execute(query)))


def _priced(ctx: Context, relay: Relay, rows: Sequence[Waiting]) -> dict[UUID, Priced | Refused]:
    """Ask pricing models about the charges that bring no price, a batch per model."""
    asking = [row for row in rows if row.amount is None and row.unit_price is None]
    if not asking:
        return {}
    wanted = [
        PriceWanted(
            product_id=row.product_id,
            customer_id=row.customer_id,
            currency=row.currency,
            on=row.supplied_on,
        )
        for row in asking
    ]
    answers: dict[UUID, Priced | Refused] = {}
    by_model: dict[str, list[tuple[Waiting, PriceVersion]]] = {}
    for row, version in zip(asking, prices_in_force(ctx, wanted), strict=True):
        if version is None:
            answers[row.id] = Refused(problems=(_no_price(row),))
        else:
            by_model.setdefault(version.model, []).append((row, version))
    for model, pairs in by_model.items():
        queries = [PriceQuery(price=version, quantity=row.quantity) for row, version in pairs]
        replies = ask(
            lambda batch, model=model: relay.pricing_model(model, ctx).price(batch), queries
        )
        for (row, _version), reply in zip(pairs, replies, strict=True):
            answers[row.id] = _judged(relay, model, reply)
    return answers


def _judged(relay: Relay, model: str, reply: PriceAnswer | Refused) -> Priced | Refused:
    if isinstance(reply, Refused):
        return reply
    plugin = model.partition(".")[0]
    if reply.problems:
        return Refused(problems=reply.problems, plugin=plugin)
    return Priced(answer=reply, plugin=(plugin, relay.version(plugin)))


def _no_price(row: Waiting) -> Problem:
    return Problem(
        code="price.none",
        message=_(
            "Product %(sku)s has no price in %(currency)s on %(day)s. Add a price version that "
            "is valid then, or a unit price to the charge.",
            sku=row.product_sku,
            currency=row.currency,
            day=row.supplied_on.isoformat(),
        ),
    )


def _pending(
    ctx: Context,
    row: Waiting,
    buyer: Buyer,
    priced: dict[UUID, Priced | Refused],
) -> Pending:
    lines, refused = _lines(ctx, row, priced.get(row.id))
    return Pending(
        charge_id=row.id,
        customer_id=row.customer_id,
        payer_id=row.payer_id,
        currency=row.currency,
        charged_on=row.charged_on,
        delivery_country=row.delivery_country,
        purchase_order=row.purchase_order or buyer.purchase_order,
        group_key=row.group_key,
        lines=lines,
        refused=refused,
    )


def _lines(
    ctx: Context, row: Waiting, priced: Priced | Refused | None
) -> tuple[tuple[BillLine, ...], Refused | None]:
    if isinstance(priced, Refused):
        return (), priced
    if priced is not None:
        return _model_lines(ctx, row, priced), None
    if row.amount is not None:
        quantity = _ONE if row.amount >= 0 else -_ONE
        price = abs(to_major(row.amount, row.currency))
        return (_line(ctx, row, quantity, price),), None
    if row.unit_price < 0:
        return (_line(ctx, row, -row.quantity, -row.unit_price),), None
    return (_line(ctx, row, row.quantity, row.unit_price),), None


def _model_lines(ctx: Context, row: Waiting, priced: Priced) -> tuple[BillLine, ...]:
    lines = [_line(ctx, row, part.quantity, part.unit_price) for part in priced.answer.parts]
    return tuple(
        replace(
            line,
            base_quantity=part.base_quantity,
            amount=line_amount(
                part.quantity,
                part.unit_price,
                row.currency,
                base_quantity=part.base_quantity,
                adjustments=line.adjustments,
            ),
            description=_with_part(line.description, part.description),
            explanation=priced.answer.explanation,
            plugins=(priced.plugin,),
        )
        for line, part in zip(lines, priced.answer.parts, strict=True)
    )


def _with_part(description: str, part: str) -> str:
    return f"{description} – {part}" if part else description


def _line(ctx: Context, row: Waiting, quantity: Decimal, unit_price: Decimal) -> BillLine:
    adjustments = tuple(read_adjustment(stored) for stored in row.adjustments)
    has_product = row.product_sku is not None
    supply = row.supply or (row.product_supply if has_product else "")
    return BillLine(
        description=row.description,
        quantity=quantity,
        unit_price=unit_price,
        amount=line_amount(
            quantity,
            unit_price,
            row.currency,
            base_quantity=row.base_quantity,
            adjustments=adjustments,
        ),
        supply=_SUPPLIES[supply] if supply else ctx.tenant.supplies,
        tax_category=row.tax_category or (row.product_category if has_product else "standard"),
        supplied_on=row.supplied_on,
        base_quantity=row.base_quantity,
        adjustments=adjustments,
        sku=row.sku or row.product_sku or "",
        unit=row.unit or row.product_unit or "",
        revenue_account=row.revenue_account or row.product_account or "",
        period=Period(row.period_start, row.period_end) if row.period_start else None,
        section_key=row.group_key,
        section_label=row.group_label,
        product_id=row.product_id,
        charge_id=row.id,
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
