"""Deliveries as people look for them: by state, channel, day, customer, number or address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select

from billhook.db import db
from billhook.domain.deliveries import DeliveryState
from billhook.limits import NAME
from billhook.models.customers import Customer
from billhook.models.deliveries import Delivery, DeliveryRecipient
from billhook.models.documents import DocumentSeal
from billhook.sdk.context import Context
from billhook.services.delivering.reading import (
    DeliveryEntry,
    delivery_rows,
    entries_of,
    has_recipient,
)
from billhook.services.paging import Order, Slice, cut


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries are wanted; what is empty narrows nothing. Dates are inclusive."""

    text: str = ""
    """A part of the document's number, the customer's name or reference, or an address."""
    state: DeliveryState | None = None
    """Of the delivery, or of one of its recipients."""
    channel: str = ""
    customer: str = ""
    """Reference."""
    document_id: UUID | None = None
    since: date | None = None
    until: date | None = None


def search(
    ctx: Context, wanted: DeliveryFilter, *, after: str = "", limit: int = 50
) -> Slice[DeliveryEntry]:
    """Return a page of deliveries, newest first. Raises ValidationFailed for a wrong cursor."""
    ctx.require("deliveries.view")
    found = cut(
        _narrowed(ctx, delivery_rows(), wanted),
        (Order(Delivery.id, UUID),),
        after=after,
        limit=limit,
        make=lambda row: row,
        is_descending=True,
    )
    return Slice(rows=tuple(entries_of(found.rows)), next=found.next)


def channels(ctx: Context) -> Sequence[str]:
    """Return the channels by which anything went out."""
    ctx.require("deliveries.view")
    return db.session.scalars(select(Delivery.channel).distinct().order_by(Delivery.channel)).all()


def _narrowed(ctx: Context, query: Select[Any], wanted: DeliveryFilter) -> Select[Any]:
    if wanted.state is not None:
        query = query.where(or_(Delivery.state == wanted.state.value, has_recipient(wanted.state)))
    if wanted.channel:
        query = query.where(Delivery.channel == wanted.channel)
    if wanted.customer:
        query = query.where(Customer.reference == wanted.customer)
    if wanted.document_id:
        query = query.where(Delivery.document_id == wanted.document_id)
    if wanted.since:
        query = query.where(Delivery.created_at >= _midnight(ctx, wanted.since))
    if wanted.until:
        query = query.where(Delivery.created_at < _midnight(ctx, wanted.until, days=1))
    if wanted.text:
        query = query.where(_has(wanted.text[:NAME]))
    return query


_FIRST, _LAST = date(2, 1, 1), date(9998, 12, 30)
"""Beyond them an instant has no name in every time zone."""


def _midnight(ctx: Context, day: date, *, days: int = 0) -> datetime:
    """Return the start of a day, or of one that many days after."""
    known = min(max(day, _FIRST), _LAST) + timedelta(days=days)
    return datetime.combine(known, time.min, ZoneInfo(ctx.tenant.time_zone))


def _has(text: str) -> Any:
    addressed = (
        select(DeliveryRecipient.position)
        .where(
            DeliveryRecipient.tenant_id == Delivery.tenant_id,
            DeliveryRecipient.delivery_id == Delivery.id,
            DeliveryRecipient.address.icontains(text, autoescape=True),
        )
        .exists()
    )
    return or_(
        DocumentSeal.printed_number.icontains(text, autoescape=True),
        Customer.name.icontains(text, autoescape=True),
        Customer.reference.icontains(text, autoescape=True),
        addressed,
    )
