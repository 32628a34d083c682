"""Invitations: a link offers a seat, once, to whoever holds it.

A person exists once, whatever number of tenants they work for, and so does their
password. An invitation's link opens the tenant that gave it and no other: whoever
holds it sets the person's first password, or proves the one that they have. So no
tenant's administrator can enter another tenant by inviting its people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from billhook import limits
from billhook.clock import Clock, SystemClock
from billhook.db import db, insert
from billhook.domain.states import Reach
from billhook.errors import BillhookError, Conflict, Forbidden, NotFound, ValidationFailed
from billhook.i18n import current_language, language
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.people import Credential, LoginSession, Member, OneTimeLink, Person, Seat
from billhook.models.tenants import Tenant
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Actor, ActorKind, Context
from billhook.services import audit, idempotency, memos, passwords, tokens
from billhook.services.contexts import context_of
from billhook.services.fields import Fields
from billhook.services.idempotency import Outcome
from billhook.services.people import read_reach, refuse_role
from billhook.services.sets import insert_missing

LINK_HOLDS = timedelta(days=7)


class LinkInvalid(BillhookError):
    """A one-time link was used, has expired, was replaced, or never was."""

    code = "link.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """The link by which somebody gets in, once."""

    person_id: UUID
    link: str
    expires_at: datetime
    is_repeated: bool = False
    """It was made before, for the same idempotency key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Whom a link is for, where it leads, and what it asks of them."""

    person_id: UUID
    email: str
    name: str
    language: str
    tenant_id: UUID | None
    """The tenant that invites; None where the link resets a password."""
    tenant_name: str
    proves_password: bool
    """They have a password and must know it; else they set one."""


def invite(
    ctx: Context,
    *,
    email: str,
    name: str,
    role: str,
    reach: str = Reach.ALL,
    tags: Sequence[str] = (),
    clock: Clock | None = None,
    key: str | None = None,
) -> Invitation:
    """Offer a person a seat, and return the link that takes it.

    Again for somebody who has not come yet, it makes a new link and ends the old one; a
    repeat with the same idempotency key returns the first one's. Raises ValidationFailed,
    Forbidden for a role that may do more than who gives it, Conflict where the person
    works here already.
    """
    ctx.require("people.manage")
    read = Fields()
    address = read.email("email", email)
    if not address and not read.problems:
        read.refuse("email", "input.missing", _("This is needed. Fill it in."))
    called = read.text("name", name, limit=limits.NAME, is_required=True)
    if read.problems:
        raise ValidationFailed(read.problems)
    refuse_role(ctx, role)
    scope, named = read_reach(role, reach, tags)
    now = (clock or SystemClock()).now()

    def offer() -> dict[str, str]:
        person_id = _person(address, called, now)
        _offer_seat(ctx, person_id, role, scope, named)
        audit.record(ctx, "person.invited", "person", person_id, role=role)
        return _remembered(_one_time_link(person_id, ctx.tenant.id, now))

    asked = [address, called, role, scope, named]
    done = idempotency.once(ctx, route="invitations.invite", key=key, request=asked, effect=offer)
    return _recalled(done)


def _remembered(made: Invitation) -> dict[str, str]:
    """Return what an idempotency key remembers: the link opens a door, and so is sealed."""
    return {
        "person_id": str(made.person_id),
        "link": idempotency.sealed(made.link),
        "expires_at": made.expires_at.isoformat(),
    }


def _recalled(done: Outcome) -> Invitation:
    return Invitation(
        person_id=UUID(done.answer["person_id"]),
        link=idempotency.opened(done.answer["link"]),
        expires_at=datetime.fromisoformat(done.answer["expires_at"]),
        is_repeated=done.is_replayed,
    )


def _person(email: str, name: str, now: datetime) -> UUID:
    """Return the person of an address; their own name stays where they are known."""
    row = {
        "id": new_id(),
        "email": email,
        "name": name,
        "language": current_language(),
        "created_at": now,
    }
    insert_missing(Person, [row])
    return db.session.scalars(select(Person.id).where(Person.email == email)).one()


def _offer_seat(ctx: Context, person_id: UUID, role: str, scope: Reach, tags: list[str]) -> None:
    """Keep a membership that is not active yet. Raises Conflict."""
    row = {
        "tenant_id": ctx.tenant.id,
        "id": new_id(),
        "person_id": person_id,
        "role": role,
        "is_active": False,
        "created_at": ctx.now(),
        "scope": scope.value,
        "scope_tags": tags,
    }
    insert_missing(Member, [row])
    member = db.session.scalars(
        select(Member).where(Member.person_id == person_id).with_for_update()
    ).one()
    if member.is_active:
        raise Conflict(_("This person works here already. Change their role instead."))
    member.role, member.scope, member.scope_tags = role, scope.value, tags
    db.session.flush()


def reset_link(person_id: UUID, now: datetime, holds: timedelta) -> Invitation:
    """Make a link that sets another password, inside a transaction; earlier ones end."""
    return _one_time_link(person_id, None, now, holds)


def mail(ctx: Context, invitation: Invitation) -> memos.Sent:
    """Send an invitation to whom it is for, where the tenant can send mail.

    Outside any transaction; the caller shows the link where it could not be sent.
    Raises NotFound.
    """
    ctx.require("people.manage")
    person = db.session.get(Person, invitation.person_id)
    if person is None:
        raise NotFound(_("person"), invitation.person_id)
    with language(person.language):
        return memos.try_to_send(
            ctx,
            to=person.email,
            name=person.name,
            subject=_("Join %(company)s on Billhook", company=ctx.tenant.party.name),
            text=_(
                "%(company)s invites you to work with it on Billhook. Open this link before "
                "%(day)s and take your seat:\n\n%(link)s\n\nThe link works once, and is "
                "yours alone.",
                company=ctx.tenant.party.name,
                day=invitation.expires_at.date().isoformat(),
                link=invitation.link,
            ),
        )


def _one_time_link(
    person_id: UUID, tenant_id: UUID | None, now: datetime, holds: timedelta = LINK_HOLDS
) -> Invitation:
    """Make a link, and end those that were made before for the same purpose."""
    db.session.execute(delete(OneTimeLink).where(*_same_purpose(person_id, tenant_id)))
    token, expires_at = tokens.new_token(), now + holds
    db.session.add(
        OneTimeLink(
            token_hash=tokens.hash_of(token),
            person_id=person_id,
            tenant_id=tenant_id,
            expires_at=expires_at,
        )
    )
    db.session.flush()
    link = f"{runtime().config.base_url.rstrip('/')}/invitation/{token}"
    return Invitation(person_id=person_id, link=link, expires_at=expires_at)


def _same_purpose(person_id: UUID, tenant_id: UUID | None) -> tuple[ColumnElement[bool], ...]:
    return OneTimeLink.person_id == person_id, OneTimeLink.tenant_id.is_not_distinct_from(
        tenant_id
    )


def reset_password(ctx: Context, email: str, *, clock: Clock | None = None) -> Invitation:
    """Return a link that sets another password for a person who works here.

    For the operator alone: the password opens all of the person's tenants.
    Raises Forbidden, NotFound.
    """
    if ctx.actor.kind is not ActorKind.OPERATOR:
        raise Forbidden("operator")
    with ctx.transaction():
        person_id = db.session.scalar(
            select(Person.id)
            .join(Member, Member.person_id == Person.id)
            .where(Person.email == email.strip().lower(), Member.is_active)
        )
        if person_id is None:
            raise NotFound(_("person"), email)
        audit.record(ctx, "person.password_reset", "person", person_id)
        return _one_time_link(person_id, None, (clock or SystemClock()).now())


def invited(token: str, *, clock: Clock | None = None) -> Invited:
    """Return whom a link is for and what it asks, without using it. Raises LinkInvalid."""
    row = db.session.execute(
        select(OneTimeLink, Person, Tenant.name, Credential.person_id)
        .join(Person, Person.id == OneTimeLink.person_id)
        .outerjoin(Tenant, Tenant.id == OneTimeLink.tenant_id)
        .outerjoin(Credential, Credential.person_id == Person.id)
        .where(*_usable(token, (clock or SystemClock()).now()))
    ).one_or_none()
    if row is None:
        raise _link_invalid()
    link, person, tenant_name, credential = row
    return Invited(
        person_id=person.id,
        email=person.email,
        name=person.name,
        language=person.language,
        tenant_id=link.tenant_id,
        tenant_name=tenant_name or "",
        proves_password=link.tenant_id is not None and credential is not None,
    )


def _usable(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeLink.token_hash == tokens.hash_of(token),
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now,
    )


def _link_invalid() -> LinkInvalid:
    return LinkInvalid(
        _(
            "This link was used already or has expired. If you have set a password, log in; "
            "else ask whoever invited you for a new link."
        )
    )


def accept(token: str, password: str, *, address: str = "", clock: Clock | None = None) -> UUID:
    """Use a link: set or prove the password, take the seat, and return the person's id.

    Setting a password ends the person's sessions. Raises LinkInvalid, ValidationFailed,
    PasswordWrong.
    """
    person = invited(token, clock=clock)
    stored = None if person.proves_password else _new_password(person, password)
    if person.proves_password:
        passwords.prove(person.email, password)
    now = (clock or SystemClock()).now()
    actor = Actor(kind=ActorKind.PERSON, id=person.person_id, address=address)
    ctx = context_of(person.tenant_id or _any_seat(person.person_id), actor)
    with ctx.acting(), ctx.transaction():
        _use(token, now)
        if stored is not None:
            _set_password(person, stored, now)
            audit.record(ctx, "person.password_set", "person", person.person_id)
        if person.tenant_id is not None:
            _take_seat(ctx, person.person_id)
            audit.record(ctx, "person.joined", "person", person.person_id)
    return person.person_id


def _new_password(person: Invited, password: str) -> str:
    """Return what is stored of a password that will do. Raises ValidationFailed."""
    problems = passwords.problems(password, email=person.email)
    if problems:
        raise ValidationFailed(problems)
    return passwords.hash_of(password)


def _any_seat(person_id: UUID) -> UUID:
    found = db.session.scalar(
        select(Seat.tenant_id).where(Seat.person_id == person_id).order_by(Seat.tenant_id).limit(1)
    )
    if found is None:
        raise _link_invalid()
    return found


def _use(token: str, now: datetime) -> None:
    """Mark the link as used; of two who try at once, one succeeds. Raises LinkInvalid."""
    used = db.session.execute(
        update(OneTimeLink)
        .where(*_usable(token, now))
        .values(used_at=now)
        .returning(OneTimeLink.person_id)
        .execution_options(synchronize_session=False)
    ).all()
    if not used:
        raise _link_invalid()


def _set_password(person: Invited, stored: str, now: datetime) -> None:
    """Write the password; an invitation never replaces one. Raises LinkInvalid."""
    wanted = insert(Credential).values(
        person_id=person.person_id, password_hash=stored, changed_at=now
    )
    if person.tenant_id is None:
        new = {"password_hash": stored, "changed_at": now}
        wanted = wanted.on_conflict_do_update(index_elements=["person_id"], set_=new)
    else:
        wanted = wanted.on_conflict_do_nothing()
    if not db.session.execute(wanted.returning(Credential.person_id)).all():
        raise _link_invalid()
    db.session.execute(delete(LoginSession).where(LoginSession.person_id == person.person_id))


def _take_seat(ctx: Context, person_id: UUID) -> None:
    member = db.session.scalars(
        select(Member).where(Member.person_id == person_id).with_for_update()
    ).one()
    member.is_active = True
    insert_missing(Seat, [{"person_id": person_id, "tenant_id": ctx.tenant.id}])
    db.session.flush()
