"""A contact's second factor: an authenticator app, and codes that stand in for a lost one.

The same codes as people's (RFC 6238), sealed for one contact of one tenant. Nothing that
was given counts twice.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import Select, delete, func, select, update

from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.clients import ClientFactor, ClientRecoveryCode
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.portal import clients, credentials, security_letters, sessions
from billhook.services.portal.clients import Client
from billhook.services.second_factor.authenticator_apps import (
    AppOffer,
    code_wrong,
    offer_of,
    step_of,
)
from billhook.services.second_factor.recovery_codes import COUNT, hash_of, new_code
from billhook.services.second_factor.sealing import SecretLost, opened, seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A contact's app, for them to see and remove."""

    made_at: datetime
    used_at: datetime | None
    codes_left: int


def has_factor(contact_id: UUID) -> bool:
    """Tell whether a contact has a second factor that is set up."""
    found = select(ClientFactor.id).where(
        ClientFactor.contact_id == contact_id, ClientFactor.is_confirmed
    )
    return db.session.scalar(found) is not None


def get(client: Client) -> Factor | None:
    """Return the contact's second factor; None where they have none."""
    client.require(clients.WRITE)
    row = db.session.scalar(_row(client, is_confirmed=True))
    if row is None:
        return None
    left = select(func.count()).select_from(ClientRecoveryCode)
    count = db.session.scalar(
        left.where(
            ClientRecoveryCode.contact_id == client.contact_id,
            ClientRecoveryCode.used_at.is_(None),
        )
    )
    return Factor(made_at=row.made_at, used_at=row.used_at, codes_left=count or 0)


def offer(client: Client, *, clock: Clock | None = None) -> AppOffer:
    """Make a secret for an app, in place of one that was never confirmed.

    Raises ProofStale, Conflict where the contact has an app.
    """
    client.require(clients.WRITE)
    sessions.require_fresh(client, clock=clock)
    secret, factor_id = pyotp.random_base32(), new_id()
    assert client.contact_id is not None
    with client.ctx.transaction() as session:
        credentials.hold(client.contact_id)
        if has_factor(client.contact_id):
            raise Conflict(_("You have an authenticator app. Remove it before you add another."))
        _delete(client)
        session.add(
            ClientFactor(
                tenant_id=client.ctx.tenant.id,
                id=factor_id,
                contact_id=client.contact_id,
                sealed=seal(secret, *_owner(client.ctx, client.contact_id, factor_id)),
                uses=0,
                is_confirmed=False,
                made_at=(clock or SystemClock()).now(),
            )
        )
    return _offer(client, factor_id, secret)


def offered(client: Client) -> AppOffer:
    """Return the offer that waits for its first code. Raises NotFound."""
    row = _waiting(client)
    return _offer(client, row.id, _secret(client.ctx, row))


def confirm(client: Client, code: str, *, clock: Clock | None = None) -> list[str]:
    """Let the app count, whose first code this is; the contact's other sessions end.

    Returns recovery codes, which are shown this once. Raises ProofStale, NotFound, CodeWrong.
    """
    client.require(clients.WRITE)
    sessions.require_fresh(client, clock=clock)
    now = (clock or SystemClock()).now()
    codes = [new_code() for _number in range(COUNT)]
    assert client.contact_id is not None
    with client.ctx.transaction() as session:
        credentials.hold(client.contact_id)
        row = _waiting(client)
        step = step_of(_secret(client.ctx, row), code, now)
        if step is None:
            raise code_wrong()
        row.is_confirmed, row.uses, row.used_at = True, step, now
        session.flush()
        _replace_codes(client, codes)
        sessions.end_others(client)
        audit.record(client.ctx, "client.factor_added", "contact", client.contact_id)
        security_letters.factor_added(client)
    return codes


def new_codes(client: Client, *, clock: Clock | None = None) -> list[str]:
    """Make ten recovery codes, which end those made before; they are shown this once.

    Raises ProofStale, Conflict where the contact has no app that they could stand in for.
    """
    client.require(clients.WRITE)
    sessions.require_fresh(client, clock=clock)
    codes = [new_code() for _number in range(COUNT)]
    assert client.contact_id is not None
    with client.ctx.transaction():
        credentials.hold(client.contact_id)
        if not has_factor(client.contact_id):
            raise Conflict(_("Set up an authenticator app first."))
        _replace_codes(client, codes)
        audit.record(client.ctx, "client.recovery_codes_made", "contact", client.contact_id)
    return codes


def prove(client: Client, code: str, *, clock: Clock | None = None) -> str:
    """Take a code of the app, or a recovery code; return the session's new token.

    The token that it had is good for nothing any more. Raises CodeWrong.
    """
    now = (clock or SystemClock()).now()
    if _take_step(client, code, now):
        return sessions.proved(client, clock=clock)
    with client.ctx.transaction():
        if not _take_recovery_code(client, code, now):
            raise code_wrong()
        audit.record(client.ctx, "client.recovery_code_used", "contact", client.contact_id)
    return sessions.proved(client, clock=clock)


def remove(client: Client, *, clock: Clock | None = None) -> None:
    """Remove the contact's own app, and its recovery codes. Raises ProofStale, NotFound."""
    client.require(clients.WRITE)
    sessions.require_fresh(client, clock=clock)
    assert client.contact_id is not None
    with client.ctx.transaction():
        credentials.hold(client.contact_id)
        if not has_factor(client.contact_id):
            raise NotFound(_("authenticator app"), "")
        _delete(client)
        audit.record(client.ctx, "client.factor_removed", "contact", client.contact_id)
        security_letters.factor_removed(client)


def take_away(ctx: Context, contact_id: UUID) -> bool:
    """Remove the factor of a contact who lost it, with all sessions; tell whether there was one.

    Inside a transaction; the caller has checked that the actor may.
    """
    is_there = has_factor(contact_id)
    for row in (ClientFactor, ClientRecoveryCode):
        db.session.execute(
            delete(row)
            .where(row.contact_id == contact_id)
            .execution_options(synchronize_session=False)
        )
    sessions.end_all(ctx, contact_id)
    return is_there


def reseal(ctx: Context) -> tuple[int, list[SecretLost]]:
    """Seal the apps' secrets of the tenant with the first key, inside a transaction.

    Returns how many were resealed, and what no key opens, which stays as it is.
    """
    resealed, lost = 0, []
    for row in db.session.scalars(select(ClientFactor).with_for_update()):
        try:
            secret = _secret(ctx, row)
        except SecretLost as error:
            lost.append(error)
            continue
        row.sealed = seal(secret, *_owner(ctx, row.contact_id, row.id))
        resealed += 1
    db.session.flush()
    return resealed, lost


def _owner(ctx: Context, contact_id: UUID, factor_id: UUID) -> tuple[object, ...]:
    return "client_factor", ctx.tenant.id, contact_id, factor_id


def _secret(ctx: Context, row: ClientFactor) -> str:
    return opened(row.sealed, *_owner(ctx, row.contact_id, row.id))


def _offer(client: Client, factor_id: UUID, secret: str) -> AppOffer:
    company = client.ctx.tenant.party.name
    return offer_of(factor_id, secret, email=client.email, issuer=company)


def _row(client: Client, *, is_confirmed: bool) -> Select[tuple[ClientFactor]]:
    return select(ClientFactor).where(
        ClientFactor.contact_id == client.contact_id, ClientFactor.is_confirmed == is_confirmed
    )


def _waiting(client: Client) -> ClientFactor:
    client.require(clients.WRITE)
    row = db.session.scalar(_row(client, is_confirmed=False))
    if row is None:
        raise NotFound(_("authenticator app"), "")
    return row


def _delete(client: Client) -> None:
    for row in (ClientFactor, ClientRecoveryCode):
        db.session.execute(
            delete(row)
            .where(row.contact_id == client.contact_id)
            .execution_options(synchronize_session=False)
        )


def _replace_codes(client: Client, codes: list[str]) -> None:
    db.session.execute(
        delete(ClientRecoveryCode)
        .where(ClientRecoveryCode.contact_id == client.contact_id)
        .execution_options(synchronize_session=False)
    )
    assert client.contact_id is not None
    db.session.add_all(
        ClientRecoveryCode(
            tenant_id=client.ctx.tenant.id, code_hash=hash_of(code), contact_id=client.contact_id
        )
        for code in codes
    )
    db.session.flush()


def _take_step(client: Client, code: str, now: datetime) -> bool:
    """Use a code of the app: once, whoever tries at the same time."""
    row = db.session.scalar(_row(client, is_confirmed=True))
    step = step_of(_secret(client.ctx, row), code, now) if row else None
    if step is None:
        return False
    with client.ctx.transaction() as session:
        taken = session.execute(
            update(ClientFactor)
            .where(ClientFactor.contact_id == client.contact_id, ClientFactor.uses < step)
            .values(uses=step, used_at=now)
            .returning(ClientFactor.id)
            .execution_options(synchronize_session=False)
        ).all()
    return bool(taken)


def _take_recovery_code(client: Client, code: str, now: datetime) -> bool:
    taken = db.session.execute(
        update(ClientRecoveryCode)
        .where(
            ClientRecoveryCode.code_hash == hash_of(code),
            ClientRecoveryCode.contact_id == client.contact_id,
            ClientRecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(ClientRecoveryCode.contact_id)
        .execution_options(synchronize_session=False)
    ).all()
    return bool(taken)
