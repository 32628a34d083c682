"""A person's factors: which there are, how their secrets are sealed, how they go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, func, select

from billhook import limits
from billhook.db import db, transaction
from billhook.errors import BillhookError, Conflict, Forbidden, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.people import Member, Person, RecoveryCode, SecondFactor
from billhook.sdk.context import ActorKind, Context
from billhook.services import audit, personal_audit, sessions
from billhook.services.fields import Fields
from billhook.services.second_factor.sealing import SecretLost, opened, seal
from billhook.services.sessions import Visit, has_factor

MOST_FACTORS = 10


class FactorKind(StrEnum):
    TOTP = "totp"  # an authenticator app, RFC 6238
    SECURITY_KEY = "security_key"  # WebAuthn


class CodeWrong(BillhookError):
    """A code is not the one that the app or the list shows now, or was used already."""

    code = "access.code_wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One of a person's factors, for them to see and remove."""

    id: UUID
    kind: FactorKind
    name: str
    made_at: datetime
    used_at: datetime | None


def listing(person_id: UUID) -> list[Factor]:
    """Return a person's factors that are set up, the first one first."""
    return [
        Factor(
            id=row.id,
            kind=FactorKind(row.kind),
            name=row.name,
            made_at=row.made_at,
            used_at=row.used_at,
        )
        for row in confirmed(person_id)
    ]


def confirmed(person_id: UUID, kind: FactorKind | None = None) -> Sequence[SecondFactor]:
    """Return the rows of the factors that count."""
    query = select(SecondFactor).where(
        SecondFactor.person_id == person_id, SecondFactor.is_confirmed
    )
    if kind is not None:
        query = query.where(SecondFactor.kind == kind.value)
    return db.session.scalars(query.order_by(SecondFactor.made_at, SecondFactor.id)).all()


def remove(visit: Visit, factor_id: UUID) -> None:
    """Remove one of the person's own factors; with the last, the recovery codes go.

    Raises ProofStale, NotFound, Conflict where a company asks for a second factor.
    """
    sessions.require_fresh(visit)
    with personal_audit.noting(visit, "person.factor_removed"), transaction() as session:
        row = session.scalar(
            select(SecondFactor)
            .where(SecondFactor.id == factor_id, SecondFactor.person_id == visit.person_id)
            .with_for_update()
        )
        if row is None:
            raise NotFound(_("factor"), factor_id)
        session.delete(row)
        session.flush()
        if not has_factor(visit.person_id):
            _refuse_needed(visit)
            session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == visit.person_id))


def _refuse_needed(visit: Visit) -> None:
    """Raises Conflict while the company that the session is in asks for a factor."""
    if sessions.needs_factor_here(visit):
        raise Conflict(
            _("This company asks for a second factor. Set up another one before you remove this.")
        )


def remove_all(ctx: Context, email: str) -> int:
    """Remove every factor of somebody who lost them all and their codes; return how many.

    For the operator alone: the factors guard all of the person's tenants. Their
    sessions end. Raises Forbidden, NotFound.
    """
    if ctx.actor.kind is not ActorKind.OPERATOR:
        raise Forbidden("operator")
    with ctx.transaction() as session:
        person_id = session.scalar(
            select(Person.id)
            .join(Member, Member.person_id == Person.id)
            .where(Person.email == email.strip().lower(), Member.is_active)
        )
        if person_id is None:
            raise NotFound(_("person"), email)
        count = session.scalar(
            select(func.count())
            .select_from(SecondFactor)
            .where(SecondFactor.person_id == person_id, SecondFactor.is_confirmed)
        )
        for row in (SecondFactor, RecoveryCode):
            session.execute(delete(row).where(row.person_id == person_id))
        sessions.end_all(person_id)
        audit.record(ctx, "person.factors_removed", "person", person_id, count=count)
    return count or 0


def read_name(name: str) -> str:
    """Return how a person calls a factor. Raises ValidationFailed."""
    read = Fields()
    found = read.text("name", name, limit=limits.CODE, is_required=True)
    if read.problems:
        raise ValidationFailed(read.problems)
    return found


def refuse_more(person_id: UUID) -> None:
    """Raises Conflict where a person has as many factors as anybody may have."""
    if len(confirmed(person_id)) >= MOST_FACTORS:
        raise Conflict(_("These are enough factors. Remove one that you do not use any more."))


# What an app shares with us, sealed


def sealed_for(person_id: UUID, factor_id: UUID, secret: str) -> bytes:
    """Seal a secret for one factor of one person."""
    return seal(secret, *_owner(person_id, factor_id))


def secret_of(row: SecondFactor) -> str:
    """Return the secret of an app in clear. Raises SecretLost."""
    return opened(row.sealed, *_owner(row.person_id, row.id))


def _owner(person_id: UUID, factor_id: UUID) -> tuple[object, ...]:
    return "second_factor", person_id, factor_id


def reseal() -> tuple[int, list[tuple[UUID, SecretLost]]]:
    """Seal all apps' secrets with the first key.

    Returns how many were resealed, and whose no key opens, which stay as they are.
    """
    resealed = 0
    lost: list[tuple[UUID, SecretLost]] = []
    with transaction() as session:
        rows = session.scalars(
            select(SecondFactor).where(SecondFactor.sealed.is_not(None)).with_for_update()
        )
        for row in rows:
            try:
                row.sealed = sealed_for(row.person_id, row.id, secret_of(row))
            except SecretLost as error:
                lost.append((row.person_id, error))
                continue
            resealed += 1
    return resealed, lost
