"""Waiting charges get their prices, and become lines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from uuid import UUID

from billhook.domain.adjusting import read_adjustment
from billhook.domain.bills import BillLine
from billhook.domain.pricing import PriceAnswer, PricePart, PriceQuery, PriceVersion
from billhook.domain.states import Supply
from billhook.domain.totals import Adjustment, line_amount
from billhook.i18n import gettext as _
from billhook.money import CONTEXT, spread, to_major
from billhook.plugins.relay import Relay
from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.services.fencing import Refused, ask
from billhook.services.prices import PriceWanted, prices_in_force
from billhook.services.waiting import Waiting

_ONE = Decimal(1)
_SUPPLIES = {supply.value: supply for supply in Supply}


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A price that a model worked out, with the plugin that did."""

    answer: PriceAnswer
    plugin: tuple[str, str]  # name and version


def priced(ctx: Context, relay: Relay, rows: Sequence[Waiting]) -> dict[UUID, Priced | Refused]:
    """Ask pricing models about the charges that bring no price, a batch per model."""
    asking = [
        (row, row.product_id)
        for row in rows
        if row.amount is None and row.unit_price is None and row.product_id
    ]
    if not asking:
        return {}
    wanted = [
        PriceWanted(
            product_id=product_id,
            customer_id=row.customer_id,
            currency=row.currency,
            on=row.supplied_on,
        )
        for row, product_id in asking
    ]
    answers: dict[UUID, Priced | Refused] = {}
    by_model: dict[str, list[tuple[Waiting, PriceVersion]]] = {}
    for (row, _product), version in zip(asking, prices_in_force(ctx, wanted), strict=True):
        if version is None:
            answers[row.id] = Refused(problems=(_no_price(row),))
        else:
            by_model.setdefault(version.model, []).append((row, version))
    for model, pairs in by_model.items():
        queries = [PriceQuery(price=version, quantity=row.quantity) for row, version in pairs]
        replies = ask(partial(_price, ctx, relay, model), queries)
        for (row, _version), reply in zip(pairs, replies, strict=True):
            answers[row.id] = _judged(relay, model, reply)
    return answers


def _price(
    ctx: Context, relay: Relay, model: str, queries: Sequence[PriceQuery]
) -> Sequence[PriceAnswer]:
    return relay.pricing_model(model, ctx).price(queries)


def _judged(relay: Relay, model: str, reply: PriceAnswer | Refused) -> Priced | Refused:
    if isinstance(reply, Refused):
        return reply
    plugin = model.partition(".")[0]
    if stopping := errors(reply.problems):
        return Refused(problems=tuple(stopping), plugin=plugin)
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


def lines(ctx: Context, row: Waiting, price: Priced | None) -> tuple[BillLine, ...]:
    """Return a charge's lines: those of its model, else the one that it brings itself.

    Prices stay positive: a negative amount or price turns the quantity's sign.
    """
    if price is not None:
        return _model_lines(ctx, row, price)
    if row.amount is not None:
        quantity = _ONE if row.amount >= 0 else -_ONE
        return (_line(ctx, row, quantity, abs(to_major(row.amount, row.currency))),)
    assert row.unit_price is not None  # the row's constraint: priced by exactly one of three
    if row.unit_price < 0:
        return (_line(ctx, row, -row.quantity, -row.unit_price),)
    return (_line(ctx, row, row.quantity, row.unit_price),)


def _model_lines(ctx: Context, row: Waiting, priced: Priced) -> tuple[BillLine, ...]:
    parts = priced.answer.parts
    lines = [_line(ctx, row, part.quantity, part.unit_price) for part in parts]
    return tuple(
        replace(
            line,
            base_quantity=part.base_quantity,
            adjustments=shares,
            amount=line_amount(
                part.quantity,
                part.unit_price,
                row.currency,
                base_quantity=part.base_quantity,
                adjustments=shares,
            ),
            description=_with_part(line.description, part.description),
            explanation=priced.answer.explanation,
            plugins=(priced.plugin,),
        )
        for line, part, shares in zip(
            lines, parts, _shared(lines[0].adjustments, parts), strict=True
        )
    )


def _shared(
    adjustments: tuple[Adjustment, ...], parts: Sequence[PricePart]
) -> list[tuple[Adjustment, ...]]:
    """Return the adjustments of each part: a fixed amount is shared out by what parts come to."""
    if not adjustments or len(parts) == 1:
        return [adjustments] * len(parts)
    weights = [
        abs(CONTEXT.divide(CONTEXT.multiply(part.quantity, part.unit_price), part.base_quantity))
        for part in parts
    ]
    columns = [_shares(adjustment, weights) for adjustment in adjustments]
    return [tuple(filter(None, row)) for row in zip(*columns, strict=True)]


def _shares(adjustment: Adjustment, weights: Sequence[Decimal]) -> list[Adjustment | None]:
    """Return what each weight gets of an adjustment; None where that is nothing."""
    if adjustment.amount is None:
        return [adjustment] * len(weights)
    return [
        replace(adjustment, amount=amount) if amount else None
        for amount in spread(adjustment.amount, weights)
    ]


def _with_part(description: str, part: str) -> str:
    return f"{description} – {part}" if part else description


def _line(ctx: Context, row: Waiting, quantity: Decimal, unit_price: Decimal) -> BillLine:
    adjustments = tuple(read_adjustment(stored) for stored in row.adjustments)
    supply = row.supply or row.product_supply
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
        tax_category=row.tax_category or row.product_category or "standard",
        supplied_on=row.supplied_on,
        base_quantity=row.base_quantity,
        adjustments=adjustments,
        sku=row.sku or row.product_sku or "",
        unit=row.unit or row.product_unit or "",
        revenue_account=row.revenue_account or row.product_account or "",
        period=row.period,
        section_key=row.group_key,
        section_label=row.group_label,
        product_id=row.product_id,
        charge_id=row.id,
    )
