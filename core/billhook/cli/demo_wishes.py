"""What a client of the demo wants changed about itself, so that finance has something to decide on."""

from sqlalchemy import select

from billhook.db import db
from billhook.models.customers import Contact
from billhook.sdk.context import Context
from billhook.services import portal_settings
from billhook.services.portal import clients, profile
from billhook.services.portal_settings import PortalChange

MARKED = ("name", "address", "tax_number")
WISHES = {
    "nimbus": (
        "ivy@bathbooks.example",
        {"name": "Bath Books & Maps Ltd", "street": "14 Milsom Street", "postal_code": "BA1 1DE"},
    ),
}
"""By tenant: who asks, and for which values."""


def wish(ctx: Context) -> None:
    """Mark what needs a yes, and let a client ask for a change of it."""
    if ctx.tenant.slug not in WISHES:
        return
    portal_settings.change(ctx, PortalChange(approvals=MARKED))
    email, values = WISHES[ctx.tenant.slug]
    contact_id = db.session.scalars(select(Contact.id).where(Contact.email == email)).one()
    client = clients.of_contact(ctx, contact_id)
    assert client is not None
    with client.ctx.acting():
        known = profile.show(client)
        profile.save(client, {**known.wanted, **values}, version=known.version, mark=known.mark)
