"""Prices of products: immutable versions with validity, and which of them is in force."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert, or_, select

from billhook import limits
from billhook.db import db
from billhook.domain.events import PriceAdded
from billhook.domain.pricing import PriceVersion
from billhook.errors import NotFound, PluginUnavailable, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Customer
from billhook.models.products import Price, Product
from billhook.plugins.runtime import relay
from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.services import audit, outbox
from billhook.services.fields import Fields

FIRST_DAY = date(1970, 1, 1)
"""From when a product's first price holds, where nobody says."""

_BATCH = 500
_PARAMETERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceInput:
    """A price version to be added."""

    sku: str
    model: str
    """Provider key, such as ``pricing_standard.per_unit``."""
    parameters: Mapping[str, str]
    currency: str = ""
    """The tenant's where it is empty."""
    customer: str = ""
    """Reference of the one customer whom it is for; everybody where empty."""
    valid_from: date | None = None
    """Without it the first version holds from the beginning, a later one from today."""
    valid_to: date | None = None
    """The first day without it. A later version ends it anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedPrice:
    """What became of an input; `id` is None where it was refused.

    What was not refused may have problems, too: warnings of its pricing model.
    """

    sku: str
    state: Literal["new", "unchanged", "refused"]
    id: UUID | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEntry:
    """A price version as people see it."""

    id: UUID
    sku: str
    customer: str
    currency: str
    model: str
    parameters: Mapping[str, str]
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceWanted:
    """Which price a charge needs: of a product, for a customer, on its supply date."""

    product_id: UUID
    customer_id: UUID
    currency: str
    on: date


def prices_in_force(ctx: Context, wanted: Sequence[PriceWanted]) -> list[PriceVersion | None]:
    """Return the price version for each need, in its order: the customer's before the product's.

    A later version ends an earlier one. One query for the batch.
    """
    if not wanted:
        return []
    histories = _histories(wanted)
    return [
        _in_force(histories, need, need.customer_id) or _in_force(histories, need, None)
        for need in wanted
    ]


_Key = tuple[UUID, UUID | None, str]


@dataclass(slots=True)
class _History:
    """The versions of one price, oldest first."""

    starts: list[date] = field(default_factory=list)
    versions: list[tuple[date | None, PriceVersion]] = field(default_factory=list)


def _histories(wanted: Sequence[PriceWanted]) -> dict[_Key, _History]:
    query = (
        select(Price)
        .where(
            Price.product_id.in_({need.product_id for need in wanted}),
            Price.currency.in_({need.currency for need in wanted}),
            or_(
                Price.customer_id.is_(None),
                Price.customer_id.in_({need.customer_id for need in wanted}),
            ),
            Price.valid_from <= max(need.on for need in wanted),
        )
        .order_by(Price.valid_from)
    )
    histories: dict[_Key, _History] = {}
    for row in db.session.scalars(query):
        history = histories.setdefault((row.product_id, row.customer_id, row.currency), _History())
        history.starts.append(row.valid_from)
        history.versions.append((row.valid_to, _version(row)))
    return histories


def _in_force(
    histories: Mapping[_Key, _History], need: PriceWanted, customer_id: UUID | None
) -> PriceVersion | None:
    history = histories.get((need.product_id, customer_id, need.currency))
    if history is None:
        return None
    index = bisect_right(history.starts, need.on) - 1
    if index < 0:
        return None
    valid_to, version = history.versions[index]
    return version if valid_to is None or need.on < valid_to else None


def _version(row: Price) -> PriceVersion:
    return PriceVersion(
        id=row.id, model=row.model, currency=row.currency, parameters=row.parameters
    )


def prices(ctx: Context, sku: str) -> list[PriceEntry]:
    """Return all price versions of a product, the newest first. Raises NotFound."""
    ctx.require("products.view")
    product_id = db.session.scalar(select(Product.id).where(Product.sku == sku))
    if product_id is None:
        raise NotFound(_("product"), sku)
    rows = db.session.execute(
        select(Price, Customer.reference)
        .outerjoin(
            Customer,
            (Customer.tenant_id == Price.tenant_id) & (Customer.id == Price.customer_id),
        )
        .where(Price.product_id == product_id)
        .order_by(Price.currency, Customer.reference, Price.valid_from.desc())
    )
    return [price_entry(row, sku, customer or "") for row, customer in rows]


def version_of(entry: PriceEntry) -> PriceVersion:
    """Return a price as its pricing model sees it."""
    return PriceVersion(
        id=entry.id, model=entry.model, currency=entry.currency, parameters=entry.parameters
    )


def price_entry(row: Price, sku: str, customer: str) -> PriceEntry:
    """Return a price version as people see it."""
    return PriceEntry(
        id=row.id,
        sku=sku,
        customer=customer,
        currency=row.currency,
        model=row.model,
        parameters=row.parameters,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def add_price(ctx: Context, price: PriceInput) -> AddedPrice:
    """Add a price version. Raises ValidationFailed."""
    with ctx.transaction():
        [answer] = add_prices(ctx, [price])
        if answer.state == "refused":
            raise ValidationFailed(answer.problems)
        if answer.state == "new":
            audit.record(ctx, "price.added", "price", answer.id, sku=answer.sku)
        return answer


def add_prices(ctx: Context, prices: Sequence[PriceInput]) -> list[AddedPrice]:
    """Add price versions; each answer stands at its input's place.

    A version that says what is in force already adds nothing. A version never
    changes: another price of the same day is refused. Joins the caller's
    transaction, and leaves the audit row to the caller.
    """
    ctx.require("products.edit")
    with ctx.transaction():
        return [
            answer
            for start in range(0, len(prices), _BATCH)
            for answer in _PriceBatch(ctx, prices[start : start + _BATCH]).add()
        ]


class _PriceBatch:
    """One batch of price versions on its way into the table."""

    def __init__(self, ctx: Context, prices: Sequence[PriceInput]) -> None:
        self.ctx = ctx
        self.today = ctx.today()
        self.now = ctx.now()
        self.prices = prices
        self.products = _ids(Product.sku, Product.id, {price.sku for price in prices})
        self.customers = _ids(
            Customer.reference, Customer.id, {price.customer for price in prices if price.customer}
        )
        self.known: dict[_Key, list[dict[str, Any]]] = {}
        """The versions of each price, as the table will hold them, oldest first."""
        for row in _price_rows(self.products.values()):
            self.known.setdefault(_key(row), []).append(row)
        self.new: list[dict[str, Any]] = []
        self.asked: dict[tuple[str, tuple[tuple[str, str], ...]], list[Problem]] = {}
        """What pricing models said of parameters: the same price is asked about once."""

    def add(self) -> list[AddedPrice]:
        answers = [self._take(price) for price in self.prices]
        if self.new:
            db.session.execute(insert(Price), self.new)
            added = [PriceAdded(price_id=p["id"], product_id=p["product_id"]) for p in self.new]
            outbox.publish_all(self.ctx, added)
        return answers

    def _take(self, price: PriceInput) -> AddedPrice:
        fields = Fields()
        row = self._row(fields, price)
        if fields.problems:
            return _refused(price, fields.problems)
        versions = self.known.setdefault(_key(row), [])
        same_day = next((v for v in versions if v["valid_from"] == row["valid_from"]), None)
        standing = same_day or (None if price.valid_from else self._last(versions))
        if standing and _says_the_same(standing, row):
            return AddedPrice(sku=price.sku, state="unchanged", id=standing["id"])
        if same_day:
            return _refused(price, [_taken(row["valid_from"])])
        versions.append(row)
        versions.sort(key=lambda version: version["valid_from"])
        self.new.append(row)
        found = tuple(self._model_problems(price))
        return AddedPrice(sku=price.sku, state="new", id=row["id"], problems=found)

    def _last(self, versions: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        begun = [version for version in versions if version["valid_from"] <= self.today]
        return begun[-1] if begun else None

    def _row(self, fields: Fields, price: PriceInput) -> dict[str, Any]:
        row: dict[str, Any] = {
            "tenant_id": self.ctx.tenant.id,
            "id": new_id(),
            "product_id": self._product(fields, price.sku),
            "customer_id": self._customer(fields, price.customer),
            "currency": fields.currency("currency", price.currency) or self.ctx.tenant.currency,
            "model": price.model,
            "parameters": dict(price.parameters),
            "valid_from": price.valid_from,
            "valid_to": price.valid_to,
            "created_at": self.now,
        }
        fields.problems += errors(self._model_problems(price))
        if price.valid_from is None:
            row["valid_from"] = self.today if self.known.get(_key(row)) else FIRST_DAY
        if price.valid_to and price.valid_to <= row["valid_from"]:
            fields.refuse(
                "valid_to",
                "price.validity",
                _("The price must end after it begins, on %(day)s.", day=row["valid_from"]),
            )
        return row

    def _model_problems(self, price: PriceInput) -> list[Problem]:
        question = (price.model, tuple(sorted(price.parameters.items())))
        if question not in self.asked:
            self.asked[question] = _model_problems(self.ctx, price)
        return self.asked[question]

    def _product(self, fields: Fields, sku: str) -> UUID | None:
        product_id = self.products.get(sku)
        if product_id is None:
            fields.refuse(
                "sku",
                "product.unknown",
                _("There is no product “%(sku)s”. Add it first.", sku=sku[: limits.CODE]),
            )
        return product_id

    def _customer(self, fields: Fields, reference: str) -> UUID | None:
        if not reference:
            return None
        customer_id = self.customers.get(reference)
        if customer_id is None:
            fields.refuse(
                "customer",
                "customer.unknown",
                _(
                    "There is no customer “%(customer)s”. Import the customer first.",
                    customer=reference[: limits.CODE],
                ),
            )
        return customer_id


def _key(row: Mapping[str, Any]) -> _Key:
    return (row["product_id"], row["customer_id"], row["currency"])


def _ids(key: Any, value: Any, wanted: Collection[str]) -> dict[str, UUID]:
    rows = db.session.execute(select(key, value).where(key.in_(wanted)))
    return dict(rows.tuples().all())


def _price_rows(product_ids: Iterable[UUID]) -> list[dict[str, Any]]:
    columns = [getattr(Price, column.key) for column in Price.__table__.c]
    rows = db.session.execute(
        select(*columns).where(Price.product_id.in_(list(product_ids))).order_by(Price.valid_from)
    )
    return [dict(row) for row in rows.mappings()]


def _says_the_same(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return all(left[name] == right[name] for name in ("model", "parameters", "valid_to"))


def _taken(day: date) -> Problem:
    return Problem(
        code="price.version_exists",
        path="valid_from",
        message=_(
            "Another price of %(day)s is stored, and price versions never change. Choose a later "
            "day in valid_from.",
            day=day.isoformat(),
        ),
    )


def _refused(price: PriceInput, problems: Sequence[Problem]) -> AddedPrice:
    return AddedPrice(sku=price.sku, state="refused", problems=tuple(problems))


def _model_problems(ctx: Context, price: PriceInput) -> list[Problem]:
    """Ask the pricing model whether it can work with the parameters."""
    if len(price.parameters) > _PARAMETERS or any(
        len(name) > limits.CODE or len(value) > limits.TEXT
        for name, value in price.parameters.items()
    ):
        return [
            Problem(
                code="price.parameters_too_many",
                path="parameters",
                message=_("A price has at most %(count)s short parameters.", count=_PARAMETERS),
            )
        ]
    try:
        model = relay(ctx).pricing_model(price.model, ctx)
    except PluginUnavailable as error:
        return [Problem(code=error.code, path="model", message=error.message)]
    return list(model.parameter_problems(price.parameters))
