"""A charge whole: what its source said, where it went, and what it costs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.adjusting import read_adjustment
from billhook.domain.bills import BillLine
from billhook.domain.periods import Period
from billhook.domain.totals import Adjustment
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.audit import Audit
from billhook.models.charges import ChargeRow
from billhook.models.documents import DocumentSeal
from billhook.models.products import Product
from billhook.plugins.runtime import relay
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services.charging.finding import ChargeEntry, entry_of, query
from billhook.services.fencing import Refused
from billhook.services.pricing import lines, priced
from billhook.services.waiting import as_if_waiting

_ACTS = ("charge.held", "charge.released", "charge.withdrawn")


class Sold(NamedTuple):
    """The product that a charge is of."""

    id: UUID
    sku: str
    name: str


class Act(NamedTuple):
    """That somebody held, released or withdrew it."""

    action: str
    happened_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeView:
    """A charge as its page shows it."""

    entry: ChargeEntry
    customer_id: UUID
    product: Sold | None
    sku: str
    unit: str
    base_quantity: Decimal
    period: Period | None
    adjustments: tuple[Adjustment, ...]
    tax_category: str
    revenue_account: str
    purchase_order: str
    delivery_country: str
    created_at: datetime
    holder_id: UUID | None
    """The draft or document that it is on."""
    number: str
    """Of the document; empty elsewhere."""
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeCost:
    """What a charge comes to by the prices of now, or what keeps it from being priced."""

    lines: tuple[BillLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    plugin: str = ""
    """Whose pricing model refused it."""

    @property
    def net(self) -> int:
        """The sum of its lines, in minor units."""
        return sum(line.amount for line in self.lines)


def get(ctx: Context, charge_id: UUID) -> ChargeView:
    """Return a charge. Raises NotFound."""
    ctx.require("charges.view")
    row = db.session.execute(query().where(ChargeRow.id == charge_id)).one_or_none()
    if row is None:
        raise NotFound(_("charge"), charge_id)
    charge: ChargeRow = row[0]
    start, end = charge.period_start, charge.period_end
    return ChargeView(
        entry=entry_of(row),
        customer_id=charge.customer_id,
        product=_product(charge.product_id),
        sku=charge.sku,
        unit=charge.unit,
        base_quantity=charge.base_quantity,
        period=Period(start, end) if start and end else None,
        adjustments=tuple(read_adjustment(stored) for stored in charge.adjustments),
        tax_category=charge.tax_category,
        revenue_account=charge.revenue_account,
        purchase_order=charge.purchase_order,
        delivery_country=charge.delivery_country,
        created_at=charge.created_at,
        holder_id=row[4],
        number=_number(row[5]),
        acts=_acts(charge_id),
    )


def cost(ctx: Context, charge_id: UUID) -> ChargeCost:
    """Price a charge as a bill run would now, with nothing written. Raises NotFound."""
    ctx.require("charges.view")
    row = as_if_waiting(charge_id)
    if row is None:
        raise NotFound(_("charge"), charge_id)
    price = priced(ctx, relay(ctx), [row]).get(row.id)
    if isinstance(price, Refused):
        return ChargeCost(problems=price.problems, plugin=price.plugin)
    return ChargeCost(lines=lines(ctx, row, price))


def _product(product_id: UUID | None) -> Sold | None:
    if product_id is None:
        return None
    row = db.session.execute(
        select(Product.id, Product.sku, Product.name).where(Product.id == product_id)
    ).one()
    return Sold(*row)


def _number(document_id: UUID | None) -> str:
    if document_id is None:
        return ""
    found = db.session.scalar(
        select(DocumentSeal.printed_number).where(DocumentSeal.document_id == document_id)
    )
    return found or ""


def _acts(charge_id: UUID) -> tuple[Act, ...]:
    rows = db.session.execute(
        select(Audit.action, Audit.happened_at, Audit.details)
        .where(
            Audit.object_kind == "charge",
            Audit.object_id == str(charge_id),
            Audit.action.in_(_ACTS),
        )
        .order_by(Audit.id)
    )
    return tuple(
        Act(row.action, row.happened_at, str(row.details.get("reason", ""))) for row in rows
    )
