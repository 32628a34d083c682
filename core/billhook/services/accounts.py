"""What people say and change about themselves: name, language, password."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update

from billhook import limits
from billhook.clock import SystemClock
from billhook.db import db, transaction
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.people import Credential, Person
from billhook.services import passwords, personal_audit, second_factor, sessions
from billhook.services.fields import Fields
from billhook.services.sessions import Visit

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
}
"""The languages that pages speak, each by its own name."""


def change_profile(visit: Visit, *, name: str, language: str) -> None:
    """Change how somebody is called and in which language pages speak to them.

    Raises ValidationFailed.
    """
    read = Fields()
    called = read.text("name", name, limit=limits.NAME, is_required=True)
    if language not in LANGUAGES:
        read.refuse("language", "input.unknown_choice", _("Choose one of the languages."))
    if read.problems:
        raise ValidationFailed(read.problems)
    with personal_audit.noting(visit, "person.profile_changed"), transaction() as session:
        session.execute(
            update(Person)
            .where(Person.id == visit.person_id)
            .values(name=called, language=language)
        )


def change_password(visit: Visit, password: str) -> None:
    """Set another password; the person's other sessions end.

    Raises ProofStale, ValidationFailed.
    """
    sessions.require_fresh(visit)
    problems = passwords.problems(password, email=visit.email)
    if problems:
        raise ValidationFailed(problems)
    stored, now = passwords.hash_of(password), SystemClock().now()
    with personal_audit.noting(visit, "person.password_set"), transaction() as session:
        session.execute(
            update(Credential)
            .where(Credential.person_id == visit.person_id)
            .values(password_hash=stored, changed_at=now)
        )
        sessions.end_others(visit)


def prove_again(visit: Visit, password: str, *, code: str = "", answer: str = "") -> str:
    """Take the password, and the second factor of who has one; return the session's new token.

    Raises PasswordWrong, CodeWrong, KeyRefused.
    """
    passwords.prove(visit.email, password)
    if not second_factor.has_factor(visit.person_id):
        return sessions.proved(visit)
    if answer:
        return second_factor.prove_by_key(visit, answer)
    return second_factor.prove_by_code(visit, code)


def password_changed_at(visit: Visit) -> datetime | None:
    """Return when the password was last set."""
    return db.session.scalar(
        select(Credential.changed_at).where(Credential.person_id == visit.person_id)
    )
