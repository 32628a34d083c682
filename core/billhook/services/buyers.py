"""Customers and the tenant as bills freeze them."""

import secrets
from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.bills import Buyer, Seller
from billhook.domain.custom_fields import FieldDefinition, FieldSubject
from billhook.domain.documents import PartySnapshot
from billhook.domain.parties import Address, Party
from billhook.ids import new_id
from billhook.models.customers import Customer
from billhook.sdk.context import Context
from billhook.services import merged, own_fields
from billhook.services.sets import one_of


def snapshot(party: Party) -> PartySnapshot:
    """Freeze a party under a salt of its own."""
    return PartySnapshot(id=new_id(), party=party, salt=secrets.token_bytes(16))


def seller(ctx: Context) -> Seller:
    """Return the tenant as its documents show it."""
    return Seller(
        snapshot=snapshot(ctx.tenant.party),
        registrations=ctx.tenant.registrations,
        options=ctx.tenant.totals,
    )


class _Stored(NamedTuple):
    """A customer as read: in the order of the columns."""

    id: UUID
    reference: str
    version: int
    name: str
    country: str
    street: str
    extra: str
    postal_code: str
    city: str
    subdivision: str
    tax_number: str
    legal_id: str
    legal_id_scheme: str
    electronic_address: str
    electronic_scheme: str
    contact_name: str
    phone: str
    email: str
    language: str
    consolidation: str
    payment_days: int | None
    purchase_order: str
    buyer_reference: str
    fields: dict[str, str]


def buyers(ctx: Context, customer_ids: Collection[UUID]) -> dict[UUID, Buyer]:
    """Return the customers by id, each frozen now; for a duplicate, who took its place."""
    places = merged.places(customer_ids)
    wanted = set(customer_ids) - places.keys() | {one.customer_id for one in places.values()}
    columns = [getattr(Customer, name) for name in _Stored._fields]
    rows = db.session.execute(select(*columns).where(one_of(Customer.id, wanted)))
    stored = [_Stored._make(row) for row in rows]
    own = own_fields.definitions(FieldSubject.CUSTOMER) if any(r.fields for r in stored) else []
    found = {row.id: _buyer(ctx, row, own) for row in stored}
    return found | {old: found[place.customer_id] for old, place in places.items()}


def buyer(ctx: Context, customer: Customer) -> Buyer:
    """Return a customer that was read already, frozen now."""
    own = own_fields.definitions(FieldSubject.CUSTOMER) if customer.fields else []
    return _buyer(ctx, customer, own)


def _buyer(ctx: Context, row: _Stored | Customer, own: Sequence[FieldDefinition]) -> Buyer:
    address = Address(
        country=row.country,
        street=row.street,
        extra=row.extra,
        postal_code=row.postal_code,
        city=row.city,
        subdivision=row.subdivision,
    )
    party = Party(
        name=row.name,
        address=address,
        reference=row.reference,
        tax_number=row.tax_number,
        legal_id=row.legal_id,
        legal_id_scheme=row.legal_id_scheme,
        electronic_address=row.electronic_address,
        electronic_scheme=row.electronic_scheme,
        contact_name=row.contact_name,
        phone=row.phone,
        email=row.email,
        language=row.language,
        fields=own_fields.frozen(row.fields, own),
    )
    days = ctx.tenant.payment_days if row.payment_days is None else row.payment_days
    return Buyer(
        id=row.id,
        reference=row.reference,
        version=row.version,
        snapshot=snapshot(party),
        consolidation=row.consolidation,
        payment_days=days,
        purchase_order=row.purchase_order,
        buyer_reference=row.buyer_reference,
    )


def versions(customer_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the customers' present versions: changed ones make a bill out of date."""
    rows = db.session.execute(
        select(Customer.id, Customer.version).where(one_of(Customer.id, customer_ids))
    )
    return dict(rows.tuples().all())
