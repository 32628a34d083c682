"""The queue of charges, read for a bill run."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import join

from billhook.db import db
from billhook.domain.periods import Period
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.models.products import Product
from billhook.services.run_scopes import EVERYTHING, RunScope, in_scope
from billhook.services.sets import one_of


class Waiting(NamedTuple):
    """A charge of the queue with its product's defaults, as read: in the order of the columns."""

    id: UUID
    customer_id: UUID
    payer_id: UUID
    currency: str
    charged_on: date
    period_start: date | None
    period_end: date | None
    description: str
    sku: str
    unit: str
    product_id: UUID | None
    quantity: Decimal
    unit_price: Decimal | None
    base_quantity: Decimal
    amount: int | None
    adjustments: list[dict[str, str]]
    supply: str
    tax_category: str
    revenue_account: str
    group_key: str
    group_label: str
    purchase_order: str
    delivery_country: str
    product_sku: str | None
    product_unit: str | None
    product_supply: str | None
    product_category: str | None
    product_account: str | None

    @property
    def supplied_on(self) -> date:
        """The supply date: the charge's date, or the last day of its service period."""
        return self.period.last_day if self.period else self.charged_on

    @property
    def period(self) -> Period | None:
        """The service period."""
        if self.period_start is None or self.period_end is None:
            return None
        return Period(self.period_start, self.period_end)


def waiting(payers: tuple[UUID, UUID], until: date, scope: RunScope = EVERYTHING) -> list[Waiting]:
    """Read the charges that wait, in order of arrival, with their products' defaults.

    The queue says who pays: a charge never changes, but payers are merged.
    """
    queued = join(ChargeOpen, ChargeRow, _on(ChargeOpen, ChargeOpen.charge_id, ChargeRow.id))
    query = _query(ChargeOpen.payer_id, queued).where(
        ChargeOpen.payer_id.between(*payers),
        ChargeOpen.charged_on <= until,
        ~ChargeOpen.is_held,
        *in_scope(scope),
    )
    return list(map(Waiting._make, db.session.execute(query.order_by(ChargeRow.id))))


def as_if_waiting(charge_ids: Collection[UUID]) -> list[Waiting]:
    """Read charges as a bill run would, wherever they stand; unknown ones are left out."""
    query = _query(ChargeRow.payer_id, ChargeRow).where(one_of(ChargeRow.id, charge_ids))
    return list(map(Waiting._make, db.session.execute(query)))


def _query(payer_id: Any, read_from: Any) -> Select[Any]:
    columns = (
        ChargeRow.id, ChargeRow.customer_id, payer_id, ChargeRow.currency,
        ChargeRow.charged_on, ChargeRow.period_start, ChargeRow.period_end,
        ChargeRow.description, ChargeRow.sku, ChargeRow.unit, ChargeRow.product_id,
        ChargeRow.quantity, ChargeRow.unit_price, ChargeRow.base_quantity, ChargeRow.amount,
        ChargeRow.adjustments, ChargeRow.supply, ChargeRow.tax_category,
        ChargeRow.revenue_account, ChargeRow.group_key, ChargeRow.group_label,
        ChargeRow.purchase_order, ChargeRow.delivery_country,
        Product.sku, Product.unit, Product.supply, Product.tax_category, Product.revenue_account,
    )  # fmt: skip
    return (
        select(*columns)
        .select_from(read_from)
        .outerjoin(Product, _on(Product, Product.id, ChargeRow.product_id))
    )


def _on(row: Any, left: Any, right: Any) -> Any:
    return and_(row.tenant_id == ChargeRow.tenant_id, left == right)
