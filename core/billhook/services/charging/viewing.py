"""A charge whole: what its source said, where it went, and what it costs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select

from billhook.db import db
from billhook.domain.adjusting import read_adjustment
from billhook.domain.bills import BillLine
from billhook.domain.periods import Period
from billhook.domain.totals import Adjustment
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.limits import PAGE_ROWS
from billhook.models.audit import Audit
from billhook.models.charges import ChargeRow
from billhook.models.documents import DocumentSeal
from billhook.models.products import Product
from billhook.plugins.runtime import relay
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services.charging import finding
from billhook.services.charging.finding import ChargeEntry, ChargeFilter, entry_of, query
from billhook.services.fencing import Refused
from billhook.services.paging import Slice
from billhook.services.pricing import Priced, lines, priced
from billhook.services.sets import one_of
from billhook.services.waiting import Waiting, as_if_waiting

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
    supply: str
    tax_category: str
    revenue_account: str
    group_key: str
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
    found = _views([charge_id])
    if not found:
        raise NotFound(_("charge"), charge_id)
    return found[0]


def search(
    ctx: Context,
    wanted: ChargeFilter,
    *,
    sort: str = "arrived",
    is_descending: bool = True,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Slice[ChargeView]:
    """Return the page that `finding.search` does, of charges whole."""
    ctx.require("charges.view")
    page = finding.page_of_ids(
        wanted, sort=sort, is_descending=is_descending, after=after, limit=limit
    )
    return Slice(rows=tuple(_views(page.rows)), next=page.next)


def cost(ctx: Context, charge_id: UUID) -> ChargeCost:
    """Price a charge as a bill run would now, with nothing written. Raises NotFound."""
    ctx.require("charges.view")
    found = costs(ctx, [charge_id])
    if charge_id not in found:
        raise NotFound(_("charge"), charge_id)
    return found[charge_id]


def costs(ctx: Context, charge_ids: Collection[UUID]) -> dict[UUID, ChargeCost]:
    """Price charges as a bill run would now, in one go; unknown ones are left out."""
    ctx.require("charges.view")
    rows = as_if_waiting(charge_ids)
    prices = priced(ctx, relay(ctx), rows)
    return {row.id: _cost(ctx, row, prices.get(row.id)) for row in rows}


def _cost(ctx: Context, row: Waiting, price: Priced | Refused | None) -> ChargeCost:
    if isinstance(price, Refused):
        return ChargeCost(problems=price.problems, plugin=price.plugin)
    return ChargeCost(lines=lines(ctx, row, price))


def _views(charge_ids: Sequence[UUID]) -> list[ChargeView]:
    """Return charges in the order of the ids, from one statement per table."""
    found = db.session.execute(query().where(one_of(ChargeRow.id, charge_ids)))
    rows = {row[0].id: row for row in found}
    products = _products({row[0].product_id for row in rows.values()} - {None})
    numbers = _numbers({row[5] for row in rows.values()} - {None})
    acts = _acts(rows)
    return [
        _view(rows[one], products, numbers, acts.get(one, ())) for one in charge_ids if one in rows
    ]


def _view(
    row: Row[Any], products: Mapping[UUID, Sold], numbers: Mapping[UUID, str], acts: Sequence[Act]
) -> ChargeView:
    charge: ChargeRow = row[0]
    start, end = charge.period_start, charge.period_end
    return ChargeView(
        entry=entry_of(row),
        customer_id=charge.customer_id,
        product=products[charge.product_id] if charge.product_id else None,
        sku=charge.sku,
        unit=charge.unit,
        base_quantity=charge.base_quantity,
        period=Period(start, end) if start and end else None,
        adjustments=tuple(read_adjustment(stored) for stored in charge.adjustments),
        supply=charge.supply,
        tax_category=charge.tax_category,
        revenue_account=charge.revenue_account,
        group_key=charge.group_key,
        purchase_order=charge.purchase_order,
        delivery_country=charge.delivery_country,
        created_at=charge.created_at,
        holder_id=row[4],
        number=numbers.get(row[5], ""),
        acts=tuple(acts),
    )


def _products(product_ids: Collection[UUID]) -> dict[UUID, Sold]:
    if not product_ids:
        return {}
    rows = db.session.execute(
        select(Product.id, Product.sku, Product.name).where(one_of(Product.id, product_ids))
    )
    return {row.id: Sold(*row) for row in rows}


def _numbers(document_ids: Collection[UUID]) -> dict[UUID, str]:
    if not document_ids:
        return {}
    rows = db.session.execute(
        select(DocumentSeal.document_id, DocumentSeal.printed_number).where(
            one_of(DocumentSeal.document_id, document_ids)
        )
    )
    return dict(rows.tuples().all())


def _acts(charge_ids: Collection[UUID]) -> dict[UUID, list[Act]]:
    rows = db.session.execute(
        select(Audit.object_id, Audit.action, Audit.happened_at, Audit.details)
        .where(
            Audit.object_kind == "charge",
            Audit.object_id.in_([str(one) for one in charge_ids]),
            Audit.action.in_(_ACTS),
        )
        .order_by(Audit.id)
    )
    found: dict[UUID, list[Act]] = {}
    for row in rows:
        act = Act(row.action, row.happened_at, str(row.details.get("reason", "")))
        found.setdefault(UUID(row.object_id), []).append(act)
    return found
