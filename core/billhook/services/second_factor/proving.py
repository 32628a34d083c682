"""Giving the second factor: a session that did gets a new token, and from then on opens all."""

from billhook.clock import Clock, SystemClock
from billhook.services import personal_audit, sessions
from billhook.services.second_factor import authenticator_apps, recovery_codes, security_keys
from billhook.services.sessions import Visit


def prove_by_code(visit: Visit, code: str, *, clock: Clock | None = None) -> str:
    """Take a code of an app, or a recovery code; return the session's new token.

    The token that it had is good for nothing any more. Raises CodeWrong.
    """
    now = (clock or SystemClock()).now()
    if authenticator_apps.take(visit.person_id, code, now):
        return sessions.proved(visit, clock=clock)
    if not recovery_codes.take(visit.person_id, code, now):
        raise authenticator_apps.code_wrong()
    personal_audit.note(visit, "person.recovery_code_used")
    return sessions.proved(visit, clock=clock)


def prove_by_key(visit: Visit, answer: str, *, clock: Clock | None = None) -> str:
    """Take what a security key signed; return the session's new token. Raises KeyRefused."""
    security_keys.take(visit, answer, (clock or SystemClock()).now())
    return sessions.proved(visit, clock=clock)
