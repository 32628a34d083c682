"""How much clients use the portal: by month, and of one client. A look by a colleague counts as none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select

from billhook.db import db
from billhook.domain.states import PortalRight
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.clients import ClientCredential, PortalVisit
from billhook.models.customers import Contact, Customer
from billhook.sdk.context import Context
from billhook.services import merged, portal_usage
from billhook.services.portal import log
from billhook.services.portal.clients import Way
from billhook.services.portal_usage import FoundVisit, VisitFilter

MONTHS = 12
LATEST = 5

ACTS = {
    "log_ins": (log.PortalAct.LOGGED_IN,),
    "seen": (log.PortalAct.DOCUMENT_SEEN,),
    "downloaded": (
        log.PortalAct.DOCUMENT_DOWNLOADED,
        log.PortalAct.ARCHIVE_DOWNLOADED,
        log.PortalAct.LIST_DOWNLOADED,
        log.PortalAct.STATEMENT_DOWNLOADED,
    ),
    "questions": (log.PortalAct.QUESTION_ASKED,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMonth:
    """What clients did in a month."""

    since: date
    clients: int
    """How many different customers were there, with an account or by a link."""
    log_ins: int
    seen: int
    downloaded: int
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much the portal is used."""

    customers: int
    """Active ones."""
    with_access: int
    """Of them, those with somebody who has an account."""
    months: Sequence[UsageMonth]
    """The newest first, as many as there are visits of, at most `MONTHS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPerson:
    """A contact who may enter."""

    contact_id: UUID
    name: str
    email: str
    rights: tuple[PortalRight, ...]
    has_account: bool
    """Whether they have set a password."""
    logged_in_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtPortal:
    """A customer at the portal."""

    people: Sequence[PortalPerson]
    logged_in_at: datetime | None
    latest: Sequence[FoundVisit]
    """What its people did last, without looks by colleagues."""


def usage(ctx: Context) -> Usage:
    """Add up the last months. Three statements, whatever the number of visits."""
    ctx.require("portal.view")
    firsts = _months(ctx.today())
    place = _place(ctx, firsts)
    counted: dict[int, Counter[str]] = {number: Counter() for number in range(len(firsts))}
    rows = db.session.execute(
        select(place, PortalVisit.kind, func.count())
        .select_from(PortalVisit)
        .where(*_theirs(ctx, firsts[-1]))
        .group_by(place, PortalVisit.kind)
    )
    for number, kind, count in rows:
        counted[number][kind] += count
    clients = db.session.execute(
        select(place, func.count(PortalVisit.customer_id.distinct()))
        .where(*_theirs(ctx, firsts[-1]))
        .group_by(place)
    )
    active: dict[int, int] = dict(clients.tuples().all())
    customers, with_access = db.session.execute(_access()).one()
    return Usage(
        customers=customers,
        with_access=with_access,
        months=[
            UsageMonth(
                since=first,
                clients=active.get(number, 0),
                **{name: sum(counted[number][one] for one in acts) for name, acts in ACTS.items()},
            )
            for number, first in enumerate(firsts[: max(active, default=-1) + 1])
        ],
    )


def _months(today: date) -> list[date]:
    """Return the first days of this month and those before it."""
    index = today.year * 12 + today.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(index, index - MONTHS, -1)]


def _place(ctx: Context, firsts: Sequence[date]) -> ColumnElement[int]:
    """Tell how many months ago a visit was."""
    return case(
        *(
            (PortalVisit.id >= portal_usage.first_id(ctx, first), number)
            for number, first in enumerate(firsts)
        )
    )


def _theirs(ctx: Context, since: date) -> tuple[ColumnElement[bool], ...]:
    return PortalVisit.viewer_id.is_(None), PortalVisit.id >= portal_usage.first_id(ctx, since)


def _access() -> Any:
    """Count active customers, and those of them with a person who may enter and has an account."""
    entered = (
        select(ClientCredential.contact_id)
        .join(
            Contact,
            (Contact.tenant_id == ClientCredential.tenant_id)
            & (Contact.id == ClientCredential.contact_id),
        )
        .where(
            Contact.customer_id == Customer.id,
            Contact.tenant_id == Customer.tenant_id,
            Contact.is_active,
        )
        .exists()
    )
    return (
        select(func.count(), func.coalesce(func.sum(case((entered, 1), else_=0)), 0))
        .select_from(Customer)
        .where(Customer.is_active, Customer.merged_into_id.is_(None))
    )


def of_customer(ctx: Context, customer_id: UUID) -> AtPortal:
    """Return who of a customer may enter, and what they did last. Raises NotFound."""
    ctx.require("portal.view")
    if db.session.scalar(select(Customer.id).where(Customer.id == customer_id)) is None:
        raise NotFound(_("customer"), customer_id)
    family = merged.family(customer_id)
    people = _people(family)
    return AtPortal(
        people=people,
        logged_in_at=max((one.logged_in_at for one in people if one.logged_in_at), default=None),
        latest=_latest(ctx, customer_id),
    )


def _latest(ctx: Context, customer_id: UUID) -> Sequence[FoundVisit]:
    """Find what came by accounts and by links: colleagues may have looked at more pages since."""
    found = [
        one
        for way in (Way.ACCOUNT, Way.LINK)
        for one in portal_usage.search(
            ctx, VisitFilter(customer_id=customer_id, way=way), limit=LATEST
        ).rows
    ]
    return sorted(found, key=lambda one: one.id, reverse=True)[:LATEST]


def _people(family: Sequence[UUID]) -> list[PortalPerson]:
    entered = (
        select(PortalVisit.contact_id, func.max(PortalVisit.happened_at).label("at"))
        .where(
            PortalVisit.customer_id.in_(family),
            PortalVisit.kind == log.PortalAct.LOGGED_IN.value,
        )
        .group_by(PortalVisit.contact_id)
    )
    logged_in: dict[UUID | None, datetime] = dict(db.session.execute(entered).tuples().all())
    rows = db.session.execute(
        select(Contact, ClientCredential.contact_id)
        .outerjoin(
            ClientCredential,
            (ClientCredential.tenant_id == Contact.tenant_id)
            & (ClientCredential.contact_id == Contact.id),
        )
        .where(Contact.customer_id.in_(family), Contact.is_active)
        .order_by(Contact.name, Contact.id)
    )
    return [
        PortalPerson(
            contact_id=contact.id,
            name=contact.name,
            email=contact.email,
            rights=tuple(PortalRight(one) for one in contact.portal_rights),
            has_account=account is not None,
            logged_in_at=logged_in.get(contact.id),
        )
        for contact, account in rows
        if contact.portal_rights
    ]
