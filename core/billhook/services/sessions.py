"""Log-ins: a row per browser, found by the hash of its token, ended by its deletion.

A session ends twelve hours after log-in, or when nothing came for two hours. It
knows the tenant that the person picked; their seat is checked at each request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from billhook.clock import Clock, SystemClock
from billhook.db import db, transaction
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.people import LoginSession, Person
from billhook.services import audit, passwords, people, tokens
from billhook.services.contexts import member_context

LONGEST = timedelta(hours=12)
LONGEST_IDLE = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A person in a browser."""

    session_id: bytes
    person_id: UUID
    name: str
    email: str
    language: str
    tenant_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One of a person's sessions, for them to see and end."""

    id: bytes
    created_at: datetime
    seen_at: datetime


def log_in(email: str, password: str, *, address: str = "", clock: Clock | None = None) -> str:
    """Begin a session, and return its token for the browser's cookie.

    A person with one seat has picked that tenant. Raises PasswordWrong.
    """
    return begin(passwords.prove(email, password), address=address, clock=clock)


def begin(
    person_id: UUID,
    *,
    address: str = "",
    tenant_id: UUID | None = None,
    clock: Clock | None = None,
) -> str:
    """Begin a session for a person who has proved who they are; return its token.

    It begins in the tenant named, or in the only one that they have a seat in.
    """
    now = (clock or SystemClock()).now()
    token = tokens.new_token()
    with transaction() as session:
        session.add(
            LoginSession(
                token_hash=tokens.hash_of(token),
                person_id=person_id,
                tenant_id=None,
                created_at=now,
                seen_at=now,
                expires_at=now + LONGEST,
            )
        )
    seats = [seat.id for seat in people.workplaces(person_id)]
    if tenant_id in seats or len(seats) == 1:
        chosen = tenant_id if tenant_id in seats else seats[0]
        enter(tokens.hash_of(token), person_id, chosen, address=address)
    return token


def resume(token: str, *, clock: Clock | None = None) -> Visit | None:
    """Return who a cookie's token stands for; None where the session has ended."""
    found = db.session.execute(
        select(LoginSession, Person)
        .join(Person, Person.id == LoginSession.person_id)
        .where(LoginSession.token_hash == tokens.hash_of(token))
    ).one_or_none()
    now = (clock or SystemClock()).now()
    if found is None:
        return None
    session, person = found.LoginSession, found.Person
    if session.expires_at <= now or session.seen_at + LONGEST_IDLE <= now:
        return None
    if session.seen_at + SEEN_EVERY <= now:
        _seen(session.token_hash, now)
    return Visit(
        session_id=session.token_hash,
        person_id=person.id,
        name=person.name,
        email=person.email,
        language=person.language,
        tenant_id=session.tenant_id,
    )


def _seen(session_id: bytes, now: datetime) -> None:
    with transaction() as session:
        session.execute(
            update(LoginSession).where(LoginSession.token_hash == session_id).values(seen_at=now)
        )


def enter(session_id: bytes, person_id: UUID, tenant_id: UUID, *, address: str = "") -> None:
    """Pick the tenant that a session works in. Raises NotFound where the person has no seat."""
    ctx = member_context(person_id, tenant_id, address=address)
    with ctx.acting(), ctx.transaction() as session:
        session.execute(
            update(LoginSession)
            .where(LoginSession.token_hash == session_id, LoginSession.person_id == person_id)
            .values(tenant_id=tenant_id)
        )
        audit.record(ctx, "person.entered", "person", person_id)


def log_out(token: str) -> None:
    """End the session of a token; nothing happens where it has ended."""
    with transaction() as session:
        session.execute(
            delete(LoginSession).where(LoginSession.token_hash == tokens.hash_of(token))
        )


def listing(person_id: UUID, *, clock: Clock | None = None) -> list[OpenSession]:
    """Return a person's sessions that have not ended, the latest first."""
    now = (clock or SystemClock()).now()
    rows = db.session.scalars(
        select(LoginSession)
        .where(
            LoginSession.person_id == person_id,
            LoginSession.expires_at > now,
            LoginSession.seen_at > now - LONGEST_IDLE,
        )
        .order_by(LoginSession.seen_at.desc())
    )
    return [
        OpenSession(id=row.token_hash, created_at=row.created_at, seen_at=row.seen_at)
        for row in rows
    ]


def end(person_id: UUID, session_id: bytes) -> None:
    """End one of a person's own sessions. Raises NotFound."""
    with transaction() as session:
        ended = session.execute(
            delete(LoginSession)
            .where(LoginSession.token_hash == session_id, LoginSession.person_id == person_id)
            .returning(LoginSession.person_id)
        ).all()
    if not ended:
        raise NotFound(_("session"), session_id.hex())


def tidy(*, clock: Clock | None = None) -> None:
    """Delete the sessions that have ended by their age or by silence."""
    now = (clock or SystemClock()).now()
    with transaction() as session:
        session.execute(
            delete(LoginSession).where(
                (LoginSession.expires_at <= now) | (LoginSession.seen_at <= now - LONGEST_IDLE)
            )
        )
