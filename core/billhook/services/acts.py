"""The audit log as people read it: who did what to which thing, under the names they know."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, select

from billhook import limits
from billhook.db import db
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.audit import Audit, AuditLink
from billhook.models.customers import Contact, Customer
from billhook.models.documents import DocumentSeal
from billhook.models.keys import ApiKey
from billhook.models.people import Member, Person
from billhook.models.products import Product
from billhook.sdk.context import ActorKind, Context
from billhook.services.audit import Act
from billhook.services.paging import Order, Slice, cut
from billhook.services.sets import one_of

_ORDER = (Order(Audit.id, UUID),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFilter:
    """What the log is narrowed by; dates are the company's and inclusive."""

    text: str = ""
    """A document's number, a customer's reference, an id, or the beginning of an act's name."""
    object_kind: str = ""
    actor_id: UUID | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAct:
    """One act of the log."""

    id: UUID
    happened_at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor: str
    """The name of the person, API key or client's contact; empty for who has none."""
    address: str
    request_id: UUID | None
    action: str
    object_kind: str
    object_id: str
    object: str
    """The number, reference or name that people know it by, else empty."""
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActView:
    """One act with its place in the chain, None until the chain was next continued."""

    act: FoundAct
    sequence: int | None
    hash: bytes | None
    others: Sequence[FoundAct]
    """What else was done to the same thing, the newest first."""


def search(
    ctx: Context, wanted: ActFilter, *, after: str = "", limit: int = limits.PAGE_ROWS
) -> Slice[FoundAct]:
    """Return a page of the log, newest first. Raises ValidationFailed for a cursor that is none."""
    ctx.require("audit.view")
    page = cut(
        select(Audit).where(*_conditions(ctx, wanted)),
        _ORDER,
        after=after,
        limit=min(limit, limits.PAGE_ROWS),
        is_descending=True,
        make=_act,
    )
    return Slice(rows=tuple(_named(page.rows)), next=page.next)


def get(ctx: Context, act_id: UUID) -> ActView:
    """Return one act with its link of the chain. Raises NotFound."""
    ctx.require("audit.view")
    row = db.session.execute(select(Audit).where(Audit.id == act_id)).one_or_none()
    if row is None:
        raise NotFound(_("act"), act_id)
    link = db.session.scalar(select(AuditLink).where(AuditLink.audit_id == act_id))
    found = _act(row)
    others = db.session.execute(
        select(Audit)
        .where(
            Audit.object_kind == found.object_kind,
            Audit.object_id == found.object_id,
            Audit.id != act_id,
        )
        .order_by(Audit.id.desc())
        .limit(20)
    )
    act, *rest = _named([found, *(_act(other) for other in others)])
    return ActView(
        act=act,
        sequence=link.sequence if link else None,
        hash=link.hash if link else None,
        others=rest,
    )


def people(ctx: Context) -> list[tuple[UUID, str]]:
    """Return who works or worked here, by name."""
    ctx.require("audit.view")
    rows = db.session.execute(
        select(Person.id, Person.name)
        .join(Member, Member.person_id == Person.id)
        .order_by(Person.name)
    )
    return [(row.id, row.name) for row in rows]


def _conditions(ctx: Context, wanted: ActFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if text := wanted.text.strip()[: limits.CODE]:
        conditions.append(_about(text))
    if wanted.object_kind:
        conditions.append(Audit.object_kind == wanted.object_kind)
    if wanted.actor_id:
        conditions.append(Audit.actor_id == wanted.actor_id)
    if wanted.since:
        conditions.append(Audit.happened_at >= _midnight(ctx, wanted.since))
    if wanted.until and wanted.until < date.max:
        following = wanted.until + timedelta(days=1)
        conditions.append(Audit.happened_at < _midnight(ctx, following))
    return conditions


def _midnight(ctx: Context, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(ctx.tenant.time_zone))


def _about(text: str) -> ColumnElement[bool]:
    """Look for the thing that has the number or reference; else for an id, a code or an act."""
    document = db.session.scalar(
        select(DocumentSeal.document_id).where(DocumentSeal.printed_number == text)
    )
    customer = db.session.scalar(select(Customer.id).where(Customer.reference == text))
    ids = [text, *(str(one) for one in (document, customer) if one)]
    return Audit.object_id.in_(ids) | Audit.action.startswith(text, autoescape=True)


def _act(row: Row[Any]) -> FoundAct:
    act: Audit = row[0]
    return FoundAct(
        id=act.id,
        happened_at=act.happened_at,
        actor_kind=act.actor_kind,
        actor_id=act.actor_id,
        actor="",
        address=act.address,
        request_id=act.request_id,
        action=act.action,
        object_kind=act.object_kind,
        object_id=act.object_id,
        object="",
        details=act.details,
    )


def actor_names(acts: Iterable[Act | FoundAct]) -> dict[tuple[str, UUID | None], str]:
    """Return the names of who acted, by kind and id; nothing for whoever has none, or is gone."""
    ids: dict[str, set[UUID]] = defaultdict(set)
    for act in acts:
        if act.actor_id:
            ids[act.actor_kind].add(act.actor_id)
    return {
        (kind, one): name
        for kind in (ActorKind.PERSON, ActorKind.API_KEY, ActorKind.CLIENT)
        for one, name in _names(kind, ids[kind]).items()
    }


def _named(acts: Sequence[FoundAct]) -> list[FoundAct]:
    """Give people and things the names that stand for them now; one query for each kind."""
    actors = actor_names(acts)
    things = {
        (kind, str(one)): name
        for kind in _NAMES
        for one, name in _names(kind, _ids(acts, kind)).items()
    }
    return [
        replace(
            act,
            actor=actors.get((act.actor_kind, act.actor_id), ""),
            object=things.get((act.object_kind, act.object_id), ""),
        )
        for act in acts
    ]


def _names(kind: str, ids: Collection[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    key, name = _NAMES[kind]
    rows = db.session.execute(select(key, name).where(one_of(key, ids)))
    return dict(rows.tuples().all())


_NAMES: Mapping[str, tuple[Any, Any]] = {
    "person": (Person.id, Person.name),
    "client": (Contact.id, Contact.name),
    "contact": (Contact.id, Contact.name),
    "api_key": (ApiKey.id, ApiKey.name),
    "document": (DocumentSeal.document_id, DocumentSeal.printed_number),
    "customer": (Customer.id, Customer.reference),
    "product": (Product.id, Product.sku),
}


def _ids(acts: Iterable[FoundAct], kind: str) -> set[UUID]:
    found = (_id(act.object_id) for act in acts if act.object_kind == kind)
    return {one for one in found if one}


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
