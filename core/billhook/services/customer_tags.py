"""Words that customers are found by, and the people who look after them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select, update

from billhook.db import db
from billhook.domain.events import CustomerChanged
from billhook.i18n import gettext as _
from billhook.models.customers import Customer, CustomerTag
from billhook.models.people import Member, Person
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, outbox
from billhook.services.fields import Fields
from billhook.services.sets import insert_missing, one_of

LONGEST = 40
MOST = 20
"""Of one customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A member who can look after customers."""

    id: UUID
    name: str


def owners(ctx: Context) -> list[Owner]:
    """Return who works here, by name."""
    ctx.require("customers.view")
    rows = db.session.execute(
        select(Person.id, Person.name)
        .join(Member, Member.person_id == Person.id)
        .where(Member.is_active)
        .order_by(Person.name, Person.id)
    )
    return [Owner(id=person_id, name=name) for person_id, name in rows]


def all_tags(ctx: Context) -> list[str]:
    """Return every tag that some customer carries."""
    ctx.require("customers.view")
    return list(db.session.scalars(select(CustomerTag.tag).distinct().order_by(CustomerTag.tag)))


def of_customers(customer_ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return each customer's tags, in one query; those without any are left out."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = db.session.execute(
        select(CustomerTag.customer_id, CustomerTag.tag)
        .where(one_of(CustomerTag.customer_id, customer_ids))
        .order_by(CustomerTag.tag)
    )
    for customer_id, tag in rows:
        found[customer_id].append(tag)
    return {customer_id: tuple(tags) for customer_id, tags in found.items()}


def read(typed: Iterable[str]) -> tuple[tuple[str, ...], list[Problem]]:
    """Return tags as they are stored, each once, and what is wrong with them."""
    fields = Fields()
    tags = [fields.text("tags", tag, limit=LONGEST) for tag in typed]
    found = tuple(dict.fromkeys(tag for tag in tags if tag))
    if len(found) > MOST:
        message = _("A customer carries %(most)s tags at most. Take some away.", most=MOST)
        fields.refuse("tags", "customer.too_many_tags", message)
    return found, fields.problems


def put(ctx: Context, customer_id: UUID, tags: Sequence[str]) -> bool:
    """Let a customer carry these tags and no other, inside a transaction; tell whether that is new."""
    before = set(
        db.session.scalars(select(CustomerTag.tag).where(CustomerTag.customer_id == customer_id))
    )
    if before == set(tags):
        return False
    gone = before - set(tags)
    if gone:
        db.session.execute(
            delete(CustomerTag)
            .where(
                CustomerTag.tenant_id == ctx.tenant.id,
                CustomerTag.customer_id == customer_id,
                CustomerTag.tag.in_(gone),
            )
            .execution_options(synchronize_session=False)
        )
    _insert(ctx, [customer_id], [tag for tag in tags if tag not in before])
    return True


def add(ctx: Context, customer_ids: Sequence[UUID], tag: str) -> tuple[int, list[Problem]]:
    """Let customers carry a tag; return how many there are, or what is wrong with it."""
    return _bulk(ctx, customer_ids, tag, "customer.tagged")


def remove(ctx: Context, customer_ids: Sequence[UUID], tag: str) -> tuple[int, list[Problem]]:
    """Take a tag away from customers; return how many there are, or what is wrong with it."""
    return _bulk(ctx, customer_ids, tag, "customer.untagged")


def _bulk(
    ctx: Context, customer_ids: Sequence[UUID], tag: str, action: str
) -> tuple[int, list[Problem]]:
    ctx.require("customers.edit")
    tags, problems = read([tag])
    if not tags and not problems:
        problems.append(Problem(code="input.missing", path="tags", message=_("Write a tag.")))
    if problems:
        return 0, problems
    with ctx.transaction():
        found = db.session.scalars(
            select(Customer.id)
            .where(one_of(Customer.id, customer_ids), Customer.merged_into_id.is_(None))
            .order_by(Customer.id)
        ).all()
        if action == "customer.tagged":
            _insert(ctx, found, tags)
        else:
            db.session.execute(
                delete(CustomerTag)
                .where(
                    CustomerTag.tenant_id == ctx.tenant.id,
                    one_of(CustomerTag.customer_id, found),
                    CustomerTag.tag == tags[0],
                )
                .execution_options(synchronize_session=False)
            )
        _count_up(ctx, found)
        outbox.publish_all(ctx, [CustomerChanged(customer_id=one) for one in found])
        audit.record_all(ctx, action, "customer", found)
    return len(found), []


def _count_up(ctx: Context, customer_ids: Sequence[UUID]) -> None:
    """Tell whoever has a customer open that it was changed."""
    db.session.execute(
        update(Customer)
        .where(Customer.tenant_id == ctx.tenant.id, one_of(Customer.id, customer_ids))
        .values(version=Customer.version + 1)
        .execution_options(synchronize_session=False)
    )


def _insert(ctx: Context, customer_ids: Sequence[UUID], tags: Sequence[str]) -> None:
    insert_missing(
        CustomerTag,
        [
            {"tenant_id": ctx.tenant.id, "customer_id": customer_id, "tag": tag}
            for customer_id in customer_ids
            for tag in tags
        ],
    )
