"""Prices as plugins ask for them."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.pricing import PriceVersion
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.products import Price, Product
from billhook.sdk.context import Context
from billhook.sdk.ports import CustomerPrice
from billhook.services import customer_prices


class PluginPrices:
    """`sdk.ports.PricesPort`, for plugins."""

    def in_force(self, ctx: Context, *, sku: str, currency: str, on: date) -> PriceVersion:
        """Return the product's price version on a date. Raises NotFound."""
        row = db.session.scalar(
            select(Price)
            .join(
                Product,
                (Product.tenant_id == Price.tenant_id) & (Product.id == Price.product_id),
            )
            .where(
                Product.sku == sku,
                Price.customer_id.is_(None),
                Price.currency == currency,
                Price.valid_from <= on,
            )
            .order_by(Price.valid_from.desc())
            .limit(1)
        )
        if row is None or (row.valid_to is not None and on >= row.valid_to):
            raise NotFound(_("price"), f"{sku} {currency} {on.isoformat()}")
        return PriceVersion(
            id=row.id, model=row.model, currency=row.currency, parameters=row.parameters
        )

    def of_customer(
        self, ctx: Context, *, customer_id: UUID, on: date, models: Collection[str]
    ) -> Sequence[CustomerPrice]:
        """Return what a customer pays for what it buys. Raises NotFound."""
        return customer_prices.of_customer(ctx, customer_id=customer_id, on=on, models=models)
