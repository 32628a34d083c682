"""A customer as a person enters and changes it: checked as a whole, and never over somebody else's change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from billhook.db import db
from billhook.domain import addresses, events
from billhook.domain.custom_fields import FieldSubject
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.customers import Customer
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import (
    audit,
    customer_batches,
    customer_tags,
    customers,
    outbox,
    own_fields,
)
from billhook.services.customer_batches import CustomerInput
from billhook.services.customers import CustomerEntry


class CustomerChanged(Conflict):
    """Somebody else changed the customer since it was read."""

    code = "customer.changed_meanwhile"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileInput:
    """All that a form says of a customer."""

    customer: CustomerInput
    tags: Sequence[str] | None = ()
    """All of them; None leaves those that it carries."""


def create(ctx: Context, profile: ProfileInput) -> CustomerEntry:
    """Add a customer. Raises ValidationFailed, also where the reference is taken."""
    ctx.require("customers.edit")
    given = profile.customer
    with ctx.transaction():
        problems = [*_problems(given), *_missing_fields(given)]
        if db.session.scalar(select(Customer.id).where(Customer.reference == given.reference)):
            problems.append(_taken(given.reference))
        made = _stored(ctx, profile, problems)
        audit.record(ctx, "customer.created", "customer", made.id)
    return made


def change(
    ctx: Context, customer_id: UUID, profile: ProfileInput, *, version: int
) -> CustomerEntry:
    """Change a customer that somebody looked at in a version.

    The reference stays. Raises NotFound, CustomerChanged, ValidationFailed.
    """
    ctx.require("customers.edit")
    with ctx.transaction():
        row = lock(customer_id)
        refuse_changed(row, version)
        changed = write(ctx, row, profile)
        audit.record(ctx, "customer.changed", "customer", customer_id)
    return changed


def lock(customer_id: UUID) -> Customer:
    """Return a customer's row as it is now, for the rest of a transaction. Raises NotFound."""
    row = db.session.scalar(
        select(Customer)
        .where(Customer.id == customer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(_("customer"), customer_id)
    return row


def write(ctx: Context, row: Customer, profile: ProfileInput) -> CustomerEntry:
    """Change a locked customer, for a caller who has checked that the actor may, and notes it.

    Raises ValidationFailed.
    """
    given = replace(profile.customer, reference=row.reference)
    return _stored(ctx, replace(profile, customer=given), _problems_beside(given, row))


def preview(ctx: Context, row: Customer, given: CustomerInput) -> dict[str, Any]:
    """Return a customer's columns as a change would leave them. Writes nothing.

    Raises ValidationFailed.
    """
    named = replace(given, reference=row.reference)
    after, problems = customer_batches.preview(ctx, named)
    if found := [*_problems_beside(named, row), *problems]:
        raise ValidationFailed(found)
    return after


def assign(ctx: Context, customer_ids: Sequence[UUID], owner_id: UUID | None) -> int:
    """Let somebody look after customers, or nobody; return how many there are.

    Raises ValidationFailed for a person without a seat.
    """
    ctx.require("customers.edit")
    with ctx.transaction():
        if owner_id and owner_id not in {one.id for one in customer_tags.owners(ctx)}:
            message = _("Choose somebody who works here, or nobody.")
            raise ValidationFailed(
                [Problem(code="customer.owner_unknown", path="owner", message=message)]
            )
        found = db.session.scalars(
            select(Customer.id)
            .where(Customer.id.in_(customer_ids), Customer.merged_into_id.is_(None))
            .order_by(Customer.id)
            .with_for_update()
        ).all()
        db.session.execute(
            update(Customer)
            .where(Customer.tenant_id == ctx.tenant.id, Customer.id.in_(found))
            .values(owner_id=owner_id, version=Customer.version + 1)
            .execution_options(synchronize_session=False)
        )
        outbox.publish_all(ctx, [events.CustomerChanged(customer_id=one) for one in found])
        audit.record_all(ctx, "customer.assigned", "customer", found, owner=owner_id or "")
    return len(found)


def refuse_changed(row: Customer, version: int) -> None:
    """Raises CustomerChanged where the row is no longer of the version, Conflict where it was merged."""
    if row.merged_into_id:
        raise Conflict(_("This customer was merged into another one. Change that one instead."))
    if row.version != version:
        raise CustomerChanged(
            _(
                "Somebody else changed this customer since you opened it. What you typed is still "
                "here; compare it with what is stored now, then save again."
            )
        )


def _stored(ctx: Context, profile: ProfileInput, problems: Sequence[Problem]) -> CustomerEntry:
    tags, wrong = customer_tags.read(profile.tags or ())
    [answer] = customers.write(ctx, [profile.customer])
    found = [*problems, *wrong, *answer.problems]
    if found or answer.id is None:
        raise ValidationFailed(found)
    is_tagged_anew = profile.tags is not None and customer_tags.put(ctx, answer.id, tags)
    if is_tagged_anew and answer.state == "unchanged":
        db.session.execute(
            update(Customer)
            .where(Customer.tenant_id == ctx.tenant.id, Customer.id == answer.id)
            .values(version=Customer.version + 1)
            .execution_options(synchronize_session=False)
        )
        outbox.publish(ctx, events.CustomerChanged(customer_id=answer.id))
    return customers.read(answer.id)


def _problems(given: CustomerInput) -> list[Problem]:
    country = (given.country or "").strip().upper()
    return addresses.problems(country, (given.subdivision or "").strip())


def _problems_beside(given: CustomerInput, row: Customer) -> list[Problem]:
    """Check a change of the address with what of it stays."""
    if given.country is None and given.subdivision is None:
        return []
    return _problems(
        replace(
            given,
            country=row.country if given.country is None else given.country,
            subdivision=row.subdivision if given.subdivision is None else given.subdivision,
        )
    )


def _missing_fields(given: CustomerInput) -> list[Problem]:
    """Hold a person to the fields that the tenant requires, which an import may leave out."""
    if given.fields is not None:
        return []  # read with the rest
    known = own_fields.definitions(FieldSubject.CUSTOMER)
    return own_fields.read({}, known)[1]


def _taken(reference: str) -> Problem:
    return Problem(
        code="customer.reference_taken",
        path="reference",
        message=_(
            "“%(reference)s” is another customer already. Choose another reference.",
            reference=reference[:80],
        ),
    )
