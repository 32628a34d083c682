"""Whose charges a bill run bills: everybody's, or those that some payers, a tag or a currency name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select

from billhook.db import db
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.models.customers import Customer, CustomerTag
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services.sets import one_of

MOST_PAYERS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScope:
    """What is empty narrows nothing."""

    payers: tuple[UUID, ...] | None = None
    """These alone; None is everybody."""
    tag: str = ""
    """Payers who carry it."""
    currency: str = ""

    @property
    def is_everything(self) -> bool:
        return self == RunScope()

    def as_json(self) -> dict[str, Any]:
        """Return the form in which the run's row keeps it."""
        if self.is_everything:
            return {}
        payers = None if self.payers is None else [str(payer_id) for payer_id in self.payers]
        return {"payers": payers, "tag": self.tag, "currency": self.currency}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "RunScope":
        """Return what `as_json` stored."""
        if not stored:
            return cls()
        payers = stored["payers"]
        return cls(
            payers=None if payers is None else tuple(UUID(payer_id) for payer_id in payers),
            tag=stored["tag"],
            currency=stored["currency"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How much waits."""

    charges: int
    payers: int


EVERYTHING = RunScope()


def in_scope(scope: RunScope) -> list[Any]:
    """Return the conditions that a row of the queue meets."""
    conditions: list[Any] = []
    if scope.payers is not None:
        conditions.append(one_of(ChargeOpen.payer_id, scope.payers))
    if scope.tag:
        conditions.append(
            exists(
                select(CustomerTag.tag)
                .where(
                    CustomerTag.tenant_id == ChargeOpen.tenant_id,
                    CustomerTag.customer_id == ChargeOpen.payer_id,
                    CustomerTag.tag == scope.tag,
                )
                .correlate(ChargeOpen)
            )
        )
    if scope.currency:
        conditions.append(
            exists(
                select(ChargeRow.id)
                .where(
                    ChargeRow.tenant_id == ChargeOpen.tenant_id,
                    ChargeRow.id == ChargeOpen.charge_id,
                    ChargeRow.currency == scope.currency,
                )
                .correlate(ChargeOpen)
            )
        )
    return conditions


def waiting_in(ctx: Context, scope: RunScope, until: date) -> Queue:
    """Return how much of the queue a run would look at."""
    charges, payers = db.session.execute(
        select(func.count(), func.count(ChargeOpen.payer_id.distinct()))
        .select_from(ChargeOpen)
        .where(ChargeOpen.charged_on <= until, ~ChargeOpen.is_held, *in_scope(scope))
    ).one()
    return Queue(charges=charges, payers=payers)


def payers_of(ctx: Context, references: list[str]) -> tuple[UUID, ...]:
    """Return who pays for customers that a person names. Raises ValidationFailed."""
    rows = db.session.execute(
        select(Customer.reference, Customer.id, Customer.payer_id).where(
            Customer.reference.in_(references)
        )
    ).all()
    known = {row.reference for row in rows}
    if unknown := [one for one in references if one not in known]:
        raise ValidationFailed(
            [
                Problem(
                    code="customer.unknown",
                    path="customers",
                    message=_(
                        "There is no customer “%(customer)s”. Write the references of customers, "
                        "with commas between them.",
                        customer=unknown[0][:40],
                    ),
                )
            ]
        )
    return tuple(dict.fromkeys(row.payer_id or row.id for row in rows))


def seen(ctx: Context, scope: RunScope, until: date) -> RunScope:
    """Narrow a scope to the payers whom the member sees, for the job sees everybody.

    Raises ValidationFailed where they are too many to be named.
    """
    if ctx.scope is None:
        return scope
    found = db.session.scalars(
        select(ChargeOpen.payer_id)
        .where(ChargeOpen.charged_on <= until, *in_scope(scope))
        .distinct()
        .order_by(ChargeOpen.payer_id)
        .limit(MOST_PAYERS + 1)
    ).all()
    if len(found) > MOST_PAYERS:
        raise ValidationFailed(
            [
                Problem(
                    code="bill_run.too_many_payers",
                    path="customers",
                    message=_(
                        "You bill for more than %(count)s customers. Choose a tag or a currency.",
                        count=MOST_PAYERS,
                    ),
                )
            ]
        )
    return replace(scope, payers=tuple(found))
