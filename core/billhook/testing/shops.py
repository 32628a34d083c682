"""A tenant to bill in, for tests: opened, with customers, and charges that wait."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from billhook.config import Config
from billhook.domain.charges import Charge
from billhook.ids import new_id
from billhook.sdk.context import Context
from billhook.services import charging, contexts, customers
from billhook.services.customers import CustomerInput
from billhook.testing import applications
from billhook.testing.members import open_tenant

DAY = date(2026, 10, 5)
END = date(2026, 10, 31)


class acting:
    """Act in a tenant as its operator; the context is read when the block begins."""

    def __init__(self, slug: str) -> None:
        self.slug = slug

    def __enter__(self) -> Context:
        ctx = contexts.operator_context(self.slug)
        self._inside = ctx.acting()
        self._inside.__enter__()
        return ctx

    def __exit__(self, *raised: Any) -> None:
        self._inside.__exit__(*raised)


def opened(slug: str, **wanted: object) -> acting:
    """Open a tenant and act in it."""
    open_tenant(slug, **wanted)
    return acting(slug)


def open_shop(config: Config) -> None:
    """Open the tenant “shop”, with all that is installed, as the world that tests begin in."""
    with applications.running(config):
        open_tenant("shop")


def make_customer(ctx: Context, reference: str, **fields: str) -> UUID:
    """Make a British customer, but for what the fields say."""
    given: dict[str, Any] = {
        "name": f"Customer {reference}",
        "country": "GB",
        "currency": "GBP",
        **fields,
    }
    return customers.save(ctx, CustomerInput(reference=reference, **given)).id


def make_charge(
    ctx: Context, customer_id: UUID, price: str | None = "10", **fields: Any
) -> UUID | None:
    """Let a charge wait, of one unit at the price."""
    reference = fields.pop("reference", new_id().hex)
    (added,) = charging.add(
        ctx,
        [
            Charge(
                id=new_id(),
                source="test",
                reference=reference,
                customer_id=customer_id,
                payer_id=fields.pop("payer_id", customer_id),
                currency=fields.pop("currency", "GBP"),
                charged_on=fields.pop("charged_on", DAY),
                description=fields.pop("description", "Work"),
                unit_price=None if price is None else Decimal(price),
                **fields,
            )
        ],
    )
    return added.id
