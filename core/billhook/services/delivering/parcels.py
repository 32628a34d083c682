"""Parcels: all that a delivery will say and carry, gathered before it is written.

Rendering and composing call plugins, so nothing of it happens in a transaction.
What a parcel says is fixed when it becomes a delivery; a retry says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select, update

from billhook.db import db, insert
from billhook.domain.brands import Sender
from billhook.domain.deliveries import (
    Addressee,
    ContactPerson,
    DeliveryState,
    Message,
    Recipient,
    RecipientKind,
    Tone,
)
from billhook.domain.publications import FileContent, Publication
from billhook.errors import PluginUnavailable
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Contact
from billhook.models.deliveries import Delivery, DeliveryRecipient
from billhook.models.files import File
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import artefacts, audit, files, messages, outbox, preferences, publishing
from billhook.services.artefacts import ArtefactEntry
from billhook.services.buyers import buyers
from billhook.services.delivering import outcomes, trail
from billhook.services.delivering.trail import StepKind
from billhook.services.portal import guest_links
from billhook.services.preferences import Preferences

ATTEMPT = "delivery.attempt"
"""The job that tries a delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a page shows, as it is kept."""

    name: str
    file_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What goes out about a document, by whatever channel."""

    publication: Publication
    message: Message
    artefacts: tuple[ArtefactEntry, ...]
    wanted: Preferences
    """How its customer wants documents."""
    pictures: tuple[Picture, ...]

    def enclosed(self, channel: str) -> list[UUID]:
        """Return the file for people, and the e-invoices that the customer wants by a channel."""
        wanted = self.wanted.formats_by(channel)
        return [
            one.id
            for one in self.artefacts
            if one.kind == artefacts.PRINT or one.provider in wanted
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Contents with a channel and addresses on them."""

    contents: Contents
    channel: str
    recipients: tuple[Recipient, ...]
    obstacle: str = ""
    """Why it cannot go anywhere, and what to do; empty where it can."""


def contents(ctx: Context, document_id: UUID, *, tone: Tone | None = None) -> Contents:
    """Make all that goes out about a document; a tone instead of the customer's own.

    Raises NotFound, Conflict once its parties are erased, and what making its files raises.
    """
    made = artefacts.make_all(ctx, document_id)
    publication = publishing.publication(ctx, document_id)
    wanted = preferences.of_customer(ctx, publication.document.customer_id)
    link = guest_links.place_for_token(ctx, publication.brand.id)
    message = messages.document_message(ctx, publication, tone or wanted.tone, link=link)
    return Contents(
        publication=publication,
        message=message,
        artefacts=tuple(made),
        wanted=wanted,
        pictures=tuple(_kept(ctx, picture) for picture in message.pictures),
    )


def _kept(ctx: Context, picture: FileContent) -> Picture:
    """Keep a picture once, however many mails show it."""
    known = db.session.scalar(
        select(File.id)
        .where(File.sha256 == sha256(picture.content).digest(), File.erased_at.is_(None))
        .order_by(File.id)
        .limit(1)
    )
    if known is None:
        known = files.keep(
            ctx, name=picture.name, content_type=picture.content_type, content=picture.content
        ).id
    return Picture(name=picture.name, file_id=known)


def parcel(
    ctx: Context, made: Contents, channel: str, *, chosen: Sequence[Recipient] = ()
) -> Parcel:
    """Address contents for a channel: to those whom a person chose, else as the channel finds.

    A channel that is not there, or finds no address, is an obstacle that the
    delivery will show. Raises PluginFailed.
    """
    customer_id = made.publication.document.customer_id
    try:
        found = recipients(ctx, channel, customer_id, chosen=chosen)
    except PluginUnavailable as error:
        return Parcel(contents=made, channel=channel, recipients=(), obstacle=error.message)
    obstacle = "" if found else nobody(ctx)
    return Parcel(contents=made, channel=channel, recipients=found, obstacle=obstacle)


def recipients(
    ctx: Context, channel: str, customer_id: UUID, *, chosen: Sequence[Recipient] = ()
) -> tuple[Recipient, ...]:
    """Return whom a channel writes to, nobody twice. Raises PluginUnavailable, PluginFailed."""
    found = relay(ctx).channel(channel, ctx).recipients(_addressee(ctx, customer_id), chosen)
    return tuple({one.address.casefold(): one for one in reversed(found)}.values())[::-1]


def nobody(ctx: Context) -> str:
    return _(
        "The customer has no address for this channel. Add one, such as an e-mail address, then "
        "retry: billhook deliveries retry"
    )


def _addressee(ctx: Context, customer_id: UUID) -> Addressee:
    """Return the customer as it is now: a corrected address counts."""
    rows = db.session.scalars(
        select(Contact)
        .where(Contact.customer_id == customer_id, Contact.is_active, Contact.receives != "")
        .order_by(Contact.id)
    )
    return Addressee(
        party=buyers(ctx, [customer_id])[customer_id].snapshot.party,
        contacts=tuple(
            ContactPerson(
                name=row.name,
                email=row.email,
                phone=row.phone,
                receives=RecipientKind(row.receives),
            )
            for row in rows
        ),
    )


def dispatch(ctx: Context, made: Parcel, *, key: str | None = None) -> UUID | None:
    """Write a parcel as a delivery with its job, inside a transaction; return its id.

    None where the key was used: there is such a delivery.
    """
    delivery_id = new_id()
    written = db.session.execute(
        insert(Delivery)
        .values(_row(ctx, delivery_id, made, key))
        .on_conflict_do_nothing(index_elements=["tenant_id", "key"])
        .returning(Delivery.id)
    ).one_or_none()
    if written is None:
        return None
    add_recipients(ctx, delivery_id, made.recipients)
    if guest_links.has_place(made.contents.message):
        guest_links.make(ctx, made.contents.publication.document.id, link_id=delivery_id)
    if made.obstacle:
        trail.note(ctx, delivery_id, StepKind.FAILED, detail=made.obstacle)
        outcomes.tell_failed(ctx, delivery_id, made.contents.publication.document.id)
    else:
        enqueue(ctx, delivery_id, version=1)
    audit.record(ctx, "delivery.made", "delivery", delivery_id, channel=made.channel)
    return delivery_id


def add_recipients(ctx: Context, delivery_id: UUID, found: Sequence[Recipient]) -> None:
    """Write whom a delivery goes to, all of them waiting."""
    db.session.add_all(
        DeliveryRecipient(
            tenant_id=ctx.tenant.id,
            delivery_id=delivery_id,
            position=position,
            kind=one.kind.value,
            address=one.address,
            name=one.name,
            state=DeliveryState.QUEUED.value,
        )
        for position, one in enumerate(found, 1)
    )
    db.session.flush()


def enqueue(ctx: Context, delivery_id: UUID, *, version: int) -> None:
    """Ask for the job that tries a delivery, inside a transaction."""
    job_id = outbox.enqueue(
        ctx,
        ATTEMPT,
        {"delivery_id": str(delivery_id)},
        key=f"{ATTEMPT}:{delivery_id}:{version}",
    )
    db.session.execute(update(Delivery).where(Delivery.id == delivery_id).values(job_id=job_id))


def _row(ctx: Context, delivery_id: UUID, made: Parcel, key: str | None) -> dict[str, object]:
    found = made.contents
    document = found.publication.document
    state = DeliveryState.FAILED if made.obstacle else DeliveryState.QUEUED
    return {
        "tenant_id": ctx.tenant.id,
        "id": delivery_id,
        "document_id": document.id,
        "channel": made.channel,
        "key": key,
        "state": state.value,
        "sender": _sender(found.publication.brand.sender),
        "language": document.language,
        "subject": found.message.subject,
        "text": found.message.text,
        "html": found.message.html,
        "artefacts": [str(one) for one in found.enclosed(made.channel)],
        "pictures": [{"name": one.name, "file_id": str(one.file_id)} for one in found.pictures],
        "last_error": made.obstacle,
        "created_at": ctx.now(),
    }


def _sender(sender: Sender) -> dict[str, str]:
    return {"name": sender.name, "email": sender.email, "reply_to": sender.reply_to}
