"""What was just issued goes out, once: by its own channels, else because somebody wants it."""

from uuid import UUID

from billhook.sdk.context import Context
from billhook.services import delivering, preferences
from billhook.services.issuing import Issued


def goes_out_by_itself(ctx: Context, customer_id: UUID) -> bool:
    """Tell whether issuing alone sends a customer's document."""
    return bool(preferences.of_customer(ctx, customer_id).channels)


def send_issued(ctx: Context, issued: Issued) -> None:
    """Send a document that was just issued, unless its channels do; a repeat sends nothing more.

    Raises ValidationFailed where nobody can be sent to, and what making its files raises.
    """
    ctx.require("deliveries.send")
    if delivering.plan(ctx, issued.id) or delivering.of_document(ctx, issued.id):
        return
    delivering.send(ctx, issued.id, key=f"{issued.id}:issued")
