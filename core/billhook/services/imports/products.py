"""Rows of products, each with a price or without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from billhook.db import db
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import own_fields, products
from billhook.services.fields import Fields
from billhook.services.imports.columns import Column
from billhook.services.imports.outcomes import Outcome, State
from billhook.services.products import PriceInput, ProductInput

PARAMETER = "parameter_"
OWN_FIELD = "field_"

COLUMNS: tuple[Column, ...] = (
    Column(
        field="sku",
        synonyms=("product", "article", "item", "code"),
        is_required=True,
        hint=lazy_gettext("Your own code of the product. A known one is updated."),
    ),
    Column(
        field="name",
        synonyms=("product_name", "title"),
        hint=lazy_gettext("What lines say. Needed for a new product."),
    ),
    Column(field="description", hint=lazy_gettext("More about it.")),
    Column(
        field="unit",
        synonyms=("uom", "unit_of_measure"),
        hint=lazy_gettext("Code of UN/ECE Recommendation 20; C62 (one) where it is empty."),
    ),
    Column(field="supply", hint=lazy_gettext("goods, service or electronic_service.")),
    Column(
        field="tax_category",
        synonyms=("tax",),
        hint=lazy_gettext("Such as standard, reduced or exempt."),
    ),
    Column(
        field="revenue_account",
        synonyms=("account",),
        hint=lazy_gettext("Code of the ledger for its revenue."),
    ),
    Column(field="is_active", synonyms=("active",), hint=lazy_gettext("yes or no.")),
    Column(
        field=OWN_FIELD + "*",
        hint=lazy_gettext("Your own fields of products, each by its key."),
    ),
    Column(
        field="price",
        synonyms=("unit_price", "amount"),
        hint=lazy_gettext("A new price version; none where it is empty."),
    ),
    Column(field="currency", hint=lazy_gettext("Of the price; yours where it is empty.")),
    Column(
        field="model",
        synonyms=("pricing_model",),
        hint=lazy_gettext("Key of the pricing model; pricing_standard.per_unit otherwise."),
    ),
    Column(
        field="customer",
        hint=lazy_gettext("Reference of the one customer whom the price is for."),
    ),
    Column(
        field="valid_from",
        hint=lazy_gettext(
            "First day of the price. Otherwise the first price always held, a later one begins "
            "today."
        ),
    ),
    Column(field="valid_until", hint=lazy_gettext("Last day of the price.")),
    Column(
        field=PARAMETER + "*",
        hint=lazy_gettext("Further parameters of the pricing model, each by its name."),
    ),
)

DEFAULT_MODEL = "pricing_standard.per_unit"
PRICE_PARAMETERS = {"pricing_standard.flat": "amount"}
"""The parameter that the column “price” fills; `unit_price` where a model is not named here."""

_PRODUCT = (
    "name",
    "description",
    "unit",
    "supply",
    "tax_category",
    "revenue_account",
    "is_active",
)


@dataclass(frozen=True, slots=True)
class _Read:
    product: ProductInput
    price: PriceInput | None
    fields: Mapping[str, str]
    """The field that each parameter of the price came from."""


def take(ctx: Context, rows: Sequence[Mapping[str, str]], *, source: str) -> list[Outcome]:
    """Create products, or change those of the same SKU; add the price where it is another."""
    read = [_read(row) for row in rows]
    outcomes = {
        place: Outcome("refused", tuple(item))
        for place, item in enumerate(read)
        if not isinstance(item, _Read)
    }
    while True:
        waiting = {
            place: item
            for place, item in enumerate(read)
            if isinstance(item, _Read) and place not in outcomes
        }
        stored = _store_all(ctx, waiting)
        refused = {
            place: outcome for place, outcome in stored.items() if outcome.state == "refused"
        }
        outcomes |= refused or stored
        if not refused:
            return [outcomes[place] for place in range(len(rows))]


def _store_all(ctx: Context, read: Mapping[int, _Read]) -> dict[int, Outcome]:
    """Store all products and prices, or where one is refused none: it leaves nothing behind."""
    savepoint = db.session.begin_nested()
    saved = products.upsert(ctx, [item.product for item in read.values()])
    stored = dict(zip(read, saved, strict=True))
    priced = {
        place: item.price
        for place, item in read.items()
        if item.price and stored[place].state != "refused"
    }
    prices = dict(zip(priced, products.add_prices(ctx, list(priced.values())), strict=True))
    outcomes = {
        place: _outcome(stored[place], prices.get(place), item.fields)
        for place, item in read.items()
    }
    if any(outcome.state == "refused" for outcome in outcomes.values()):
        savepoint.rollback()
    else:
        savepoint.commit()
    return outcomes


def _outcome(
    product: products.Upserted, price: products.AddedPrice | None, fields: Mapping[str, str]
) -> Outcome:
    if product.state == "refused" or price is None:
        return Outcome(product.state, tuple(_in_column(one) for one in product.problems))
    found = tuple(replace(one, path=fields.get(one.path, one.path)) for one in price.problems)
    state: State = product.state
    if price.state == "refused":
        state = "refused"
    elif state == "unchanged" and price.state == "new":
        state = "changed"
    return Outcome(state, found)


def _in_column(problem: Problem) -> Problem:
    """Name the column of an own field as files do."""
    if not problem.path.startswith(own_fields.PREFIX):
        return problem
    return replace(problem, path=OWN_FIELD + problem.path.removeprefix(own_fields.PREFIX))


def _read(row: Mapping[str, str]) -> _Read | list[Problem]:
    own = {
        name.removeprefix(OWN_FIELD): value
        for name, value in row.items()
        if name.startswith(OWN_FIELD)
    }
    said = {name: row[name] for name in _PRODUCT if name in row}
    product = ProductInput(sku=row["sku"], fields=own or None, **said)
    fields = Fields()
    sources = _parameters(row)
    price = _price(fields, row, sources)
    return fields.problems or _Read(product, price, sources)


def _parameters(row: Mapping[str, str]) -> dict[str, str]:
    """Return the field of each parameter of the row's price."""
    found = {
        name.removeprefix(PARAMETER): name
        for name, value in row.items()
        if name.startswith(PARAMETER) and value.strip()
    }
    if row.get("price", "").strip():
        found[PRICE_PARAMETERS.get(_model(row), "unit_price")] = "price"
    return found


def _model(row: Mapping[str, str]) -> str:
    return row.get("model", "").strip() or DEFAULT_MODEL


def _price(
    fields: Fields, row: Mapping[str, str], sources: Mapping[str, str]
) -> PriceInput | None:
    def cell(name: str) -> str:
        return row.get(name, "").strip()

    if not sources:
        _refuse_idle(fields, cell("model") or cell("valid_from") or cell("valid_until"))
        return None
    return PriceInput(
        sku=row["sku"].strip(),
        model=_model(row),
        parameters={name: row[field].strip() for name, field in sources.items()},
        currency=cell("currency"),
        customer=cell("customer"),
        valid_from=fields.day("valid_from", cell("valid_from")),
        valid_to=_day_after(fields.day("valid_until", cell("valid_until"))),
    )


def _refuse_idle(fields: Fields, said: str) -> None:
    if said:
        fields.refuse(
            "price",
            "price.missing",
            _("The row tells of a price and names none. Fill in the price."),
        )


def _day_after(last: date | None) -> date | None:
    return last + timedelta(days=1) if last and last < date.max else None
