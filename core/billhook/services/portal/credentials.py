"""What lets contacts in: passwords, sessions, links, factors; and how all of it goes at once."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from billhook.db import db, insert
from billhook.errors import ValidationFailed
from billhook.models.clients import (
    ClientCredential,
    ClientFactor,
    ClientLink,
    ClientRecoveryCode,
    ClientSession,
)
from billhook.models.customers import Contact
from billhook.sdk.context import Actor, ActorKind, Context
from billhook.services import audit, passwords
from billhook.services.sets import one_of


def of_contact(ctx: Context, contact_id: UUID) -> Context:
    """Return a context for notes of what a contact does who has not logged in."""
    actor = Actor(kind=ActorKind.CLIENT, id=contact_id, address=ctx.actor.address)
    return replace(ctx, actor=actor)


def hash_of_new(password: str, *, email: str) -> str:
    """Return what is stored of a password that will do; slow, outside transactions.

    Raises ValidationFailed.
    """
    if problems := passwords.problems(password, email=email):
        raise ValidationFailed(problems)
    return passwords.hash_of(password)


def store(ctx: Context, contact_id: UUID, password_hash: str, now: datetime) -> None:
    """Write a contact's password, a first one or another, inside a transaction."""
    new = {"password_hash": password_hash, "changed_at": now}
    db.session.execute(
        insert(ClientCredential)
        .values(tenant_id=ctx.tenant.id, contact_id=contact_id, **new)
        .on_conflict_do_update(index_elements=["tenant_id", "contact_id"], set_=new)
    )


def renew(ctx: Context, contact_id: UUID, old: str, new: str) -> None:
    """Store a hash made with today's settings in place of a weaker one."""
    with ctx.transaction() as session:
        session.execute(
            update(ClientCredential)
            .where(
                ClientCredential.contact_id == contact_id, ClientCredential.password_hash == old
            )
            .values(password_hash=new)
            .execution_options(synchronize_session=False)
        )


def hold(contact_id: UUID) -> str | None:
    """Lock a contact, inside a transaction, before anything that lets them in is made or taken.

    Returns the password's hash of one who has an account and may enter now, else None.
    Whoever lets them in, keeps them out, or changes how they prove who they are, waits.
    What only refers to the contact does not: whoever holds the customer may be writing it.
    """
    row = db.session.scalar(
        select(Contact)
        .where(Contact.id == contact_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None or not row.is_active or not row.portal_rights:
        return None
    return db.session.scalar(
        select(ClientCredential.password_hash).where(ClientCredential.contact_id == contact_id)
    )


def with_account(contact_ids: Collection[UUID]) -> set[UUID]:
    """Return which contacts have an account, in one query."""
    query = select(ClientCredential.contact_id).where(
        one_of(ClientCredential.contact_id, contact_ids)
    )
    return set(db.session.scalars(query))


def end_access(ctx: Context, contact_ids: Collection[UUID]) -> None:
    """Take all that lets contacts in, and their rights; noted for those who had any.

    Inside a transaction; the caller has checked that the actor may.
    """
    rows = db.session.scalars(select(Contact).where(one_of(Contact.id, contact_ids)))
    had = [row for row in rows if row.portal_rights]
    forget(contact_ids)
    for row in had:
        row.portal_rights = []
    db.session.flush()
    audit.record_all(ctx, "contact.access_ended", "contact", [row.id for row in had])


def forget(contact_ids: Collection[UUID]) -> None:
    """Delete contacts' sessions, links, factors, codes and passwords, inside a transaction."""
    for gone in (ClientSession, ClientLink, ClientRecoveryCode, ClientFactor, ClientCredential):
        db.session.execute(
            delete(gone)
            .where(one_of(gone.contact_id, contact_ids))  # type: ignore[attr-defined]
            .execution_options(synchronize_session=False)
        )


def forget_links(contact_ids: Collection[UUID]) -> None:
    """End all links that were mailed to contacts, such as to an address of before."""
    db.session.execute(
        delete(ClientLink)
        .where(one_of(ClientLink.contact_id, contact_ids), ClientLink.used_at.is_(None))
        .execution_options(synchronize_session=False)
    )


def follow(customer_id: UUID, to: UUID) -> None:
    """Let the sessions and links of a customer's people belong to another customer."""
    for row in (ClientSession, ClientLink):
        db.session.execute(
            update(row)
            .where(row.customer_id == customer_id)  # type: ignore[attr-defined]
            .values(customer_id=to)
            .execution_options(synchronize_session=False)
        )


def forget_customers(customer_ids: Collection[UUID]) -> None:
    """Delete all that lets anybody in as these customers, members who look among them."""
    theirs = select(Contact.id).where(one_of(Contact.customer_id, customer_ids))
    forget(db.session.scalars(theirs).all())
    for row in (ClientSession, ClientLink):
        db.session.execute(
            delete(row)
            .where(one_of(row.customer_id, customer_ids))  # type: ignore[attr-defined]
            .execution_options(synchronize_session=False)
        )
