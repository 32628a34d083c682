"""Customers by the API."""

from uuid import UUID

from billhook.api.schemas.customers import (
    CustomerAnswer,
    CustomerChanges,
    NewCustomer,
)
from billhook.sdk.api import Made, Match, Routes
from billhook.sdk.context import Context
from billhook.services import customer_profiles, customers
from billhook.services.customer_batches import CustomerInput
from billhook.services.customer_profiles import ProfileInput

routes = Routes("customers", "Whom you bill.")


@routes.post("/customers", requires="customers.edit")
def create_customer(ctx: Context, body: NewCustomer) -> Made[CustomerAnswer]:
    """Add a customer."""
    given = CustomerInput(**body.model_dump())
    made = customer_profiles.create(ctx, ProfileInput(customer=given))
    return Made(CustomerAnswer.of(made), at=f"/customers/{made.id}")


@routes.get("/customers/<uuid:customer_id>", requires="customers.view")
def get_customer(ctx: Context, customer_id: UUID) -> CustomerAnswer:
    """Get a customer."""
    return CustomerAnswer.of(customers.by_id(ctx, customer_id))


@routes.patch("/customers/<uuid:customer_id>", requires="customers.edit")
def change_customer(
    ctx: Context, customer_id: UUID, body: CustomerChanges, match: Match
) -> CustomerAnswer:
    """Change a customer; fields that are left out stay."""
    stored = customers.by_id(ctx, customer_id)
    given = CustomerInput(reference=stored.reference, **body.model_dump())
    changed = customer_profiles.change(
        ctx, customer_id, ProfileInput(customer=given), version=match.require(stored.version)
    )
    return CustomerAnswer.of(changed)
