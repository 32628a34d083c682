"""A delivery's message as its reader sees it, for a page that shows it."""

from base64 import b64encode
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.deliveries import Delivery
from billhook.sdk.context import Context
from billhook.services import files


def shown(ctx: Context, delivery_id: UUID) -> str:
    """Return the message's page with its pictures inside, so that it loads nothing.

    Whoever shows it puts it into a sandbox. Raises NotFound, FileDamaged.
    """
    ctx.require("deliveries.view")
    row = db.session.scalar(select(Delivery).where(Delivery.id == delivery_id))
    if row is None:
        raise NotFound(_("delivery"), delivery_id)
    html = row.html
    for picture in sorted(row.pictures, key=lambda one: len(one["name"]), reverse=True):
        html = html.replace(f"cid:{picture['name']}", _data_url(ctx, UUID(picture["file_id"])))
    return html


def _data_url(ctx: Context, file_id: UUID) -> str:
    entry, content = files.stored(ctx, file_id)
    return f"data:{entry.content_type};base64,{b64encode(content).decode()}"
