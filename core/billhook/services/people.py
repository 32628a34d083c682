"""People and their seats: who works in a tenant, in which role, and how they go."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, exists, select, update

from billhook import limits
from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.domain.states import Reach
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.people import (
    LoginSession,
    Member,
    OneTimeLink,
    Person,
    RoleRow,
    Seat,
    SecondFactor,
)
from billhook.models.tenants import Tenant
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.fields import Fields
from billhook.services.permissions import ADMIN, ROLES
from billhook.services.roles import RoleEntry, permissions_of, refuse_beyond, titles

MOST_TAGS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEntry:
    """A person in the list of those who work in a tenant."""

    person_id: UUID
    email: str
    name: str
    role: str
    is_active: bool
    is_invited: bool
    """A link waits for them."""
    role_title: str
    reach: Reach
    """Whose customers they see."""
    tags: tuple[str, ...]
    has_second_factor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A tenant where a person has a seat."""

    id: UUID
    slug: str
    name: str
    is_sandbox: bool


def listing(ctx: Context, *, clock: Clock | None = None) -> list[MemberEntry]:
    """Return who works, worked or is invited here, by name."""
    ctx.require("people.view")
    waits = (
        select(OneTimeLink.person_id)
        .where(
            OneTimeLink.tenant_id == ctx.tenant.id,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > (clock or SystemClock()).now(),
        )
        .subquery()
    )
    proves = (
        exists().where(SecondFactor.person_id == Person.id, SecondFactor.is_confirmed).label("has")
    )
    rows = db.session.execute(
        select(Member, Person, waits.c.person_id, proves)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(waits, waits.c.person_id == Person.id)
        .order_by(Person.name, Person.email)
    ).all()
    named = titles(row.Member.role for row in rows)
    return [
        MemberEntry(
            person_id=person.id,
            email=person.email,
            name=person.name,
            role=member.role,
            is_active=member.is_active,
            is_invited=not member.is_active and waiting is not None,
            role_title=named[member.role],
            reach=Reach(member.scope),
            tags=tuple(member.scope_tags),
            has_second_factor=has_second_factor,
        )
        for member, person, waiting, has_second_factor in rows
    ]


def role_of(ctx: Context) -> RoleEntry:
    """Return the role of the member who acts. Raises NotFound."""
    code = db.session.scalar(
        select(Member.role).where(Member.person_id == ctx.actor.id, Member.is_active)
    )
    if code is None:
        raise NotFound(_("person"), ctx.actor.id)
    own = db.session.scalar(select(RoleRow).where(RoleRow.code == code))
    known = ROLES.get(code)
    return RoleEntry(
        code=code,
        title=own.title if own else str(known.title if known else code),
        summary=own.summary if own else str(known.summary if known else ""),
        permissions=ctx.permissions or frozenset(),
        is_own=known is None,
        members=0,
        version=own.version if own else 0,
    )


def get(ctx: Context, person_id: UUID) -> MemberEntry:
    """Return somebody who works, worked or is invited here. Raises NotFound."""
    found = next((one for one in listing(ctx) if one.person_id == person_id), None)
    if found is None:
        raise NotFound(_("person"), person_id)
    return found


def change_role(ctx: Context, person_id: UUID, role: str) -> None:
    """Give a person of this tenant another role, from their next request on.

    Whose customers they see stays; administrators see all. Raises NotFound,
    ValidationFailed, Forbidden for a role that may do more than who gives it,
    Conflict for the last administrator.
    """
    ctx.require("people.manage")
    with ctx.transaction():
        member = _changing(ctx, person_id, role)
        audit.record(
            ctx, "person.role_changed", "person", person_id, before=member.role, after=role
        )
        member.role = role
        if role == ADMIN:
            member.scope, member.scope_tags = Reach.ALL.value, []
        db.session.flush()


def change_seat(
    ctx: Context, person_id: UUID, *, role: str, reach: str, tags: Sequence[str] = ()
) -> None:
    """Give a person a role, and say whose customers they see, from their next request on.

    Raises what `change_role` raises.
    """
    ctx.require("people.manage")
    scope, named = read_reach(role, reach, tags)
    with ctx.transaction():
        member = _changing(ctx, person_id, role)
        if member.role != role:
            audit.record(
                ctx, "person.role_changed", "person", person_id, before=member.role, after=role
            )
        if (member.scope, member.scope_tags) != (scope.value, named):
            audit.record(
                ctx, "person.scope_changed", "person", person_id, scope=scope, tags=len(named)
            )
        member.role, member.scope, member.scope_tags = role, scope.value, named
        db.session.flush()


def _changing(ctx: Context, person_id: UUID, role: str) -> Member:
    """Return the locked member whose role may change to this one."""
    refuse_role(ctx, role)
    administrators = _locked_administrators()
    member = _member(person_id)
    refuse_beyond(ctx, permissions_of(ctx, member.role) or ())
    if role != ADMIN:
        _refuse_last(member, administrators)
    return member


def read_reach(role: str, reach: str, tags: Sequence[str]) -> tuple[Reach, list[str]]:
    """Return whose customers a member is to see. Raises ValidationFailed."""
    read = Fields()
    scope = read.choice("scope", reach, Reach) or Reach.ALL
    named = [read.text("scope_tags", tag, limit=limits.CODE) for tag in tags]
    named = sorted({tag for tag in named if tag}) if scope is Reach.TAGS else []
    if scope is Reach.TAGS and not named:
        read.refuse("scope_tags", "input.missing", _("Name at least one tag."))
    if len(named) > MOST_TAGS:
        read.refuse(
            "scope_tags",
            "person.tags_too_many",
            _("Name at most %(most)s tags.", most=MOST_TAGS),
        )
    if role == ADMIN and scope is not Reach.ALL:
        read.refuse(
            "scope", "person.scope_of_administrator", _("An administrator sees all customers.")
        )
    if read.problems:
        raise ValidationFailed(read.problems)
    return scope, named


def refuse_role(ctx: Context, role: str) -> None:
    """Raises ValidationFailed where there is no such role, Forbidden where it may do too much."""
    permissions = permissions_of(ctx, role)
    if permissions is None:
        raise ValidationFailed([_role_unknown(role)])
    refuse_beyond(ctx, permissions)


def _role_unknown(role: str) -> Problem:
    own = db.session.scalars(select(RoleRow.code).order_by(RoleRow.code)).all()
    return Problem(
        code="person.role_unknown",
        path="role",
        message=_(
            "“%(role)s” is no role. It can be %(roles)s.",
            role=role[:40],
            roles=", ".join((*ROLES, *own)),
        ),
    )


def deactivate(ctx: Context, person_id: UUID) -> None:
    """End a person's access to this tenant, or their invitation, at once.

    Who they are and what they did here stays. Raises NotFound, Forbidden for somebody who
    may do more than who acts, Conflict for the last administrator.
    """
    ctx.require("people.manage")
    with ctx.transaction():
        administrators = _locked_administrators()
        member = _member(person_id)
        refuse_beyond(ctx, permissions_of(ctx, member.role) or ())
        _refuse_last(member, administrators)
        member.is_active = False
        db.session.flush()
        here = ctx.tenant.id
        for row in (OneTimeLink, Seat):
            db.session.execute(
                delete(row).where(row.person_id == person_id, row.tenant_id == here)
            )
        db.session.execute(
            update(LoginSession)
            .where(LoginSession.person_id == person_id, LoginSession.tenant_id == here)
            .values(tenant_id=None)
        )
        audit.record(ctx, "person.deactivated", "person", person_id)


def _member(person_id: UUID) -> Member:
    found = db.session.scalar(
        select(Member).where(Member.person_id == person_id).with_for_update()
    )
    if found is None:
        raise NotFound(_("person"), person_id)
    return found


def _locked_administrators() -> set[UUID]:
    """Return who are administrators, all locked in one order: two cannot let each other go."""
    return set(
        db.session.scalars(
            select(Member.person_id)
            .where(Member.role == ADMIN, Member.is_active)
            .order_by(Member.id)
            .with_for_update()
        )
    )


def _refuse_last(leaving: Member, administrators: set[UUID]) -> None:
    """Raises Conflict where the person is the only administrator."""
    if administrators == {leaving.person_id}:
        raise Conflict(
            _("This is the last administrator. Make somebody else an administrator first.")
        )


def workplaces(person_id: UUID) -> list[Workplace]:
    """Return the tenants where a person has a seat, by name."""
    rows = db.session.scalars(
        select(Tenant)
        .join(Seat, Seat.tenant_id == Tenant.id)
        .where(Seat.person_id == person_id)
        .order_by(Tenant.name, Tenant.slug)
    )
    return [
        Workplace(id=row.id, slug=row.slug, name=row.name, is_sandbox=row.is_sandbox)
        for row in rows
    ]
