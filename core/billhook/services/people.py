"""People and their seats: who works in a tenant, in which role, and how they go."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select, update

from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.people import LoginSession, Member, OneTimeLink, Person, Seat
from billhook.models.tenants import Tenant
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.permissions import ADMIN, ROLES, Role


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
    rows = db.session.execute(
        select(Member, Person, waits.c.person_id)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(waits, waits.c.person_id == Person.id)
        .order_by(Person.name, Person.email)
    )
    return [
        MemberEntry(
            person_id=person.id,
            email=person.email,
            name=person.name,
            role=member.role,
            is_active=member.is_active,
            is_invited=not member.is_active and waiting is not None,
        )
        for member, person, waiting in rows
    ]


def role_of(ctx: Context) -> Role:
    """Return the role of the member who acts. Raises NotFound."""
    name = db.session.scalar(
        select(Member.role).where(Member.person_id == ctx.actor.id, Member.is_active)
    )
    if name is None:
        raise NotFound(_("person"), ctx.actor.id)
    return ROLES[name]


def change_role(ctx: Context, person_id: UUID, role: str) -> None:
    """Give a person of this tenant another role, from their next request on.

    Raises NotFound, ValidationFailed, Conflict for the last administrator.
    """
    ctx.require("people.manage")
    problems = role_problems(role)
    if problems:
        raise ValidationFailed(problems)
    with ctx.transaction():
        administrators = _locked_administrators()
        member = _member(person_id)
        if role != ADMIN:
            _refuse_last(member, administrators)
        audit.record(
            ctx, "person.role_changed", "person", person_id, before=member.role, after=role
        )
        member.role = role
        db.session.flush()


def role_problems(role: str) -> list[Problem]:
    """Tell what is wrong with the name of a role."""
    if role in ROLES:
        return []
    return [
        Problem(
            code="person.role_unknown",
            path="role",
            message=_(
                "“%(role)s” is no role. It can be %(roles)s.",
                role=role[:40],
                roles=", ".join(ROLES),
            ),
        )
    ]


def deactivate(ctx: Context, person_id: UUID) -> None:
    """End a person's access to this tenant, or their invitation, at once.

    Who they are and what they did here stays. Raises NotFound, Conflict for the last
    administrator.
    """
    ctx.require("people.manage")
    with ctx.transaction():
        administrators = _locked_administrators()
        member = _member(person_id)
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
