"""Why this amount: where each line of a document came from, and how it was counted.

Everything stands in the document itself but for the charge behind a line, what that
came from, and the price version that was in force; those are read for all lines at once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select

from billhook.db import db
from billhook.domain.child_charges import REBILLED, SPLIT, Origin, origin_of
from billhook.domain.documents import Document, DocumentLine
from billhook.domain.tax import TaxTreatment
from billhook.domain.totals import Adjustment, line_amount
from billhook.models.charges import ChargeRow
from billhook.models.documents import DocumentSeal
from billhook.models.products import Price, Product
from billhook.models.tenants import TaxRegistration
from billhook.money import CONTEXT, minor_digits, spread
from billhook.sdk.context import Context
from billhook.services import claims, originals
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeReason:
    """The charge behind a line, and what that was part of."""

    id: UUID
    source: str
    reference: str
    charged_on: date
    group: str
    part_of: "ChargeReason | None" = None
    """The charge that it superseded a part of."""
    rebills: str = ""
    """Number of the credit note whose amount it bills anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceReason:
    """The version of a price list that a pricing model worked from."""

    sku: str
    product: str
    model: str
    valid_from: date
    valid_to: date | None
    is_customers_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxReason:
    """Why a line is taxed as it is; `share` is its part of its group's tax, in minor units."""

    treatment: TaxTreatment
    registrations: tuple[str, ...]
    """Numbers under which the taxes are owed."""
    share: int
    group_net: int
    group_tax: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReason:
    """Why a line comes to what it comes to."""

    line: DocumentLine
    currency: str
    charge: ChargeReason | None
    """None on a line that was written by hand, or takes another back."""
    product: str
    price: PriceReason | None
    """None where the line brought its price along, or takes another back."""
    effects: tuple[tuple[Adjustment, Decimal], ...]
    """Each discount or surcharge of the line, and its effect in major units, not rounded."""
    product_amount: Decimal
    """Quantity × unit price ÷ base quantity in major units, not rounded."""
    unrounded: Decimal
    """With discounts and surcharges."""
    rounded: int
    """What that rounds to: the line's net, or its gross where prices include tax."""
    tax: TaxReason
    credited: str
    """Number and line of the invoice that a credit note's line takes back; else empty."""
    plugins: tuple[tuple[str, str], ...]


def why(ctx: Context, document_id: UUID) -> tuple[LineReason, ...]:
    """Explain each line of a document, in their order. Raises NotFound."""
    ctx.require("documents.view")
    document = originals.shown(ctx, document_id)
    return _reasons(document, _known(document))


def as_sealed(document: Document) -> tuple[LineReason, ...]:
    """Explain each line by the document alone, as its client may know it; asks no table."""
    return _reasons(document, _Known())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What other tables know of a document's lines."""

    charges: Mapping[UUID, ChargeRow] = field(default_factory=dict)
    parents: Mapping[UUID, ChargeRow] = field(default_factory=dict)
    numbers: Mapping[UUID, str] = field(default_factory=dict)
    products: Mapping[UUID, Product] = field(default_factory=dict)
    prices: Mapping[UUID, Sequence[Price]] = field(default_factory=dict)
    registrations: Mapping[UUID, str] = field(default_factory=dict)


def _known(document: Document) -> _Known:
    """Ask each table once."""
    lines = document.lines
    charges = claims.charge_rows({line.charge_id for line in lines if line.charge_id})
    origins = [origin_of(row.source, row.reference) for row in charges.values()]
    split = {
        one.id
        for one, row in zip(origins, charges.values(), strict=True)
        if one and row.source == SPLIT
    }
    credited = {line.credited.document_id for line in lines if line.credited}
    rebilled = {one.id for one in origins if one} - split
    products = _products({line.product_id for line in lines if line.product_id})
    registrations = {
        component.registration_id
        for group in document.groups
        for component in group.treatment.components
        if component.registration_id
    }
    return _Known(
        charges=charges,
        parents=claims.charge_rows(split),
        numbers=_numbers(credited | rebilled),
        products=products,
        prices=_prices(document, products.keys()),
        registrations=_registrations(registrations),
    )


def _reasons(document: Document, known: _Known) -> tuple[LineReason, ...]:
    taxes = _tax_shares(document)
    return tuple(_reason(document, line, taxes[line.line_no], known) for line in document.lines)


def _reason(document: Document, line: DocumentLine, share: int, found: _Known) -> LineReason:
    group = document.groups[line.group_no]
    product = found.products.get(line.product_id) if line.product_id else None
    base = CONTEXT.divide(CONTEXT.multiply(line.quantity, line.unit_price), line.base_quantity)
    digits = minor_digits(document.currency)
    effects = tuple((item, item.on(base, digits)) for item in line.adjustments)
    return LineReason(
        line=line,
        currency=document.currency,
        charge=_charge(line, found),
        product=product.name if product else "",
        price=_price(document, line, found),
        effects=effects,
        product_amount=base,
        unrounded=sum((effect for _item, effect in effects), base),
        rounded=line_amount(
            line.quantity,
            line.unit_price,
            document.currency,
            base_quantity=line.base_quantity,
            adjustments=line.adjustments,
        ),
        tax=TaxReason(
            treatment=group.treatment,
            registrations=tuple(
                found.registrations[component.registration_id]
                for component in group.treatment.components
                if component.registration_id and component.registration_id in found.registrations
            ),
            share=share,
            group_net=group.net,
            group_tax=group.tax,
        ),
        credited=_credited(line, found),
        plugins=document.plugins,
    )


def _tax_shares(document: Document) -> dict[int, int]:
    """Return each line's part of its group's tax; parts and those of discounts sum to it."""
    shares: dict[int, int] = {}
    for number, group in enumerate(document.groups):
        lines = [line for line in document.lines if line.group_no == number]
        others = [item.net for item in document.adjustments if item.group_no == number]
        parts = spread(group.tax, [*(line.net for line in lines), *others])
        shares |= {line.line_no: part for line, part in zip(lines, parts, strict=False)}
    return shares


def _charge(line: DocumentLine, found: _Known) -> ChargeReason | None:
    row = found.charges.get(line.charge_id) if line.charge_id else None
    if row is None:
        return None
    origin = origin_of(row.source, row.reference)
    parent = found.parents.get(origin.id) if origin and row.source == SPLIT else None
    return _charge_reason(row, parent, _rebilled(row, origin, found))


def _charge_reason(row: ChargeRow, parent: ChargeRow | None, rebills: str) -> ChargeReason:
    return ChargeReason(
        id=row.id,
        source=row.source,
        reference=row.reference,
        charged_on=row.charged_on,
        group=row.group_label or row.group_key,
        part_of=_charge_reason(parent, None, "") if parent else None,
        rebills=rebills,
    )


def _rebilled(row: ChargeRow, origin: Origin | None, found: _Known) -> str:
    return found.numbers.get(origin.id, "") if origin and row.source == REBILLED else ""


def _price(document: Document, line: DocumentLine, found: _Known) -> PriceReason | None:
    """Return the version in force on the supply date, of those that there were when it was billed."""
    charge = found.charges.get(line.charge_id) if line.charge_id else None
    is_own = charge is not None and (charge.amount is not None or charge.unit_price is not None)
    if is_own or not line.product_id or line.credited or not line.explanation:
        return None
    product = found.products.get(line.product_id)
    versions = found.prices.get(line.product_id, ())
    for is_customers in (True, False):
        of_whom = [one for one in versions if (one.customer_id is not None) is is_customers]
        begun = [one for one in of_whom if one.valid_from <= line.supplied_on]
        if begun and _still_holds(begun[-1], line.supplied_on):
            return PriceReason(
                sku=product.sku if product else line.sku,
                product=product.name if product else "",
                model=begun[-1].model,
                valid_from=begun[-1].valid_from,
                valid_to=begun[-1].valid_to,
                is_customers_own=is_customers,
            )
    return None


def _still_holds(price: Price, day: date) -> bool:
    return price.valid_to is None or day < price.valid_to


def _credited(line: DocumentLine, found: _Known) -> str:
    if line.credited is None:
        return ""
    return found.numbers.get(line.credited.document_id, "")


def _numbers(document_ids: Collection[UUID]) -> dict[UUID, str]:
    if not document_ids:
        return {}
    rows = db.session.execute(
        select(DocumentSeal.document_id, DocumentSeal.printed_number).where(
            one_of(DocumentSeal.document_id, document_ids)
        )
    )
    return dict(rows.tuples().all())


def _products(product_ids: Collection[UUID]) -> dict[UUID, Product]:
    if not product_ids:
        return {}
    rows = db.session.scalars(select(Product).where(one_of(Product.id, product_ids)))
    return {row.id: row for row in rows}


def _prices(document: Document, product_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Price]]:
    """Return the products' price versions that are older than the document, oldest first."""
    if not product_ids:
        return {}
    found: dict[UUID, list[Price]] = {}
    for row in db.session.scalars(
        select(Price)
        .where(
            one_of(Price.product_id, product_ids),
            Price.currency == document.currency,
            Price.id < document.id,  # ids rise with time: what came later was not in force yet
            or_(Price.customer_id.is_(None), Price.customer_id == document.customer_id),
        )
        .order_by(Price.valid_from)
    ):
        found.setdefault(row.product_id, []).append(row)
    return found


def _registrations(ids: Collection[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    rows = db.session.execute(
        select(TaxRegistration.id, TaxRegistration.number).where(one_of(TaxRegistration.id, ids))
    )
    return {one: number for one, number in rows if number}
