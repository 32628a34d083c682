"""Rows of charges: each is billed once, and never changes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain.charges import Charge
from billhook.domain.periods import Period
from billhook.domain.states import Supply
from billhook.domain.totals import Adjustment, AdjustmentKind, line_amount
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Customer
from billhook.models.products import Product
from billhook.money import LARGEST_AMOUNT, PRICE_DECIMALS, QUANTITY_DECIMALS, RATE_DECIMALS
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import charging, merged
from billhook.services.fields import Fields
from billhook.services.imports.charge_columns import COLUMNS
from billhook.services.imports.outcomes import Outcome
from billhook.services.merged import Place
from billhook.services.sets import one_of

__all__ = ["COLUMNS", "take"]

DEFAULT_SOURCE = "csv"
_ONE = Decimal(1)
_HUNDRED = Decimal(100)
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def take(ctx: Context, rows: Sequence[Mapping[str, str]], *, source: str) -> list[Outcome]:
    """Add charges. A known one of the same content is left, one of another content refused."""
    return [_outcome(one) for one in taken(ctx, rows, source=source)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a row: the charge that stands now, or why there is none."""

    id: UUID | None = None
    """Of the charge that stands under the reference, be it of other content."""
    state: Literal["new", "unchanged", "different", "refused"]
    problems: tuple[Problem, ...] = ()


def taken(ctx: Context, rows: Sequence[Mapping[str, str]], *, source: str) -> list[Taken]:
    """Add charges; each answer stands at its row's place. Joins the caller's transaction."""
    customers = _customers({row["customer"].strip() for row in rows})
    products = _products({sku for row in rows for sku in _skus(row)})
    read = [_Reading(row, customers, products, source).charge() for row in rows]
    good = [item for item in read if isinstance(item, _Read)]
    added = iter(
        charging.add(ctx, [item.charge for item in good], sent=[item.sent for item in good])
    )
    return [
        _taken(next(added))
        if isinstance(item, _Read)
        else Taken(state="refused", problems=tuple(item))
        for item in read
    ]


def _outcome(one: Taken) -> Outcome:
    return Outcome("refused" if one.state == "different" else one.state, one.problems)


def _taken(added: charging.Added) -> Taken:
    if added.state != "different":
        return Taken(id=added.id, state=added.state)
    problem = Problem(
        code="charge.different",
        path="reference",
        message=_(
            "Charge “%(reference)s” is stored with other content, and charges never change. "
            "Withdraw or credit that one and send the new one under another reference.",
            reference=added.reference,
        ),
    )
    return Taken(id=added.id, state="different", problems=(problem,))


@dataclass(frozen=True, slots=True)
class _Customer:
    id: UUID
    """As the file names it, be it a duplicate that was merged meanwhile."""
    place: Place
    """Who is billed, and who pays."""
    currency: str


@dataclass(frozen=True, slots=True)
class _Product:
    id: UUID
    name: str


def _customers(named: set[str]) -> dict[str, _Customer]:
    """Return the customers by what names them: their reference, else their id."""
    found = _rows_of(Customer.reference.in_(named))
    ids = _ids(named - {row.reference for row in found})
    by_id = _rows_of(one_of(Customer.id, ids.values())) if ids else []
    known = _with_payers([*found, *by_id])
    names = {row.id: row.reference for row in by_id}
    return known | {text: known[names[one]] for text, one in ids.items() if one in names}


def _rows_of(condition: Any) -> list[Any]:
    columns = (Customer.reference, Customer.id, Customer.payer_id, Customer.currency)
    return list(db.session.execute(select(*columns).where(condition)))


def _ids(texts: set[str]) -> dict[str, UUID]:
    """Return what of the texts are ids, by the text."""
    return {text: UUID(text) for text in texts if _ID.fullmatch(text)}


def _with_payers(found: Sequence[Any]) -> dict[str, _Customer]:
    payers = {row.payer_id for row in found if row.payer_id}
    places = merged.places({row.id for row in found} | payers)
    paying = {payer_id: places[payer_id].payer_id for payer_id in payers & places.keys()}
    return {
        row.reference: _Customer(
            row.id,
            places.get(row.id) or Place(row.id, paying.get(row.payer_id, row.payer_id) or row.id),
            row.currency,
        )
        for row in found
    }


def _products(named: set[str]) -> dict[str, _Product]:
    """Return the products by what names them: their SKU, else their id."""
    if not named:
        return {}
    columns = select(Product.sku, Product.id, Product.name)
    by_sku = {
        row.sku: _Product(row.id, row.name)
        for row in db.session.execute(columns.where(Product.sku.in_(named)))
    }
    ids = _ids(named - by_sku.keys())
    if not ids:
        return by_sku
    rows = db.session.execute(columns.where(one_of(Product.id, ids.values())))
    by_id = {row.id: _Product(row.id, row.name) for row in rows}
    return by_sku | {text: by_id[one] for text, one in ids.items() if one in by_id}


def _skus(row: Mapping[str, str]) -> list[str]:
    return [sku for name in ("product", "sku") if (sku := row.get(name, "").strip())]


@dataclass(frozen=True, slots=True)
class _Read:
    charge: Charge
    sent: Charge
    """The same as the file says it: what products say may change until the next try."""


class _Reading:
    """One row on its way to a charge."""

    def __init__(
        self,
        row: Mapping[str, str],
        customers: Mapping[str, _Customer],
        products: Mapping[str, _Product],
        source: str,
    ) -> None:
        self.row = row
        self.customers = customers
        self.products = products
        self.source = source
        self.fields = Fields()

    def charge(self) -> _Read | list[Problem]:
        """Return the charge, or all that is wrong with the row."""
        customer = self._customer()
        currency = self.fields.currency("currency", self._cell("currency"))
        currency = currency or (customer.currency if customer else "")
        values = self._values(currency)
        self._refuse_price(values)
        if self.fields.problems or customer is None:
            return self.fields.problems
        sent = Charge(
            id=new_id(),
            customer_id=customer.id,
            payer_id=customer.place.payer_id,
            currency=currency,
            **values,
        )
        completed = self._completed(replace(sent, customer_id=customer.place.customer_id))
        self._refuse_size(sent)
        self._text_needed(completed)
        return self.fields.problems or _Read(completed, sent)

    def _cell(self, name: str) -> str:
        return self.row.get(name, "")

    def _text(self, name: str, limit: int, *, is_required: bool = False) -> str:
        return self.fields.text(name, self._cell(name), limit=limit, is_required=is_required)

    def _customer(self) -> _Customer | None:
        reference = self._text("customer", limits.CODE, is_required=True)
        customer = self.customers.get(reference)
        if reference and customer is None:
            self.fields.refuse(
                "customer",
                "customer.unknown",
                _(
                    "There is no customer “%(customer)s”. Import the customer first.",
                    customer=reference,
                ),
            )
        return customer

    def _values(self, currency: str) -> dict[str, Any]:
        """Read every field but whose charge it is and in which currency."""
        fields, cell = self.fields, self._cell
        group = self._text("group", limits.CODE)
        quantity = fields.number("quantity", cell("quantity"), decimals=QUANTITY_DECIMALS)
        return {
            "source": self.source or self._text("source", limits.CODE) or DEFAULT_SOURCE,
            "reference": self._text("reference", limits.CODE, is_required=True),
            "charged_on": self._date(),
            "description": fields.prose("description", cell("description")),
            "quantity": _ONE if quantity is None else quantity,
            "unit": self._text("unit", 10),
            "amount": fields.amount("amount", cell("amount"), currency) if currency else None,
            "unit_price": fields.number("unit_price", cell("unit_price"), decimals=PRICE_DECIMALS),
            "base_quantity": self._base_quantity(),
            "product_id": self._named_product(),
            "sku": self._text("sku", limits.CODE),
            "group_key": group,
            "group_label": self._text("group_label", limits.NAME) or group,
            "period": self._period(),
            "adjustments": self._adjustments(currency),
            "supply": fields.choice("supply", cell("supply"), Supply),
            "tax_category": self._text("tax_category", limits.CODE),
            "revenue_account": self._text("revenue_account", 20),
            "purchase_order": self._text("purchase_order", limits.CODE),
            "delivery_country": fields.country("delivery_country", cell("delivery_country")),
        }

    def _date(self) -> date | None:
        if not self._cell("date").strip():
            self._text("date", limits.CODE, is_required=True)
        return self.fields.day("date", self._cell("date"))

    def _base_quantity(self) -> Decimal:
        found = self.fields.number(
            "base_quantity", self._cell("base_quantity"), decimals=QUANTITY_DECIMALS
        )
        if found is not None and found <= 0:
            self.fields.refuse("base_quantity", "number.not_positive", _("It must be above zero."))
        return found or _ONE

    def _named_product(self) -> UUID | None:
        sku = self._text("product", limits.CODE)
        if not sku:
            return None
        product = self.products.get(sku)
        if product is None:
            self.fields.refuse(
                "product",
                "product.unknown",
                _("There is no product “%(sku)s”. Import the product first.", sku=sku),
            )
            return None
        return product.id

    def _period(self) -> Period | None:
        start = self.fields.day("period_start", self._cell("period_start"))
        last = self.fields.day("period_end", self._cell("period_end"))
        if start and last and last >= start and last < date.max:
            return Period.through(start, last)
        if start or last:
            self.fields.refuse(
                "period_end",
                "charge.period",
                _("A period needs its first and its last day, in this order."),
            )
        return None

    def _adjustments(self, currency: str) -> tuple[Adjustment, ...]:
        found = [
            *self._adjustment("discount", AdjustmentKind.ALLOWANCE, currency),
            *self._adjustment("surcharge", AdjustmentKind.SURCHARGE, currency),
        ]
        return tuple(found)

    def _adjustment(self, name: str, kind: AdjustmentKind, currency: str) -> list[Adjustment]:
        reason = self._text(f"{name}_reason", limits.REASON)
        by_percent, by_amount = f"{name}_percent", f"{name}_amount"
        percent = self.fields.number(by_percent, self._cell(by_percent), decimals=RATE_DECIMALS)
        amount = (
            self.fields.amount(by_amount, self._cell(by_amount), currency) if currency else None
        )
        if percent is not None and not 0 <= percent <= _HUNDRED:
            self.fields.refuse(
                by_percent, "charge.percent", _("A percentage lies between 0 and 100.")
            )
        if amount is not None and amount < 0:
            self.fields.refuse(
                by_amount, "number.not_positive", _("Write the amount without a minus.")
            )
        return [
            Adjustment(kind=kind, reason=reason, percent=share, amount=value)
            for share, value in ((percent, None), (None, amount))
            if share or value
        ]

    def _refuse_price(self, values: dict[str, Any]) -> None:
        """Hold that a charge is priced by exactly one of amount, unit price and product."""
        fields = self.fields
        has_amount, has_price = (
            bool(self._cell(name).strip()) for name in ("amount", "unit_price")
        )
        if has_amount and has_price:
            fields.refuse(
                "amount",
                "charge.priced_twice",
                _("Fill in either the amount or the unit price, not both."),
            )
        if has_amount or has_price:
            self._turn(values)
            return
        product = self.products.get(self._cell("sku").strip())
        if values["product_id"] is None and product is not None:
            values["product_id"] = product.id
        if values["product_id"] is None and not self._cell("product").strip():
            fields.refuse(
                "unit_price",
                "charge.not_priced",
                _("Fill in an amount or a unit price, or name a stored product."),
            )

    def _turn(self, values: dict[str, Any]) -> None:
        """Keep prices positive: a negative one is a return."""
        price = values["unit_price"]
        if price is not None and price < 0:
            values["unit_price"] = -price
            values["quantity"] = -values["quantity"]

    def _refuse_size(self, charge: Charge) -> None:
        if charge.unit_price is None:
            return
        net = line_amount(
            charge.quantity,
            charge.unit_price,
            charge.currency,
            base_quantity=charge.base_quantity,
            adjustments=charge.adjustments,
        )
        if abs(net) > LARGEST_AMOUNT:
            self.fields.refuse(
                "quantity",
                "charge.too_large",
                _("Quantity and unit price make an amount that is too large to be kept."),
            )

    def _text_needed(self, charge: Charge) -> None:
        if not charge.description:
            self._text("description", limits.TEXT, is_required=True)

    def _completed(self, sent: Charge) -> Charge:
        """Fill in what products and the language say, where the file says nothing."""
        sku = self._cell("product").strip() or sent.sku
        product = self.products.get(sku)
        needs = not sent.description or sent.adjustments
        if product is None and not needs:
            return sent
        return replace(
            sent,
            description=sent.description or (product.name if product else "") or sku,
            product_id=product.id if product else None,
            adjustments=tuple(_with_reason(item) for item in sent.adjustments),
        )


def _with_reason(adjustment: Adjustment) -> Adjustment:
    if adjustment.reason:
        return adjustment
    is_discount = adjustment.kind is AdjustmentKind.ALLOWANCE
    return replace(adjustment, reason=_("Discount") if is_discount else _("Surcharge"))
