"""Prices by the API, by any pricing model."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from uuid import UUID

from billhook.api import own_fields
from billhook.api.schemas.prices import (
    AddedPriceAnswer,
    AgreementsQuery,
    LastDay,
    NewAgreement,
    NewPrice,
    PriceAnswer,
    PricesQuery,
    PriceTrial,
    PricingModelAnswer,
    ProductTrial,
    TrialAnswer,
    WantedPrice,
    misplaced,
    texts,
)
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.money import QUANTITY_DECIMALS
from billhook.problems import Problem
from billhook.sdk.api import Made, Page, PageQuery, Routes
from billhook.sdk.context import Context
from billhook.sdk.providers import PriceDescription
from billhook.services import agreements, catalogue, customers, price_search, price_trials, prices
from billhook.services.fields import Fields
from billhook.services.paging import Slice
from billhook.services.price_search import FoundPrice, PriceFilter
from billhook.services.price_trials import Trial

routes = Routes("prices", "What products cost: everybody, or one customer by agreement.")

Models = Mapping[str, PriceDescription | None]


@routes.get("/pricing-models", requires="products.view")
def list_pricing_models(ctx: Context) -> Page[PricingModelAnswer]:
    """List the pricing models that prices can name, and which parameters each asks for."""
    models = price_trials.models(ctx)
    return Page(
        data=[PricingModelAnswer.of(key, models[key]) for key in sorted(models)], next=None
    )


@routes.get("/products/<uuid:product_id>/prices", requires="products.view")
def list_prices(ctx: Context, product_id: UUID, query: PricesQuery) -> Page[PriceAnswer]:
    """List the prices of a product, those that begin last first, agreements with customers as well."""
    catalogue.get(ctx, product_id)
    wanted = PriceFilter(
        product_id=product_id, customer_id=query.customer_id, currency=query.currency.upper()
    )
    return _page(ctx, wanted, query)


@routes.get("/customers/<uuid:customer_id>/prices", requires="products.view")
def list_agreements(ctx: Context, customer_id: UUID, query: AgreementsQuery) -> Page[PriceAnswer]:
    """List the prices that were agreed with a customer, those that begin last first.

    Needs the scope `customers.view`, too.
    """
    customers.by_id(ctx, customer_id)
    wanted = PriceFilter(
        product_id=query.product_id, customer_id=customer_id, currency=query.currency.upper()
    )
    return _page(ctx, wanted, query)


@routes.get("/prices/<uuid:price_id>", requires="products.view")
def get_price(ctx: Context, price_id: UUID) -> PriceAnswer:
    """Get a price."""
    return _answer(price_search.get(ctx, price_id), price_trials.models(ctx))


@routes.post("/products/<uuid:product_id>/prices", requires="products.edit")
def add_price(ctx: Context, product_id: UUID, body: NewPrice) -> Made[AddedPriceAnswer]:
    """Add a price to a product, for everybody or for one customer.

    A price never changes: a later one ends it. Where the same price is in force already,
    nothing is added, and that one is answered.
    """
    sku = catalogue.get(ctx, product_id).sku
    customer = customers.by_id(ctx, body.customer_id).reference if body.customer_id else ""
    return _added(ctx, body, sku, customer)


@routes.post("/customers/<uuid:customer_id>/prices", requires="products.edit")
def add_agreement(ctx: Context, customer_id: UUID, body: NewAgreement) -> Made[AddedPriceAnswer]:
    """Agree a price with a customer: it comes before what the product costs everybody.

    Needs the scope `customers.view`, too.
    """
    customer = customers.by_id(ctx, customer_id).reference
    return _added(ctx, body, catalogue.get(ctx, body.product_id).sku, customer)


@routes.post("/prices/<uuid:price_id>/end", requires="products.edit")
def end_price(ctx: Context, price_id: UUID, body: LastDay) -> PriceAnswer:
    """Let a price hold through a day and no longer.

    From the day after, the product's price for everybody holds again, or none. A price never
    changes, so that it ends by a last version, which says the same for the last day alone:
    that one is answered.
    """
    price = price_search.get(ctx, price_id)
    agreements.end(ctx, price_id, last_day=body.last_day)
    last = price_search.version_on(ctx, price, body.last_day)
    return _answer(last, price_trials.models(ctx))


@routes.ask("/prices/trial", requires="products.view")
def try_price(ctx: Context, body: PriceTrial) -> TrialAnswer:
    """Tell what a quantity would cost at a price that need not be stored."""
    models = price_trials.models(ctx)
    currency, quantity = _asked(ctx, body)
    with _as_sent(body, models.get(body.model)):
        parameters = _parameters(body, models)
        return _tried(
            price_trials.attempt(
                ctx,
                model=body.model,
                parameters=parameters,
                currency=currency,
                quantity=quantity,
            )
        )


@routes.ask("/products/<uuid:product_id>/prices/trial", requires="products.view")
def try_product(ctx: Context, product_id: UUID, body: ProductTrial) -> TrialAnswer:
    """Tell what a quantity of a product costs on a day, everybody or one customer."""
    catalogue.get(ctx, product_id)
    currency, quantity = _asked(ctx, body)
    customer = customers.by_id(ctx, body.customer_id).reference if body.customer_id else ""
    return _tried(
        price_trials.of_product(
            ctx,
            product_id,
            currency=currency,
            quantity=quantity,
            on=body.on or ctx.today(),
            customer=customer,
        )
    )


def _page(ctx: Context, wanted: PriceFilter, query: PageQuery) -> Page[PriceAnswer]:
    page: Slice[FoundPrice] = price_search.search(
        ctx, wanted, after=query.after, limit=query.limit
    )
    models = price_trials.models(ctx)
    return Page(data=[_answer(one, models) for one in page.rows], next=page.next or None)


def _answer(found: FoundPrice, models: Models) -> PriceAnswer:
    return PriceAnswer.of(found, models.get(found.entry.model))


def _added(ctx: Context, body: WantedPrice, sku: str, customer: str) -> Made[AddedPriceAnswer]:
    models = price_trials.models(ctx)
    with _as_sent(body, models.get(body.model)):
        parameters = _parameters(body, models)
        added = prices.add_price(ctx, body.input(sku, customer, parameters))
    assert added.id is not None  # it was not refused
    price = _answer(price_search.get(ctx, added.id), models)
    return Made(AddedPriceAnswer.of(added, price), at=f"/prices/{added.id}")


def _parameters(body: WantedPrice | PriceTrial, models: Models) -> dict[str, str]:
    """Return parameters as the model reads them. Raises ValidationFailed for a table out of place."""
    description = models.get(body.model)
    message = _("The pricing model asks for no such table here. Look at /pricing-models.")
    _refuse(
        Problem(code="price.table_unknown", path=f"parameters.{name}", message=message)
        for name in misplaced(body.parameters, description)
    )
    return texts(body.parameters, description)


@contextmanager
def _as_sent(
    body: WantedPrice | PriceTrial, description: PriceDescription | None
) -> Iterator[None]:
    """Let problems name fields as the API does, those of parameters with the model's names."""
    asked = [one.name for one in description.parameters] if description else []
    names = {name: f"parameters.{name}" for name in (*asked, *body.parameters)}
    names |= {"valid_to": "last_day", "customer": "customer_id", "sku": "product_id"}
    with own_fields.as_sent(names):
        yield


def _asked(ctx: Context, body: PriceTrial | ProductTrial) -> tuple[str, Decimal]:
    """Return currency and quantity. Raises ValidationFailed."""
    fields = Fields()
    currency = fields.currency("currency", body.currency) or ctx.tenant.currency
    quantity = fields.number("quantity", body.quantity, decimals=QUANTITY_DECIMALS)
    _refuse(fields.problems)
    return currency, quantity or Decimal(0)


def _tried(trial: Trial) -> TrialAnswer:
    _refuse(trial.problems)
    return TrialAnswer.of(trial)


def _refuse(problems: Iterable[Problem]) -> None:
    if found := list(problems):
        raise ValidationFailed(found)
