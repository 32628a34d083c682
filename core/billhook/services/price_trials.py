"""Prices tried out: what a quantity would cost, and why, with nothing stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.pricing import PricePart, PriceQuery, PriceVersion
from billhook.domain.totals import line_amount
from billhook.errors import BillhookError, NotFound
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Customer
from billhook.plugins.registries import PRICING_MODELS
from billhook.plugins.runtime import relay
from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.sdk.providers import PriceDescription
from billhook.services.prices import PriceWanted, prices_in_force

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedLine:
    """A line that the price makes."""

    part: PricePart
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a quantity costs; or what keeps it from having a price."""

    quantity: Decimal
    currency: str
    lines: tuple[TriedLine, ...] = ()
    explanation: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def net(self) -> int:
        """The sum of the lines, in minor units."""
        return sum(line.amount for line in self.lines)


def models(ctx: Context) -> dict[str, PriceDescription | None]:
    """Return the pricing models that the tenant can choose from, with what they tell of themselves."""
    ctx.require("products.view")
    with_plugins = relay(ctx)
    return {
        key: with_plugins.pricing_model(key, ctx).describe()
        for key in with_plugins.keys(PRICING_MODELS)
    }


def attempt(
    ctx: Context, *, model: str, parameters: Mapping[str, str], currency: str, quantity: Decimal
) -> Trial:
    """Try a price that need not be stored."""
    ctx.require("products.view")
    version = PriceVersion(
        id=new_id(), model=model, currency=currency, parameters=dict(parameters)
    )
    try:
        priced = relay(ctx).pricing_model(model, ctx)
        if found := errors(priced.parameter_problems(version.parameters)):
            return Trial(quantity=quantity, currency=currency, problems=tuple(found))
        [answer] = priced.price([PriceQuery(price=version, quantity=quantity)])
    except BillhookError as error:
        problem = Problem(code=error.code, path="model", message=error.message)
        return Trial(quantity=quantity, currency=currency, problems=(problem,))
    if found := errors(answer.problems):
        return Trial(quantity=quantity, currency=currency, problems=tuple(found))
    return Trial(
        quantity=quantity,
        currency=currency,
        lines=tuple(
            TriedLine(
                part=part,
                amount=line_amount(
                    part.quantity, part.unit_price, currency, base_quantity=part.base_quantity
                ),
            )
            for part in answer.parts
        ),
        explanation=answer.explanation,
    )


def of_product(
    ctx: Context,
    product_id: UUID,
    *,
    currency: str,
    quantity: Decimal,
    on: date,
    customer: str = "",
) -> Trial:
    """Try the price that is in force on a day, for everybody or for a customer's reference.

    Raises NotFound for a customer who is not there.
    """
    ctx.require("products.view")
    wanted = PriceWanted(
        product_id=product_id, customer_id=_customer(customer), currency=currency, on=on
    )
    [version] = prices_in_force(ctx, [wanted])
    if version is None:
        problem = Problem(
            code="price.none",
            message=_(
                "It has no price in %(currency)s on %(day)s. Add one that is valid then.",
                currency=currency,
                day=on.isoformat(),
            ),
        )
        return Trial(quantity=quantity, currency=currency, problems=(problem,))
    return attempt(
        ctx,
        model=version.model,
        parameters=version.parameters,
        currency=currency,
        quantity=quantity,
    )


def _customer(reference: str) -> UUID:
    if not reference:
        return UUID(int=0)
    found = db.session.scalar(select(Customer.id).where(Customer.reference == reference))
    if found is None:
        raise NotFound(_("customer"), reference)
    return found


def explained(ctx: Context, versions: Mapping[UUID, PriceVersion]) -> dict[UUID, str]:
    """Return what models say of one unit at each price, a batch per model; failing ones say nothing."""
    by_model: dict[str, list[UUID]] = {}
    for key, version in versions.items():
        by_model.setdefault(version.model, []).append(key)
    found: dict[UUID, str] = {}
    for model, keys in by_model.items():
        queries = [PriceQuery(price=versions[key], quantity=_ONE) for key in keys]
        try:
            answers = relay(ctx).pricing_model(model, ctx).price(queries)
        except BillhookError:
            continue
        found |= {key: one.explanation for key, one in zip(keys, answers, strict=True)}
    return found
