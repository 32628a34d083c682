"""Customers who may be one: the same tax number, e-mail address, or name and postal code."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from billhook.db import db
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.customers import Customer
from billhook.sdk.context import Context

MOST = 50
"""How many groups a page shows: merge those, and the next ones follow."""


class Likeness(StrEnum):
    """What two rows share."""

    TAX_NUMBER = "tax_number"
    EMAIL = "email"
    NAME = "name"  # and postal code


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """A customer that may be the same as another."""

    id: UUID
    reference: str
    name: str
    city: str
    email: str
    tax_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Customers that share something, the oldest first: usually the one to keep."""

    likeness: Likeness
    value: str
    customers: tuple[Alike, ...]


_LIVING = (Customer.merged_into_id.is_(None), Customer.erased_at.is_(None))


def groups(ctx: Context, *, most: int = MOST) -> list[Group]:
    """Return groups of customers that look like one, each group once."""
    ctx.require("customers.edit")
    found: dict[tuple[UUID, ...], Group] = {}
    for likeness in Likeness:
        for group in _sharing(likeness, most):
            found.setdefault(tuple(one.id for one in group.customers), group)
    return list(found.values())[:most]


def of_customer(ctx: Context, customer_id: UUID) -> list[Alike]:
    """Return who looks like a customer, the oldest first. Raises NotFound."""
    ctx.require("customers.view")
    row = db.session.scalar(select(Customer).where(Customer.id == customer_id))
    if row is None:
        raise NotFound(_("customer"), customer_id)
    if row.merged_into_id or row.erased_at:
        return []
    found: dict[UUID, Alike] = {}
    for likeness in Likeness:
        keys = _keys(likeness)
        values = tuple(getattr(row, key.key) for key in keys)
        if all(values):
            same = (key == value for key, value in zip(keys, values, strict=True))
            query = _alike().where(*same, Customer.id != customer_id, *_LIVING).limit(MOST)
            found |= {one.id: Alike(**one._mapping) for one in db.session.execute(query)}
    return sorted(found.values(), key=lambda one: one.id)


def _sharing(likeness: Likeness, most: int) -> list[Group]:
    keys = _keys(likeness)
    shared = (
        select(*keys)
        .where(*_LIVING, *(key != "" for key in keys))
        .group_by(*keys)
        .having(func.count() > 1)
        .order_by(*keys)
        .limit(most)
    )
    values = [tuple(row) for row in db.session.execute(shared)]
    if not values:
        return []
    query = (
        _alike()
        .add_columns(*keys)
        .where(
            or_(*(and_(*(k == v for k, v in zip(keys, one, strict=True))) for one in values)),
            *_LIVING,
        )
    )
    members: dict[tuple[str, ...], list[Alike]] = defaultdict(list)
    for row in db.session.execute(query):
        known = tuple(row)
        members[known[-len(keys) :]].append(Alike(**dict(zip(_SHOWN, known, strict=False))))
    return [
        Group(
            likeness=likeness,
            value=" · ".join(value),
            customers=tuple(sorted(members[value], key=lambda one: one.id)),
        )
        for value in values
    ]


_SHOWN = ("id", "reference", "name", "city", "email", "tax_number")


def _alike() -> Any:
    return select(*(getattr(Customer, name) for name in _SHOWN))


def _keys(likeness: Likeness) -> tuple[Any, ...]:
    match likeness:
        case Likeness.TAX_NUMBER:
            return (Customer.tax_number,)
        case Likeness.EMAIL:
            return (Customer.email,)
        case Likeness.NAME:
            return (Customer.name, Customer.postal_code)
