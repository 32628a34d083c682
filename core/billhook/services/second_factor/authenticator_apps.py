"""Authenticator apps: codes of six digits that change every 30 seconds (RFC 6238).

A code holds for its own step and the one before and after, for clocks that
differ. The last step that was taken is kept: it and all before it count no more.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import delete, select, update

from billhook.clock import Clock, SystemClock
from billhook.db import db, transaction
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.people import SecondFactor
from billhook.services import personal_audit, sessions
from billhook.services.second_factor.factors import (
    CodeWrong,
    FactorKind,
    confirmed,
    read_name,
    refuse_more,
    sealed_for,
    secret_of,
)
from billhook.services.sessions import Visit

ISSUER = "Billhook"
STEP = 30  # seconds
DRIFT = 1  # steps
DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class AppOffer:
    """What an app needs to know; it counts once a code of it was entered."""

    factor_id: UUID
    secret: str
    address: str
    """``otpauth://``: what the QR code says."""


def offer_app(visit: Visit, *, clock: Clock | None = None) -> AppOffer:
    """Make a secret for an app, in place of one that was never confirmed.

    Raises ProofStale, Conflict.
    """
    sessions.require_fresh(visit, clock=clock)
    refuse_more(visit.person_id)
    secret, factor_id = pyotp.random_base32(), new_id()
    with transaction() as session:
        session.execute(
            delete(SecondFactor).where(
                SecondFactor.person_id == visit.person_id,
                SecondFactor.kind == FactorKind.TOTP.value,
                ~SecondFactor.is_confirmed,
            )
        )
        session.add(
            SecondFactor(
                id=factor_id,
                person_id=visit.person_id,
                kind=FactorKind.TOTP.value,
                name=_("Authenticator app"),
                sealed=sealed_for(visit.person_id, factor_id, secret),
                uses=0,
                is_confirmed=False,
                made_at=(clock or SystemClock()).now(),
            )
        )
    return _offer(visit, factor_id, secret)


def offered_app(visit: Visit, factor_id: UUID) -> AppOffer:
    """Return an offer that waits for its first code. Raises NotFound."""
    return _offer(visit, factor_id, secret_of(_waiting(visit, factor_id)))


def _offer(visit: Visit, factor_id: UUID, secret: str) -> AppOffer:
    return offer_of(factor_id, secret, email=visit.email, issuer=ISSUER)


def offer_of(factor_id: UUID, secret: str, *, email: str, issuer: str) -> AppOffer:
    """Return what an app needs to know to show codes for an account."""
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)
    return AppOffer(factor_id=factor_id, secret=secret, address=address)


def _waiting(visit: Visit, factor_id: UUID) -> SecondFactor:
    row = db.session.scalar(
        select(SecondFactor).where(
            SecondFactor.id == factor_id,
            SecondFactor.person_id == visit.person_id,
            SecondFactor.kind == FactorKind.TOTP.value,
            ~SecondFactor.is_confirmed,
        )
    )
    if row is None:
        raise NotFound(_("authenticator app"), factor_id)
    return row


def confirm_app(
    visit: Visit, factor_id: UUID, code: str, *, name: str, clock: Clock | None = None
) -> None:
    """Let an app count, whose first code this is; the person's other sessions end.

    Raises ProofStale, NotFound, CodeWrong, ValidationFailed for the name.
    """
    sessions.require_fresh(visit, clock=clock)
    called = read_name(name)
    now = (clock or SystemClock()).now()
    row = _waiting(visit, factor_id)
    step = step_of(secret_of(row), code, now)
    if step is None:
        raise code_wrong()
    with personal_audit.noting(visit, "person.factor_added", kind="totp"), transaction() as s:
        s.execute(
            update(SecondFactor)
            .where(SecondFactor.id == factor_id)
            .values(is_confirmed=True, uses=step, name=called, used_at=now)
        )
        sessions.end_others(visit)


def take(person_id: UUID, code: str, now: datetime) -> bool:
    """Use a code of one of a person's apps: once, whoever tries at the same time."""
    for row in confirmed(person_id, FactorKind.TOTP):
        step = step_of(secret_of(row), code, now)
        if step is not None and _advance(row.id, step, now):
            return True
    return False


def _advance(factor_id: UUID, step: int, now: datetime) -> bool:
    with transaction() as session:
        taken = session.execute(
            update(SecondFactor)
            .where(SecondFactor.id == factor_id, SecondFactor.uses < step)
            .values(uses=step, used_at=now)
            .returning(SecondFactor.id)
            .execution_options(synchronize_session=False)
        ).all()
    return bool(taken)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step that a code is of, within the drift; None for any other text."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    app = pyotp.HOTP(secret, digits=DIGITS)
    present = int(now.timestamp()) // STEP
    fitting = (
        step
        for step in range(present - DRIFT, present + DRIFT + 1)
        if hmac.compare_digest(app.at(step), digits)
    )
    return next(fitting, None)


def code_wrong() -> CodeWrong:
    """Return what is raised for any code that is not to be taken."""
    return CodeWrong(
        _(
            "This code is not right, or was used already. Wait for the next one in your app, and "
            "check that the clock of your phone is right."
        )
    )
