"""What clients do at the portal, as the company that bills sees it: who, when, what, from where.

Visits are kept for 400 days. A visit's id tells its time, so that days are found by
the primary key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, delete, or_, select

from billhook import limits
from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.ids import first_id_of
from billhook.models.clients import PortalVisit
from billhook.models.customers import Contact, Customer
from billhook.models.documents import DocumentSeal
from billhook.models.people import Person
from billhook.sdk.context import Context
from billhook.services import merged
from billhook.services.paging import Order, Slice, cut
from billhook.services.portal.clients import Way
from billhook.services.portal.log import PortalAct
from billhook.services.sets import one_of

KEPT = timedelta(days=400)
MOST_PEOPLE = 200
"""Of more people that a text fits, only so many are looked for."""
_ORDER = (Order(PortalVisit.id, UUID),)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFilter:
    """What the log is narrowed by; dates are the company's and inclusive."""

    text: str = ""
    """A part of a person's name or e-mail address."""
    customer: str = ""
    """A reference."""
    customer_id: UUID | None = None
    contact_id: UUID | None = None
    act: PortalAct | None = None
    way: Way | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVisit:
    """Something that was done at the portal."""

    id: UUID
    happened_at: datetime
    act: str
    """A `PortalAct`."""
    way: Way
    customer_id: UUID
    customer: str
    """The client's name."""
    contact_id: UUID | None
    viewer_id: UUID | None
    who: str
    """The name of the contact, or of the member who looked; empty for whoever had a link."""
    object_kind: str
    object_id: UUID | None
    object: str
    """The document's number, else empty."""
    address: str
    user_agent: str


def search(
    ctx: Context, wanted: VisitFilter, *, after: str = "", limit: int = limits.PAGE_ROWS
) -> Slice[FoundVisit]:
    """Return a page of the log, newest first. Raises ValidationFailed for a cursor that is none."""
    ctx.require("portal.view")
    page = cut(
        select(PortalVisit).where(*_conditions(ctx, wanted)),
        _ORDER,
        after=after,
        limit=min(limit, limits.PAGE_ROWS),
        is_descending=True,
        make=_visit,
    )
    return Slice(rows=tuple(_named(page.rows)), next=page.next)


def _conditions(ctx: Context, wanted: VisitFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if text := wanted.text.strip()[: limits.NAME]:
        conditions.append(_of_people(text))
    if wanted.customer:
        found = db.session.scalar(
            select(Customer.id).where(Customer.reference == wanted.customer.strip()[: limits.CODE])
        )
        conditions.append(PortalVisit.customer_id.in_(merged.family(found) if found else []))
    if wanted.customer_id is not None:
        conditions.append(PortalVisit.customer_id.in_(merged.family(wanted.customer_id)))
    if wanted.contact_id is not None:
        conditions.append(PortalVisit.contact_id == wanted.contact_id)
    if wanted.act is not None:
        conditions.append(PortalVisit.kind == wanted.act.value)
    if wanted.way is not None:
        conditions.append(_by(wanted.way))
    if wanted.since:
        conditions.append(PortalVisit.id >= first_id(ctx, wanted.since))
    if wanted.until and wanted.until < date.max:
        conditions.append(PortalVisit.id < first_id(ctx, wanted.until + timedelta(days=1)))
    return conditions


def _of_people(text: str) -> ColumnElement[bool]:
    """Look for contacts by name or address, and for what their customers' visits say of them."""
    people = db.session.execute(
        select(Contact.id, Contact.customer_id)
        .where(
            or_(
                Contact.name.icontains(text, autoescape=True),
                Contact.email.icontains(text, autoescape=True),
            )
        )
        .order_by(Contact.id)
        .limit(MOST_PEOPLE)
    ).all()
    return PortalVisit.contact_id.in_([one.id for one in people])


def _by(way: Way) -> ColumnElement[bool]:
    match way:
        case Way.LOOK:
            return PortalVisit.viewer_id.is_not(None)
        case Way.LINK:
            return PortalVisit.guest_link_id.is_not(None)
        case Way.ACCOUNT:
            return PortalVisit.viewer_id.is_(None) & PortalVisit.guest_link_id.is_(None)


def first_id(ctx: Context, day: date) -> UUID:
    """Return an id that sorts before those of a day where the company is."""
    midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(ctx.tenant.time_zone))
    return first_id_of(max(midnight, datetime.fromtimestamp(0, UTC)))


def _visit(row: Row[Any]) -> FoundVisit:
    found: PortalVisit = row[0]
    return FoundVisit(
        id=found.id,
        happened_at=found.happened_at,
        act=found.kind,
        way=Way.LOOK if found.viewer_id else Way.LINK if found.guest_link_id else Way.ACCOUNT,
        customer_id=found.customer_id,
        customer="",
        contact_id=found.contact_id,
        viewer_id=found.viewer_id,
        who="",
        object_kind=found.object_kind,
        object_id=found.object_id,
        object="",
        address=found.address,
        user_agent=found.user_agent,
    )


def _named(visits: Sequence[FoundVisit]) -> list[FoundVisit]:
    """Give clients, people and documents their names; one statement for each kind."""
    customers = _names(Customer.id, Customer.name, (one.customer_id for one in visits))
    people = {
        **_names(Contact.id, Contact.name, (one.contact_id for one in visits)),
        **_names(Person.id, Person.name, (one.viewer_id for one in visits)),
    }
    documents = _names(
        DocumentSeal.document_id,
        DocumentSeal.printed_number,
        (one.object_id for one in visits if one.object_kind in ("document", "documents")),
    )
    return [
        replace(
            one,
            customer=customers.get(one.customer_id, ""),
            who=people.get(one.viewer_id or one.contact_id, ""),
            object=documents.get(one.object_id, ""),
        )
        for one in visits
    ]


def _names(key: Any, name: Any, ids: Iterable[UUID | None]) -> Mapping[UUID | None, str]:
    wanted = {one for one in ids if one}
    if not wanted:
        return {}
    return dict(db.session.execute(select(key, name).where(one_of(key, wanted))).tuples().all())


def tidy(ctx: Context, *, clock: Clock | None = None) -> int:
    """Forget visits that are older than `KEPT`, a bounded number; return it."""
    old = first_id_of((clock or SystemClock()).now() - KEPT)
    oldest = (
        select(PortalVisit.id)
        .where(PortalVisit.tenant_id == ctx.tenant.id, PortalVisit.id < old)
        .order_by(PortalVisit.id)
        .limit(limits.PAGE_ROWS)
    )
    with ctx.transaction() as session:
        gone = delete(PortalVisit).where(PortalVisit.id.in_(oldest)).returning(PortalVisit.id)
        return len(session.execute(gone).all())
