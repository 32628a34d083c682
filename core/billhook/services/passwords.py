"""Passwords: which ones do, and their Argon2id hashes."""

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from billhook import limits
from billhook.db import db, transaction
from billhook.errors import BillhookError
from billhook.i18n import gettext as _
from billhook.models.people import Credential, Person
from billhook.problems import Problem

SHORTEST = 12
LONGEST = 256
FEWEST_DISTINCT = 5

_hasher = PasswordHasher()
_NOBODYS = _hasher.hash("the password of nobody")


class PasswordWrong(BillhookError):
    """Address and password do not belong together; which of them is wrong is not said."""

    code = "access.refused"


@dataclass(frozen=True, slots=True)
class Proof:
    """Whose password was right, and the hash that it was right for."""

    person_id: UUID
    stored: str


def problems(password: str, *, email: str) -> list[Problem]:
    """Tell what is wrong with a new password; its length is what makes it hard to guess."""
    text = _normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        return [
            _problem(
                "person.password_length",
                _(
                    "Take at least %(shortest)s characters, such as four words, and at most "
                    "%(longest)s.",
                    shortest=SHORTEST,
                    longest=LONGEST,
                ),
            )
        ]
    if len(set(text)) < FEWEST_DISTINCT or text.lower() in (email, email.partition("@")[0]):
        return [
            _problem(
                "person.password_guessable",
                _("This is too easy to guess. Take four words that do not belong together."),
            )
        ]
    return []


def _problem(code: str, message: str) -> Problem:
    return Problem(code=code, path="password", message=message)


def hash_of(password: str) -> str:
    """Return what is stored of a password. Slow on purpose: call it outside transactions."""
    return _hasher.hash(_normal(password))


def prove(email: str, password: str) -> Proof:
    """Find the person whose address and password these are.

    An unknown address takes as long as a wrong password. Raises PasswordWrong.
    """
    row = db.session.execute(
        select(Person.id, Credential.password_hash)
        .join(Credential, Credential.person_id == Person.id)
        .where(Person.email == email.strip().lower()[: limits.EMAIL])
    ).one_or_none()
    text = check(password, row.password_hash if row else None)
    assert row is not None
    stronger = stronger_hash(text, row.password_hash)
    if stronger is not None:
        _renew(row.id, row.password_hash, stronger)
    return Proof(row.id, stronger or row.password_hash)


def hold(proof: Proof, password: str) -> None:
    """Lock a person's password, inside a transaction, so that it is changed before or after it.

    Raises PasswordWrong where it was changed since it was right. Where only its hash was,
    by a log-in at the same moment, it is right still.
    """
    held = db.session.scalar(
        select(Credential.password_hash)
        .where(Credential.person_id == proof.person_id)
        .with_for_update()
    )
    if held != proof.stored:
        check(password, held)


def check(password: str, stored: str | None) -> str:
    """Return the password as it is hashed, where it is the one whose hash is stored.

    None is nobody's, and takes as long as a wrong password. Raises PasswordWrong.
    """
    text = _normal(password) if len(password) <= LONGEST else ""
    if not _fits(text, stored or _NOBODYS) or stored is None:
        raise PasswordWrong(_("E-mail address and password do not belong together. Try again."))
    return text


def stronger_hash(text: str, stored: str) -> str | None:
    """Return a hash made with today's settings of what `check` returned, where the stored is weaker."""
    return _hasher.hash(text) if _hasher.check_needs_rehash(stored) else None


def _fits(text: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, text)
    except (VerificationError, InvalidHashError):
        return False


def _renew(person_id: UUID, old: str, new: str) -> None:
    """Store a hash made with today's settings in place of a weaker one."""
    with transaction() as session:
        session.execute(
            update(Credential)
            .where(Credential.person_id == person_id, Credential.password_hash == old)
            .values(password_hash=new)
        )


def _normal(password: str) -> str:
    """Make texts equal that look alike, whatever keyboard they were typed on."""
    return unicodedata.normalize("NFKC", password)
