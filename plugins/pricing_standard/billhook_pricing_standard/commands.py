"""Commands for ``billhook pricing-standard …``."""

import json
from collections.abc import Sequence
from datetime import date, datetime

import click

from billhook.domain.pricing import PriceAnswer, PricePart, PriceQuery, PriceVersion
from billhook.domain.totals import line_amount
from billhook.errors import ValidationFailed
from billhook.money import QUANTITY_DECIMALS, amount_text, parse_decimal, plain
from billhook.sdk.context import Context
from billhook_pricing_standard.pricing import MODELS
from billhook_pricing_standard.texts import gettext as _


@click.command()
@click.argument("sku")
@click.option("--quantity", default="1", show_default=True, help="How much of it.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Supply date; today if left out.")
@click.option("--currency", help="Currency of the price; the tenant's own if left out.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def quote(
    ctx: Context, sku: str, quantity: str, on: datetime | None, currency: str | None, as_json: bool
) -> None:
    """Tell what a quantity of a product costs, before tax. Nothing is written.

    \b
    billhook pricing-standard quote API-CALLS --quantity 250000
    billhook pricing-standard quote SUPPORT --on 2026-07-01 --json
    """
    day = on.date() if on else ctx.today()
    price = ctx.ports.prices.in_force(
        ctx, sku=sku, currency=currency or ctx.tenant.currency, on=day
    )
    query = PriceQuery(price=price, quantity=parse_decimal(quantity, decimals=QUANTITY_DECIMALS))
    answer = _priced(ctx, sku, query)
    write = _as_json if as_json else _as_text
    click.echo(write(sku, query, day, answer))


def _priced(ctx: Context, sku: str, query: PriceQuery) -> PriceAnswer:
    if query.price.model not in MODELS:
        raise click.ClickException(
            _(
                "The price of “%(sku)s” is of model %(model)s, which this plugin does not have. "
                "Ask the plugin “%(plugin)s”.",
                sku=sku,
                model=query.price.model,
                plugin=query.price.model.partition(".")[0],
            )
        )
    (answer,) = MODELS[query.price.model](ctx).price([query])
    if answer.problems:
        raise ValidationFailed(answer.problems)
    return answer


def _as_text(sku: str, query: PriceQuery, day: date, answer: PriceAnswer) -> str:
    price = query.price
    return _(
        "%(quantity)s × %(sku)s on %(day)s: %(net)s %(currency)s before tax (%(why)s)",
        quantity=plain(query.quantity),
        sku=sku,
        day=day.isoformat(),
        net=amount_text(_net(price, answer.parts), price.currency),
        currency=price.currency,
        why=answer.explanation,
    )


def _as_json(sku: str, query: PriceQuery, day: date, answer: PriceAnswer) -> str:
    price = query.price
    content = {
        "sku": sku,
        "quantity": plain(query.quantity),
        "on": day.isoformat(),
        "model": price.model,
        "price": str(price.id),
        "currency": price.currency,
        "net": amount_text(_net(price, answer.parts), price.currency),
        "explanation": answer.explanation,
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def _net(price: PriceVersion, parts: Sequence[PricePart]) -> int:
    return sum(_part_net(price, part) for part in parts)


def _part_net(price: PriceVersion, part: PricePart) -> int:
    return line_amount(
        part.quantity, part.unit_price, price.currency, base_quantity=part.base_quantity
    )
