"""What clients choose: how documents reach their company, and each person their own language and mails."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain.events import CustomerChanged
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.customers import Contact, Customer
from billhook.models.deliveries import DeliveryPreference
from billhook.plugins.registries import CHANNELS
from billhook.plugins.runtime import relay
from billhook.services import audit, outbox, preferences
from billhook.services.fields import Fields
from billhook.services.portal import clients, log
from billhook.services.portal.clients import Client
from billhook.services.portal.log import PortalAct
from billhook.services.portal.notice_words import CHOICES
from billhook.services.preferences import NONE, PreferenceChange
from billhook.services.provider_names import provider_choices


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnChoices:
    """What a person chose for themselves."""

    name: str
    email: str
    phone: str
    language: str
    """Empty for the company's."""
    mails: frozenset[str]
    """Kinds of notices that come by mail, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How documents reach the company."""

    offered: tuple[tuple[str, str], ...]
    """Channels that there are: keys and names."""
    chosen: tuple[str, ...] | None
    """What the company chose; None for what is usual."""
    usual: tuple[str, ...]
    email: str
    """To which address, beside people who get documents."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the names of the channels by which documents come."""
        names = dict(self.offered)
        keys = self.usual if self.chosen is None else self.chosen
        return tuple(names.get(key, key) for key in keys)


def own(client: Client) -> OwnChoices | None:
    """Return what the person chose who is here; None for a member of the company who looks."""
    client.require(clients.SEE)
    if client.contact_id is None:
        return None
    row = _row(client.contact_id)
    return OwnChoices(
        name=row.name,
        email=row.email,
        phone=row.phone,
        language=row.language,
        mails=frozenset(row.mails),
    )


def choose(
    client: Client, *, name: str, phone: str, language: str, mails: Collection[str]
) -> None:
    """Change what is the person's own. Raises ValidationFailed."""
    client.require(clients.SEE)
    client.require(clients.WRITE)
    read = Fields()
    found_name = read.text("name", name, limit=limits.NAME, is_required=True)
    found_phone = read.text("phone", phone, limit=limits.CODE)
    found_language = read.language("language", language)
    kinds = {read.one_of("mails", one, CHOICES) for one in mails} - {""}
    if read.problems:
        raise ValidationFailed(read.problems)
    if client.contact_id is None:
        raise NotFound(_("contact"), "")
    with client.ctx.transaction():
        row = _row(client.contact_id)
        row.name, row.phone, row.language = found_name, found_phone, found_language
        row.mails = sorted(kinds)
        outbox.publish(client.ctx, CustomerChanged(customer_id=row.customer_id))
        audit.record(client.ctx, "contact.saved", "contact", row.id, customer=row.customer_id)
        log.note(client, PortalAct.PEOPLE_CHANGED)


def delivery(client: Client) -> Delivery:
    """Return how documents reach the company, and how they could."""
    client.require(clients.SEE)
    ctx = client.ctx
    keys = list(relay(ctx).keys(CHANNELS))
    row = db.session.execute(
        select(Customer.email, DeliveryPreference.channels)
        .outerjoin(
            DeliveryPreference,
            (DeliveryPreference.tenant_id == Customer.tenant_id)
            & (DeliveryPreference.customer_id == Customer.id),
        )
        .where(Customer.id == client.customer_id)
    ).one()
    return Delivery(
        offered=tuple(provider_choices(ctx, keys)),
        chosen=None if row.channels is None else tuple(row.channels),
        usual=tuple(ctx.tenant.channels),
        email=row.email,
    )


def choose_delivery(client: Client, channels: Collection[str] | None) -> None:
    """Let documents come by some channels, or as is usual with None; none for by hand alone.

    Raises ValidationFailed, Conflict.
    """
    client.require(clients.MANAGE)
    client.require(clients.WRITE)
    text = "" if channels is None else ",".join(channels) or NONE
    with client.ctx.transaction():
        preferences.write(client.ctx, client.customer_id, PreferenceChange(channels=text))
        log.note(client, PortalAct.PROFILE_CHANGED)


def _row(contact_id: UUID) -> Contact:
    return db.session.scalars(
        select(Contact).where(Contact.id == contact_id).execution_options(populate_existing=True)
    ).one()
