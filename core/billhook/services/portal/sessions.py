"""Sessions at the portal: a row per browser, found by the hash of its token inside the tenant.

A client's session ends twelve hours after log-in, or when nothing came for two hours.
A look by a member of the company ends after half an hour. Whether the contact may
still enter, and the member still look, is asked at each request.

Where the contact has a second factor, the password alone begins a session that owes
it. What changes how a contact proves who they are asks for a proof that is younger
than ten minutes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, delete, select, update

from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.clients import ClientSession
from billhook.sdk.context import Context
from billhook.services import tokens
from billhook.services.browsers import described
from billhook.services.portal import clients, viewers
from billhook.services.portal.clients import Client
from billhook.services.sessions import FRESH, ProofStale

LONGEST = timedelta(hours=12)
LONGEST_IDLE = timedelta(hours=2)
LONGEST_LOOK = timedelta(minutes=30)
SEEN_EVERY = timedelta(minutes=5)
LONGEST_AGENT = 500


def begin(
    ctx: Context,
    customer_id: UUID,
    *,
    contact_id: UUID | None = None,
    viewer_id: UUID | None = None,
    is_proved: bool = True,
    agent: str = "",
    clock: Clock | None = None,
) -> str:
    """Begin a contact's session, or a member's look; return its token for the browser's cookie."""
    now = (clock or SystemClock()).now()
    token = tokens.new_token()
    with ctx.transaction() as session:
        session.add(
            ClientSession(
                tenant_id=ctx.tenant.id,
                token_hash=tokens.hash_of(token),
                customer_id=customer_id,
                contact_id=contact_id,
                viewer_id=viewer_id,
                created_at=now,
                seen_at=now,
                expires_at=now + (LONGEST_LOOK if viewer_id else LONGEST),
                proved_at=now if is_proved else None,
                address=ctx.actor.address,
                user_agent=agent[:LONGEST_AGENT],
            )
        )
    return token


def resume(ctx: Context, token: str, *, clock: Clock | None = None) -> Client | None:
    """Return who a cookie's token stands for in the tenant; None where the session has ended."""
    row = db.session.scalar(_by_token(), {"token_hash": tokens.hash_of(token)})
    now = (clock or SystemClock()).now()
    if row is None or row.expires_at <= now or row.seen_at + LONGEST_IDLE <= now:
        return None
    found = _client(ctx, row)
    client = found and replace(found, agent=row.user_agent)
    if client is not None and row.seen_at + SEEN_EVERY <= now:
        with ctx.transaction() as session:
            session.execute(
                update(ClientSession)
                .where(ClientSession.token_hash == row.token_hash)
                .values(seen_at=now)
            )
    return client


def _client(ctx: Context, row: ClientSession) -> Client | None:
    if row.contact_id is not None:
        return clients.of_contact(
            ctx,
            row.contact_id,
            session_id=row.token_hash,
            owes_factor=row.proved_at is None,
        )
    assert row.viewer_id is not None
    if not viewers.may_look(ctx, row.customer_id, row.viewer_id):
        return None
    return clients.looked_at(ctx, row.customer_id, row.viewer_id, session_id=row.token_hash)


@cache
def _by_token() -> Select[tuple[ClientSession]]:
    """Build the statement once: every request sends it."""
    return select(ClientSession).where(ClientSession.token_hash == bindparam("token_hash"))


def proved(client: Client, *, clock: Clock | None = None) -> str:
    """Note that the contact proved who they are in full just now; return the session's new token.

    The token that the browser had before is good for nothing any more. Raises NotFound
    where the session has ended.
    """
    token, now = tokens.new_token(), (clock or SystemClock()).now()
    with client.ctx.transaction() as session:
        changed = session.execute(
            update(ClientSession)
            .where(*_of(client))
            .values(token_hash=tokens.hash_of(token), proved_at=now)
            .returning(ClientSession.contact_id)
            .execution_options(synchronize_session=False)
        ).all()
    if not changed:
        raise NotFound(_("session"), client.session_id.hex())
    return token


def require_fresh(client: Client, *, clock: Clock | None = None) -> None:
    """Raises ProofStale where the contact proved who they are more than ten minutes ago."""
    now = (clock or SystemClock()).now()
    proved_at = db.session.scalar(select(ClientSession.proved_at).where(*_of(client)))
    if proved_at is None or proved_at + FRESH <= now:
        raise ProofStale(_("Enter your password once more before you change this."))


def _of(client: Client) -> tuple[ColumnElement[bool], ...]:
    return (
        ClientSession.token_hash == client.session_id,
        ClientSession.contact_id == client.contact_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One of a contact's sessions, for them to see and end."""

    key: str
    """Names it on the page: the hash of its token, in hexadecimal digits."""
    created_at: datetime
    seen_at: datetime
    address: str
    browser: str
    """Such as “Firefox on Linux”; empty where it did not say."""
    is_this: bool


def listing(client: Client, *, clock: Clock | None = None) -> list[OpenSession]:
    """Return the contact's sessions that have not ended, the latest first."""
    client.require(clients.WRITE)
    now = (clock or SystemClock()).now()
    rows = db.session.scalars(
        select(ClientSession)
        .where(
            ClientSession.contact_id == client.contact_id,
            ClientSession.expires_at > now,
            ClientSession.seen_at > now - LONGEST_IDLE,
        )
        .order_by(ClientSession.seen_at.desc())
    )
    return [
        OpenSession(
            key=row.token_hash.hex(),
            created_at=row.created_at,
            seen_at=row.seen_at,
            address=row.address,
            browser=described(row.user_agent),
            is_this=row.token_hash == client.session_id,
        )
        for row in rows
    ]


def end(client: Client, key: str) -> None:
    """End one of the contact's own sessions, by its key in the listing. Raises NotFound."""
    client.require(clients.WRITE)
    try:
        session_id = bytes.fromhex(key)
    except ValueError:
        raise NotFound(_("session"), key) from None
    with client.ctx.transaction() as session:
        ended = session.execute(
            delete(ClientSession)
            .where(
                ClientSession.token_hash == session_id,
                ClientSession.contact_id == client.contact_id,
            )
            .returning(ClientSession.contact_id)
            .execution_options(synchronize_session=False)
        ).all()
    if not ended:
        raise NotFound(_("session"), key)


def end_others(client: Client) -> None:
    """End all of the contact's sessions but this one."""
    client.require(clients.WRITE)
    with client.ctx.transaction() as session:
        session.execute(
            delete(ClientSession)
            .where(
                ClientSession.contact_id == client.contact_id,
                ClientSession.token_hash != client.session_id,
            )
            .execution_options(synchronize_session=False)
        )


def log_out(ctx: Context, token: str) -> None:
    """End the session of a token; nothing happens where it has ended."""
    with ctx.transaction() as session:
        session.execute(
            delete(ClientSession).where(ClientSession.token_hash == tokens.hash_of(token))
        )


def end_all(ctx: Context, contact_id: UUID) -> None:
    """End all of a contact's sessions, inside a transaction."""
    db.session.execute(delete(ClientSession).where(ClientSession.contact_id == contact_id))


def tidy(ctx: Context, *, clock: Clock | None = None) -> None:
    """Delete the sessions that have ended by their age or by silence."""
    now = (clock or SystemClock()).now()
    with ctx.transaction() as session:
        session.execute(
            delete(ClientSession)
            .where(
                (ClientSession.expires_at <= now) | (ClientSession.seen_at <= now - LONGEST_IDLE)
            )
            .execution_options(synchronize_session=False)
        )
