"""How each customer wants documents: brand, channels, e-invoice formats, tone.

What a customer does not say is as the tenant has it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError

from billhook.db import db
from billhook.domain.deliveries import Tone
from billhook.domain.events import CustomerChanged
from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.brands import BrandRow
from billhook.models.deliveries import DeliveryPreference
from billhook.plugins.registries import CHANNELS, DOCUMENT_FORMATS
from billhook.plugins.runtime import relay
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, brands, customers, merged, outbox
from billhook.services.fields import Fields
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What holds for a customer."""

    channels: tuple[str, ...]
    """Keys of the channels by which documents go out by themselves."""
    formats: tuple[str, ...]
    """Keys of the e-invoice formats that its documents must pass: those of all channels."""
    tone: Tone
    brand: str = ""
    """Code; empty for the default."""
    by_channel: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What goes along by a channel, where that is not what usually does."""
    usual: tuple[str, ...] | None = None
    """What goes along by the other channels; None for all `formats`."""

    def formats_by(self, channel: str) -> tuple[str, ...]:
        """Return the keys of the e-invoice formats that go along by a channel."""
        usual = self.formats if self.usual is None else self.usual
        return self.by_channel.get(channel, usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceChange:
    """New values; None leaves one as it is, "" lets the tenant's hold, "none" means none."""

    brand: str | None = None
    channels: str | None = None
    formats: str | None = None
    tone: str | None = None
    by_channel: Mapping[str, str] | None = None
    """The formats of single channels; a channel that is empty or not named has the usual ones."""


NONE = "none"


def of_customer(ctx: Context, customer_id: UUID) -> Preferences:
    """Return what holds for a customer."""
    return of_customers(ctx, [customer_id])[customer_id]


def of_customers(ctx: Context, customer_ids: Collection[UUID]) -> dict[UUID, Preferences]:
    """Return what holds for each customer; for a duplicate, what its customer wants."""
    places = merged.places(customer_ids)
    wanted = set(customer_ids) - places.keys() | {one.customer_id for one in places.values()}
    rows = db.session.execute(
        select(DeliveryPreference, BrandRow.code)
        .outerjoin(
            BrandRow,
            and_(
                BrandRow.tenant_id == DeliveryPreference.tenant_id,
                BrandRow.id == DeliveryPreference.brand_id,
            ),
        )
        .where(one_of(DeliveryPreference.customer_id, wanted))
    )
    found = {row.customer_id: _preferences(ctx, row, code) for row, code in rows}
    usual = Preferences(channels=ctx.tenant.channels, formats=ctx.tenant.formats, tone=Tone.FORMAL)
    return {
        customer_id: found.get(
            places[customer_id].customer_id if customer_id in places else customer_id, usual
        )
        for customer_id in customer_ids
    }


def _preferences(ctx: Context, row: DeliveryPreference, brand: str | None) -> Preferences:
    usual = ctx.tenant.formats if row.formats is None else tuple(row.formats)
    by_channel = {key: tuple(keys) for key, keys in (row.formats_by_channel or {}).items()}
    return Preferences(
        channels=ctx.tenant.channels if row.channels is None else tuple(row.channels),
        formats=tuple(dict.fromkeys((*usual, *chain.from_iterable(by_channel.values())))),
        tone=Tone(row.tone or Tone.FORMAL),
        brand=brand or "",
        by_channel=by_channel,
        usual=usual,
    )


def chosen(ctx: Context, customer_id: UUID) -> PreferenceChange:
    """Return what a customer says itself, as `save` takes it: empty is as the tenant has it."""
    ctx.require("customers.view")
    row = db.session.execute(
        select(DeliveryPreference, BrandRow.code)
        .outerjoin(
            BrandRow,
            and_(
                BrandRow.tenant_id == DeliveryPreference.tenant_id,
                BrandRow.id == DeliveryPreference.brand_id,
            ),
        )
        .where(DeliveryPreference.customer_id == customer_id)
    ).one_or_none()
    if row is None:
        return PreferenceChange(brand="", channels="", formats="", tone="", by_channel={})
    stored: DeliveryPreference = row[0]
    return PreferenceChange(
        brand=row.code or "",
        channels=_text(stored.channels),
        formats=_text(stored.formats),
        tone=stored.tone or "",
        by_channel={key: _text(keys) for key, keys in (stored.formats_by_channel or {}).items()},
    )


def _text(keys: Sequence[str] | None) -> str:
    """Write keys as `provider_keys` reads them."""
    return "" if keys is None else ",".join(keys) or NONE


def save(ctx: Context, reference: str, change: PreferenceChange) -> Preferences:
    """Change how a customer wants documents. Raises NotFound, Conflict, ValidationFailed."""
    ctx.require("customers.edit")
    return write(ctx, customers.get(ctx, reference).id, change)


def write(ctx: Context, customer_id: UUID, change: PreferenceChange) -> Preferences:
    """Do what `save` does, for a caller who has checked that the actor may.

    Raises Conflict, ValidationFailed.
    """
    values, problems = Reader(ctx).read(change)
    if problems:
        raise ValidationFailed(problems)
    try:
        with ctx.transaction():
            if store(ctx, {customer_id: values}):
                outbox.publish(ctx, CustomerChanged(customer_id=customer_id))
                audit.record(ctx, "customer.preferences_changed", "customer", customer_id)
            return of_customer(ctx, customer_id)
    except IntegrityError as error:
        raise Conflict(
            _("Somebody else saved this customer's preferences just now. Look, then save again.")
        ) from error


class Reader:
    """Reads changes of many customers; what can be chosen is looked up once."""

    def __init__(self, ctx: Context) -> None:
        brands.default_row(ctx)  # a tenant may be older than brands
        self._channels = relay(ctx).keys(CHANNELS)
        self._formats = relay(ctx).keys(DOCUMENT_FORMATS)
        self._brands = dict(db.session.execute(select(BrandRow.code, BrandRow.id)).tuples().all())

    def read(self, change: PreferenceChange) -> tuple[dict[str, Any], tuple[Problem, ...]]:
        """Return the columns that a change sets, and what is wrong with it."""
        read = Fields()
        values: dict[str, Any] = {}
        if change.brand is not None:
            values["brand_id"] = self._brands.get(read.one_of("brand", change.brand, self._brands))
        if change.channels is not None:
            values["channels"] = provider_keys(read, "channels", change.channels, self._channels)
        if change.formats is not None:
            values["formats"] = provider_keys(read, "formats", change.formats, self._formats)
        if change.by_channel is not None:
            values["formats_by_channel"] = self._by_channel(read, change.by_channel)
        if change.tone is not None:
            values["tone"] = read.choice("tone", change.tone, Tone)
        return values, tuple(read.problems)

    def _by_channel(self, read: Fields, texts: Mapping[str, str]) -> dict[str, list[str]] | None:
        found = {}
        for channel, text in texts.items():
            known = read.one_of("by_channel", channel, self._channels)
            keys = provider_keys(read, "by_channel", text, self._formats)
            if known and keys is not None:
                found[known] = keys
        return found or None


def provider_keys(read: Fields, path: str, text: str, known: Collection[str]) -> list[str] | None:
    """Read keys with commas or spaces between; None where it is empty, no key for "none"."""
    if not text.strip():
        return None
    if text.strip() == NONE:
        return []
    keys = [read.one_of(path, key, known) for key in text.replace(",", " ").split()]
    return list(dict.fromkeys(key for key in keys if key))


def store(ctx: Context, changes: Mapping[UUID, Mapping[str, Any]]) -> set[UUID]:
    """Store read changes by customer, inside a transaction; return whose differ from before."""
    rows = {
        row.customer_id: row
        for row in db.session.scalars(
            select(DeliveryPreference).where(one_of(DeliveryPreference.customer_id, changes))
        )
    }
    changed = set()
    for customer_id, values in changes.items():
        row = rows.get(customer_id)
        if row is None and not any(value is not None for value in values.values()):
            continue
        if row is None:
            row = DeliveryPreference(tenant_id=ctx.tenant.id, customer_id=customer_id)
            db.session.add(row)
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                changed.add(customer_id)
    db.session.flush()
    return changed
