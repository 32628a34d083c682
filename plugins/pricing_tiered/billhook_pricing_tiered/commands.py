"""Commands for ``billhook pricing-tiered …``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import click

from billhook.domain.pricing import PriceAnswer, PriceQuery, PriceVersion
from billhook.domain.totals import line_amount
from billhook.errors import ValidationFailed
from billhook.money import QUANTITY_DECIMALS, amount_text, parse_decimal, plain
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook_pricing_tiered.pricing import MODELS, TieredModel
from billhook_pricing_tiered.texts import gettext as _

_TRIED = UUID(int=0)
"""The id of a price that is stored nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a quantity comes to on a document."""

    quantity: Decimal
    currency: str
    answer: PriceAnswer

    @property
    def net(self) -> str:
        """The sum of the lines, each rounded by itself."""
        amounts = [
            line_amount(
                part.quantity, part.unit_price, self.currency, base_quantity=part.base_quantity
            )
            for part in self.answer.parts
        ]
        return amount_text(sum(amounts), self.currency)

    def as_json(self) -> dict[str, object]:
        """Return the quote with every number as text."""
        return {
            "quantity": plain(self.quantity),
            "net": self.net,
            "lines": [
                {
                    "description": part.description,
                    "quantity": plain(part.quantity),
                    "unit_price": plain(part.unit_price),
                    "base_quantity": plain(part.base_quantity),
                }
                for part in self.answer.parts
            ],
            "explanation": self.answer.explanation,
        }


@click.command()
@click.argument("sku")
@click.option(
    "--quantity", "quantities", multiple=True, default=["1"], help="How much; repeatable."
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Supply date; today if left out.")
@click.option("--currency", help="Currency of the price; the tenant's own if left out.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, with every line.")
@click.pass_obj
def quote(
    ctx: Context,
    sku: str,
    quantities: Sequence[str],
    on: datetime | None,
    currency: str | None,
    *,
    as_json: bool,
) -> None:
    """Tell what quantities of a product cost, before tax. Nothing is written.

    \b
    billhook pricing-tiered quote API-CALLS --quantity 100 --quantity 101
    billhook pricing-tiered quote API-CALLS --quantity 250000 --on 2026-07-01 --json
    """
    price = ctx.ports.prices.in_force(
        ctx,
        sku=sku,
        currency=currency or ctx.tenant.currency,
        on=on.date() if on else ctx.today(),
    )
    _show(ctx, price, quantities, as_json=as_json)


@click.command()
@click.argument("model", type=click.Choice([key.partition(".")[2] for key in MODELS]))
@click.argument("parameters", nargs=-1, required=True, metavar="NAME=VALUE...")
@click.option(
    "--quantity", "quantities", multiple=True, default=["0", "1"], help="How much; repeatable."
)
@click.option("--currency", help="Currency of the price; the tenant's own if left out.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, with every line.")
@click.pass_obj
def check(
    ctx: Context,
    model: str,
    parameters: Sequence[str],
    quantities: Sequence[str],
    currency: str | None,
    *,
    as_json: bool,
) -> None:
    """Try out a price before you store it. Warns where more units cost less.

    \b
    billhook pricing-tiered check graduated "tiers=0-100: 10; 101-: 8 + 25" --quantity 150
    billhook pricing-tiered check package package_price=5 package_size=100 free_units=100 \\
        --quantity 201
    """
    price = PriceVersion(
        id=_TRIED,
        model=f"pricing_tiered.{model}",
        currency=currency or ctx.tenant.currency,
        parameters=dict(_pair(text) for text in parameters),
    )
    _show(ctx, price, quantities, as_json=as_json)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if equals:
        return name.strip(), value.strip()
    raise click.BadParameter(
        _(
            "“%(text)s” is not a parameter. Write its name, an equals sign and its value, all "
            "between quotes, such as 'tiers=0-100: 10; 101-: 8'.",
            text=text[:40],
        ),
        param_hint="NAME=VALUE",
    )


def _show(ctx: Context, price: PriceVersion, quantities: Sequence[str], *, as_json: bool) -> None:
    model = _model(ctx, price)
    warnings = model.parameter_problems(price.parameters)
    quotes = _quotes(model, price, quantities)
    if as_json:
        click.echo(json.dumps(_content(price, quotes, warnings), ensure_ascii=False, indent=2))
        return
    for each in quotes:
        click.echo(_line(each))
    for warning in warnings:
        click.echo(_("Note: %(warning)s", warning=warning.message), err=True)


def _model(ctx: Context, price: PriceVersion) -> TieredModel:
    if price.model in MODELS:
        return MODELS[price.model](ctx)
    raise click.ClickException(
        _(
            "The price is of model %(model)s, which this plugin does not have. Ask the plugin "
            "“%(plugin)s”.",
            model=price.model,
            plugin=price.model.partition(".")[0],
        )
    )


def _quotes(model: TieredModel, price: PriceVersion, quantities: Sequence[str]) -> list[Quote]:
    queries = [
        PriceQuery(price=price, quantity=parse_decimal(text, decimals=QUANTITY_DECIMALS))
        for text in quantities
    ]
    answers = model.price(queries)
    for answer in answers:
        if answer.problems:
            raise ValidationFailed(answer.problems)
    return [
        Quote(quantity=query.quantity, currency=price.currency, answer=answer)
        for query, answer in zip(queries, answers, strict=True)
    ]


def _line(quote: Quote) -> str:
    return _(
        "%(quantity)s cost %(net)s %(currency)s before tax: %(why)s",
        quantity=plain(quote.quantity),
        net=quote.net,
        currency=quote.currency,
        why=quote.answer.explanation,
    )


def _content(
    price: PriceVersion, quotes: Sequence[Quote], warnings: Sequence[Problem]
) -> Mapping[str, object]:
    return {
        "model": price.model,
        "parameters": dict(price.parameters),
        "currency": price.currency,
        "quotes": [quote.as_json() for quote in quotes],
        "warnings": [{"code": one.code, "message": one.message} for one in warnings],
    }
