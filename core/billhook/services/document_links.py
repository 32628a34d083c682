"""Links that show a document to whoever has them, for the company: made, seen, ended.

Each mail about a document has its own; one can be made by hand to be passed on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select, update

from billhook import limits
from billhook.db import db
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.models.clients import GuestLink
from billhook.models.deliveries import Delivery
from billhook.models.documents import DocumentRow
from billhook.sdk.context import Context
from billhook.services import audit, idempotency
from billhook.services.delivering.withdrawing import is_void
from billhook.services.portal import guest_links, settings


class LinkState(StrEnum):
    """Whether a link shows its document."""

    HOLDS = "holds"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEntry:
    """A link without what opens it."""

    id: UUID
    document_id: UUID
    made_at: datetime
    expires_at: datetime
    state: LinkState
    opened_at: datetime | None
    """When it was first opened; programs that look through mails for harm open links, too."""
    revoked_at: datetime | None
    delivery_id: UUID | None
    """Of the mail that it went out in; None where it was made by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLink:
    """A link with the address to pass on."""

    entry: LinkEntry
    address: str


def listing(ctx: Context, document_id: UUID) -> list[LinkEntry]:
    """Return the links to a document, the newest first, as many as a page has. Raises NotFound."""
    ctx.require("portal.view")
    _refuse_missing(document_id)
    rows = db.session.execute(
        _entries()
        .where(GuestLink.document_id == document_id)
        .order_by(GuestLink.id.desc())
        .limit(limits.PAGE_ROWS)
    )
    return [_entry(ctx, *row) for row in rows.tuples()]


def make(ctx: Context, document_id: UUID, *, key: str | None = None) -> MadeLink:
    """Make a link to pass on; a repeat with the same key answers the same one.

    Raises NotFound, Conflict for a void document and while the portal is closed.
    """
    ctx.require("deliveries.send")
    ctx.require("documents.view")
    outcome = idempotency.once(
        ctx,
        route="document_links.make",
        key=key,
        request=[str(document_id)],
        effect=lambda: _made(ctx, document_id),
    )
    return get(ctx, document_id, UUID(outcome.answer["id"]))


def _made(ctx: Context, document_id: UUID) -> Mapping[str, Any]:
    _refuse_missing(document_id)
    if is_void(document_id):
        raise Conflict(_("This document is void: clients do not see it."))
    if not settings.current().is_open:
        raise Conflict(_("The portal is closed. Open it under Company → Portal, then make links."))
    link_id = guest_links.make(ctx, document_id)
    audit.record(ctx, "document.link_made", "document", document_id, link=str(link_id))
    return {"id": str(link_id)}


def get(ctx: Context, document_id: UUID, link_id: UUID) -> MadeLink:
    """Return a link with its address, to pass it on. Raises NotFound."""
    ctx.require("deliveries.send")
    ctx.require("documents.view")
    entry = _one(ctx, document_id, link_id)
    token = guest_links.token_of(ctx, link_id, document_id)
    return MadeLink(entry=entry, address=guest_links.address(ctx, token))


def revoke(ctx: Context, document_id: UUID, link_id: UUID) -> LinkEntry:
    """End a link at once, for good; one that has ended stays as it is. Raises NotFound."""
    ctx.require("deliveries.send")
    with ctx.transaction():
        entry = _one(ctx, document_id, link_id)
        if _end(ctx, document_id, GuestLink.id == link_id):
            audit.record(ctx, "document.link_revoked", "document", document_id, link=str(link_id))
    return entry if entry.revoked_at else _one(ctx, document_id, link_id)


def revoke_all(ctx: Context, document_id: UUID) -> int:
    """End all links to a document; return how many held or had expired. Raises NotFound."""
    ctx.require("deliveries.send")
    with ctx.transaction():
        _refuse_missing(document_id)
        count = _end(ctx, document_id)
        if count:
            audit.record(ctx, "document.links_revoked", "document", document_id, count=str(count))
    return count


def _end(ctx: Context, document_id: UUID, *which: Any) -> int:
    ended = db.session.scalars(
        update(GuestLink)
        .where(
            GuestLink.tenant_id == ctx.tenant.id,
            GuestLink.document_id == document_id,
            GuestLink.revoked_at.is_(None),
            *which,
        )
        .values(revoked_at=ctx.now())
        .returning(GuestLink.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def _refuse_missing(document_id: UUID) -> None:
    found = select(DocumentRow.id).where(DocumentRow.id == document_id)
    if db.session.scalar(found) is None:
        raise NotFound(_("document"), document_id)


def _entries() -> Select[tuple[GuestLink, UUID]]:
    return (
        select(GuestLink, Delivery.id)
        .outerjoin(
            Delivery, and_(Delivery.tenant_id == GuestLink.tenant_id, Delivery.id == GuestLink.id)
        )
        .execution_options(populate_existing=True)
    )


def _one(ctx: Context, document_id: UUID, link_id: UUID) -> LinkEntry:
    wanted = _entries().where(GuestLink.document_id == document_id, GuestLink.id == link_id)
    row = db.session.execute(wanted).tuples().one_or_none()
    if row is None:
        raise NotFound(_("link"), link_id)
    return _entry(ctx, *row)


def _entry(ctx: Context, row: GuestLink, delivery_id: UUID | None) -> LinkEntry:
    return LinkEntry(
        id=row.id,
        document_id=row.document_id,
        made_at=row.made_at,
        expires_at=row.expires_at,
        state=_state(ctx, row),
        opened_at=row.opened_at,
        revoked_at=row.revoked_at,
        delivery_id=delivery_id,
    )


def _state(ctx: Context, row: GuestLink) -> LinkState:
    if row.revoked_at is not None:
        return LinkState.REVOKED
    return LinkState.HOLDS if row.expires_at > ctx.now() else LinkState.EXPIRED
