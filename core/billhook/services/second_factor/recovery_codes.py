"""Recovery codes: ten, each for once, shown when they are made and never again.

A code has 140 random bits, of which the database knows the SHA-256 alone.
"""

import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func, select, update

from billhook.db import db, transaction
from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.models.people import RecoveryCode
from billhook.services import personal_audit, sessions
from billhook.services.sessions import Visit, has_factor

COUNT = 10
GROUPS, GROUP = 7, 4
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's: 32 signs, none of which is taken for another."""

_READ_AS = str.maketrans("oil", "011", " -–\t\r\n")


def new_codes(visit: Visit) -> list[str]:
    """Make ten codes, which end those made before; this is the only time that they are shown.

    Raises ProofStale, Conflict where the person has no factor that they could stand in for.
    """
    sessions.require_fresh(visit)
    codes = [new_code() for _number in range(COUNT)]
    with personal_audit.noting(visit, "person.recovery_codes_made"), transaction() as session:
        if not has_factor(visit.person_id):
            raise Conflict(_("Set up an authenticator app or a security key first."))
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == visit.person_id))
        session.add_all(
            RecoveryCode(code_hash=hash_of(code), person_id=visit.person_id) for code in codes
        )
    return codes


def new_code() -> str:
    """Return a code as people read it: seven groups of four signs."""
    signs = [secrets.choice(ALPHABET) for _sign in range(GROUPS * GROUP)]
    return "-".join("".join(signs[i : i + GROUP]) for i in range(0, len(signs), GROUP))


def codes_left(person_id: UUID) -> int:
    """Return how many of a person's codes were not used yet."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def take(person_id: UUID, code: str, now: datetime) -> bool:
    """Use a code, however it is written: once, whoever tries at the same time."""
    with transaction() as session:
        taken = session.execute(
            update(RecoveryCode)
            .where(
                RecoveryCode.code_hash == hash_of(code),
                RecoveryCode.person_id == person_id,
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=now)
            .returning(RecoveryCode.person_id)
            .execution_options(synchronize_session=False)
        ).all()
    return bool(taken)


def hash_of(code: str) -> bytes:
    """Return what is stored of a code: as a person may write it, in capitals or with spaces."""
    return sha256(code[:100].strip().lower().translate(_READ_AS).encode()).digest()
