"""Log-ins: a row per browser, found by the hash of its token, ended by its deletion.

A session ends twelve hours after log-in, or when nothing came for two hours. It
knows the tenant that the person picked; their seat is checked at each request.

Where the person has a second factor, the password alone begins a session that owes
it, and opens nothing until it is given. What changes how somebody proves who they
are asks for a proof that is younger than ten minutes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, select, update

from billhook.clock import Clock, SystemClock
from billhook.db import db, transaction
from billhook.errors import BillhookError, NotFound
from billhook.i18n import gettext as _
from billhook.models.people import LoginSession, Person, SecondFactor
from billhook.models.tenants import Tenant
from billhook.services import audit, passwords, people, tokens
from billhook.services.browsers import described
from billhook.services.contexts import member_context

LONGEST = timedelta(hours=12)
LONGEST_IDLE = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=5)
FRESH = timedelta(minutes=10)
LONGEST_AGENT = 500


class ProofStale(BillhookError):
    """What was asked for needs the password, and the second factor, once more."""

    code = "access.proof_stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A person in a browser."""

    session_id: bytes
    person_id: UUID
    name: str
    email: str
    language: str
    tenant_id: UUID | None
    proved_at: datetime | None
    """When they proved who they are in full; None while the second factor is owed."""

    @property
    def owes_factor(self) -> bool:
        return self.proved_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One of a person's sessions, for them to see and end."""

    id: bytes
    created_at: datetime
    seen_at: datetime
    address: str
    browser: str
    """Such as “Firefox on Linux”; empty where it did not say."""


def log_in(
    email: str, password: str, *, address: str = "", agent: str = "", clock: Clock | None = None
) -> str:
    """Begin a session, and return its token for the browser's cookie.

    A person with one seat has picked that tenant; one with a second factor owes it.
    Raises PasswordWrong.
    """
    proof, token = passwords.prove(email, password), tokens.new_token()
    with transaction():
        passwords.hold(proof, password)
        is_proved = _add(token, proof.person_id, address, agent, clock)
    if is_proved:
        _settle(tokens.hash_of(token), proof.person_id, None, address)
    return token


def begin(
    person_id: UUID,
    *,
    address: str = "",
    agent: str = "",
    tenant_id: UUID | None = None,
    clock: Clock | None = None,
) -> str:
    """Begin a session for a person whose link was right; return its token.

    It begins in the tenant named, or in the only one that they have a seat in; in none
    while the second factor is owed.
    """
    token = tokens.new_token()
    with transaction():
        is_proved = _add(token, person_id, address, agent, clock)
    if is_proved:
        _settle(tokens.hash_of(token), person_id, tenant_id, address)
    return token


def _add(token: str, person_id: UUID, address: str, agent: str, clock: Clock | None) -> bool:
    """Keep a new session, inside a transaction; tell whether no second factor is owed."""
    now = (clock or SystemClock()).now()
    is_proved = not has_factor(person_id)
    db.session.add(
        LoginSession(
            token_hash=tokens.hash_of(token),
            person_id=person_id,
            tenant_id=None,
            created_at=now,
            seen_at=now,
            expires_at=now + LONGEST,
            proved_at=now if is_proved else None,
            address=address,
            user_agent=agent[:LONGEST_AGENT],
        )
    )
    return is_proved


def _settle(session_id: bytes, person_id: UUID, tenant_id: UUID | None, address: str) -> None:
    """Enter the tenant that is meant, where that is clear."""
    seats = [seat.id for seat in people.workplaces(person_id)]
    if tenant_id in seats or len(seats) == 1:
        chosen = tenant_id if tenant_id in seats else seats[0]
        enter(session_id, person_id, chosen, address=address)


def has_factor(person_id: UUID) -> bool:
    """Tell whether a person has a second factor that is set up."""
    is_set_up = exists().where(SecondFactor.person_id == person_id, SecondFactor.is_confirmed)
    return bool(db.session.scalar(select(is_set_up)))


def proved(visit: Visit, *, address: str = "", clock: Clock | None = None) -> str:
    """Note that the person proved who they are in full just now; return the session's new token.

    The token that the browser had before is good for nothing any more. Raises NotFound
    where the session has ended.
    """
    token, now = tokens.new_token(), (clock or SystemClock()).now()
    with transaction() as session:
        changed = session.execute(
            update(LoginSession)
            .where(*_of(visit))
            .values(token_hash=tokens.hash_of(token), proved_at=now, challenge=None)
            .returning(LoginSession.person_id)
            .execution_options(synchronize_session=False)
        ).all()
    if not changed:
        raise NotFound(_("session"), visit.session_id.hex())
    if visit.tenant_id is None:
        _settle(tokens.hash_of(token), visit.person_id, None, address)
    return token


def require_fresh(visit: Visit, *, clock: Clock | None = None) -> None:
    """Raises ProofStale where the person proved who they are more than ten minutes ago."""
    now = (clock or SystemClock()).now()
    if visit.proved_at is None or visit.proved_at + FRESH <= now:
        raise ProofStale(_("Enter your password once more before you change this."))


def needs_factor_here(visit: Visit) -> bool:
    """Tell whether the tenant that the session is in asks its members for a second factor."""
    if visit.tenant_id is None:
        return False
    wanted = select(Tenant.requires_second_factor).where(Tenant.id == visit.tenant_id)
    return bool(db.session.scalar(wanted))


def keep_challenge(visit: Visit, challenge: bytes) -> None:
    """Keep what a security key is asked to sign in this session, in place of what was asked."""
    with transaction() as session:
        session.execute(update(LoginSession).where(*_of(visit)).values(challenge=challenge))


def use_challenge(visit: Visit) -> bytes | None:
    """Return what a security key was asked to sign, once; None where nothing was, or no more."""
    asked = db.session.scalar(select(LoginSession.challenge).where(*_of(visit)))
    if asked is None:
        return None
    with transaction() as session:
        used = session.execute(
            update(LoginSession)
            .where(*_of(visit), LoginSession.challenge == asked)
            .values(challenge=None)
            .returning(LoginSession.person_id)
            .execution_options(synchronize_session=False)
        ).all()
    return asked if used else None


def _of(visit: Visit) -> tuple[ColumnElement[bool], ...]:
    return (
        LoginSession.token_hash == visit.session_id,
        LoginSession.person_id == visit.person_id,
    )


def resume(token: str, *, clock: Clock | None = None) -> Visit | None:
    """Return who a cookie's token stands for; None where the session has ended."""
    found = db.session.execute(_by_token(), {"token_hash": tokens.hash_of(token)}).one_or_none()
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
        proved_at=_proved_at(session),
    )


@cache
def _by_token() -> Select[tuple[LoginSession, Person]]:
    """Build the statement once: every request sends it."""
    return (
        select(LoginSession, Person)
        .join(Person, Person.id == LoginSession.person_id)
        .where(LoginSession.token_hash == bindparam("token_hash"))
    )


def _proved_at(session: LoginSession) -> datetime | None:
    """Return when the person proved who they are; sessions of before there were factors count."""
    if session.proved_at is None and not has_factor(session.person_id):
        return session.created_at
    return session.proved_at


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
        OpenSession(
            id=row.token_hash,
            created_at=row.created_at,
            seen_at=row.seen_at,
            address=row.address,
            browser=described(row.user_agent),
        )
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


def end_others(visit: Visit) -> int:
    """End all of a person's sessions but this one; return how many."""
    with transaction() as session:
        ended = session.execute(
            delete(LoginSession)
            .where(
                LoginSession.person_id == visit.person_id,
                LoginSession.token_hash != visit.session_id,
            )
            .returning(LoginSession.person_id)
        ).all()
    return len(ended)


def end_all(person_id: UUID) -> None:
    """End all of a person's sessions."""
    with transaction() as session:
        session.execute(delete(LoginSession).where(LoginSession.person_id == person_id))


def tidy(*, clock: Clock | None = None) -> None:
    """Delete the sessions that have ended by their age or by silence."""
    now = (clock or SystemClock()).now()
    with transaction() as session:
        session.execute(
            delete(LoginSession).where(
                (LoginSession.expires_at <= now) | (LoginSession.seen_at <= now - LONGEST_IDLE)
            )
        )
