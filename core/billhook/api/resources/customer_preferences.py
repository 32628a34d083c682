"""How customers want documents, by the API."""

from uuid import UUID

from billhook.api import own_fields
from billhook.api.schemas.customer_preferences import PreferenceChanges, PreferencesAnswer
from billhook.sdk.api import Routes
from billhook.sdk.context import Context
from billhook.services import customers
from billhook.services import preferences as service

routes = Routes(
    "customer preferences", "How a customer wants documents: brand, channels, formats."
)


@routes.get("/customers/<uuid:customer_id>/preferences", requires="customers.view")
def get_customer_preferences(ctx: Context, customer_id: UUID) -> PreferencesAnswer:
    """Get how a customer wants documents, and what holds for it."""
    customers.by_id(ctx, customer_id)
    return _answer(ctx, customer_id)


@routes.patch("/customers/<uuid:customer_id>/preferences", requires="customers.edit")
def change_customer_preferences(
    ctx: Context, customer_id: UUID, body: PreferenceChanges
) -> PreferencesAnswer:
    """Change how documents of a customer go out from now on; fields that are left out stay."""
    reference = customers.by_id(ctx, customer_id).reference
    with own_fields.as_sent({"by_channel": "formats_by_channel"}):
        service.save(ctx, reference, body.change())
    return _answer(ctx, customer_id)


def _answer(ctx: Context, customer_id: UUID) -> PreferencesAnswer:
    chosen = service.chosen(ctx, customer_id)
    return PreferencesAnswer.of(chosen, service.of_customer(ctx, customer_id))
