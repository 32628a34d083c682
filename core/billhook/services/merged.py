"""Duplicates of customers, and who stands in their place.

A duplicate points at the customer that was kept, which itself is never merged:
one step leads there. Its charges and documents keep naming it.
"""

from collections.abc import Collection
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import aliased

from billhook.db import db
from billhook.models.customers import Customer
from billhook.services.sets import one_of


class Place(NamedTuple):
    """Who is billed in a duplicate's place, and who pays."""

    customer_id: UUID
    payer_id: UUID


def places(customer_ids: Collection[UUID]) -> dict[UUID, Place]:
    """Return the place of each duplicate among the customers; the others are left out."""
    if not customer_ids or not _is_any():
        return {}
    kept = aliased(Customer)
    rows = db.session.execute(
        select(Customer.id, kept.id, kept.payer_id)
        .join(kept, and_(kept.tenant_id == Customer.tenant_id, kept.id == Customer.merged_into_id))
        .where(Customer.merged_into_id.is_not(None), one_of(Customer.id, customer_ids))
    )
    return {
        customer_id: Place(customer_id=kept_id, payer_id=payer_id or kept_id)
        for customer_id, kept_id, payer_id in rows
    }


def _is_any() -> bool:
    """Tell whether the tenant has duplicates at all; most have none, and bill many at once."""
    return db.session.scalar(_any()) is not None


@cache
def _any() -> Select[tuple[UUID]]:
    """Build the statement once: it is sent often."""
    return select(Customer.id).where(Customer.merged_into_id.is_not(None)).limit(1)


def kept(customer_id: UUID) -> UUID:
    """Return who stands in a customer's place now: itself, unless it was merged."""
    place = places([customer_id]).get(customer_id)
    return place.customer_id if place else customer_id


def payer(customer_id: UUID) -> UUID:
    """Return who pays now where a payer may have been a duplicate."""
    place = places([customer_id]).get(customer_id)
    return place.payer_id if place else customer_id


def family(customer_id: UUID) -> list[UUID]:
    """Return a customer with its duplicates: documents of all of them are its documents."""
    rows = db.session.scalars(_duplicates(), {"customer_id": customer_id})
    return sorted([customer_id, *rows])


@cache
def _duplicates() -> Select[tuple[UUID]]:
    """Build the statement once: every page of a client sends it."""
    return select(Customer.id).where(Customer.merged_into_id == bindparam("customer_id"))


def families(customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return each member of the customers' families with the customer whose it is."""
    rows = db.session.execute(
        select(Customer.id, Customer.merged_into_id).where(
            one_of(Customer.merged_into_id, customer_ids)
        )
    )
    members = {row.id: row.merged_into_id for row in rows if row.merged_into_id}
    return members | {one: one for one in customer_ids}


def family_of(reference: str) -> list[UUID]:
    """Return the family of who is known by a reference, a duplicate's included; empty for nobody."""
    row = db.session.execute(
        select(Customer.id, Customer.merged_into_id).where(Customer.reference == reference)
    ).one_or_none()
    return family(row.merged_into_id or row.id) if row else []
