"""Security keys: a device signs what we ask it, for our own address alone (WebAuthn).

What is to be signed is kept with the session, for five minutes and for one answer.
A key's counter must rise where it has one: a copy of a key gives itself away.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import select, update
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from billhook.clock import Clock, SystemClock
from billhook.db import db, transaction
from billhook.errors import BillhookError, Conflict
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.people import SecondFactor
from billhook.plugins.runtime import runtime
from billhook.services import personal_audit, sessions
from billhook.services.second_factor.factors import (
    FactorKind,
    confirmed,
    read_name,
    refuse_more,
)
from billhook.services.sessions import Visit

T = TypeVar("T")

HOLDS = timedelta(minutes=5)
LONGEST_ANSWER = 32_000
_STAMP = 8  # bytes at the start of a challenge: when it was made, in seconds


class KeyRefused(BillhookError):
    """What a security key answered is not what was asked, or not by a key of the person's."""

    code = "access.key_refused"


def are_possible() -> bool:
    """Tell whether browsers use security keys at our address: a name, by HTTPS or on this machine."""
    url = urlsplit(runtime().config.base_url)
    host = url.hostname or ""
    return not _is_number(host) and (url.scheme == "https" or host == "localhost")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _host() -> str:
    return urlsplit(runtime().config.base_url).hostname or ""


def _origin() -> str:
    url = urlsplit(runtime().config.base_url)
    return f"{url.scheme}://{url.netloc}"


def offer_key(visit: Visit, *, clock: Clock | None = None) -> str:
    """Return, as JSON for the browser, what a new key is to sign. Raises ProofStale, Conflict."""
    sessions.require_fresh(visit, clock=clock)
    _refuse_impossible()
    refuse_more(visit.person_id)
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name="Billhook",
        user_id=visit.person_id.bytes,
        user_name=visit.email,
        user_display_name=visit.name,
        challenge=_ask(visit, clock),
        exclude_credentials=_known(visit),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.DISCOURAGED,
        ),
    )
    return webauthn.options_to_json(options)


def add_key(visit: Visit, answer: str, *, name: str, clock: Clock | None = None) -> None:
    """Let a key count that signed what it was asked; the person's other sessions end.

    Raises ProofStale, KeyRefused, Conflict for a key that is known, ValidationFailed for
    the name.
    """
    sessions.require_fresh(visit, clock=clock)
    called = read_name(name)
    now = (clock or SystemClock()).now()
    challenge = _asked(visit, now)
    key = _checked(
        lambda: webauthn.verify_registration_response(
            credential=answer[:LONGEST_ANSWER],
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
        )
    )
    with (
        personal_audit.noting(visit, "person.factor_added", kind="security_key"),
        transaction() as session,
    ):
        if session.scalar(
            select(SecondFactor.id).where(SecondFactor.credential_id == key.credential_id)
        ):
            raise Conflict(_("This key is known already. Take another one."))
        session.add(
            SecondFactor(
                id=new_id(),
                person_id=visit.person_id,
                kind=FactorKind.SECURITY_KEY.value,
                name=called,
                credential_id=key.credential_id,
                public_key=key.credential_public_key,
                uses=key.sign_count,
                is_confirmed=True,
                made_at=now,
            )
        )
        sessions.end_others(visit)


def ask_for_key(visit: Visit, *, clock: Clock | None = None) -> str:
    """Return, as JSON for the browser, what one of the person's keys is to sign."""
    _refuse_impossible()
    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        challenge=_ask(visit, clock),
        allow_credentials=_known(visit),
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    return webauthn.options_to_json(options)


def take(visit: Visit, answer: str, now: datetime) -> None:
    """Check what a key of the person's signed, for this session and once. Raises KeyRefused."""
    challenge = _asked(visit, now)
    given = _checked(lambda: parse_authentication_credential_json(answer[:LONGEST_ANSWER]))
    row = db.session.scalar(
        select(SecondFactor).where(
            SecondFactor.person_id == visit.person_id,
            SecondFactor.credential_id == base64url_to_bytes(given.id),
            SecondFactor.is_confirmed,
        )
    )
    if row is None:
        raise _refused()
    checked = _checked(
        lambda: webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=row.public_key or b"",
            credential_current_sign_count=row.uses,
        )
    )
    with transaction() as session:
        session.execute(
            update(SecondFactor)
            .where(SecondFactor.id == row.id, SecondFactor.uses <= checked.new_sign_count)
            .values(uses=checked.new_sign_count, used_at=now)
        )


def _known(visit: Visit) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=row.credential_id or b"")
        for row in confirmed(visit.person_id, FactorKind.SECURITY_KEY)
    ]


def _ask(visit: Visit, clock: Clock | None) -> bytes:
    now = (clock or SystemClock()).now()
    challenge = int(now.timestamp()).to_bytes(_STAMP, "big") + secrets.token_bytes(32)
    sessions.keep_challenge(visit, challenge)
    return challenge


def _asked(visit: Visit, now: datetime) -> bytes:
    """Return what was asked last, which cannot be answered again. Raises KeyRefused."""
    challenge = sessions.use_challenge(visit)
    if challenge is None:
        raise _refused()
    if now.timestamp() - int.from_bytes(challenge[:_STAMP], "big") > HOLDS.total_seconds():
        raise _refused()
    return challenge


def _checked(check: Callable[[], T]) -> T:
    try:
        return check()
    except (WebAuthnException, ValueError) as error:
        raise _refused() from error


def _refused() -> KeyRefused:
    return KeyRefused(
        _("The security key's answer could not be used. Try again, with a key that you set up.")
    )


def _refuse_impossible() -> None:
    if not are_possible():
        raise Conflict(
            _(
                "Browsers use security keys only at a name and with HTTPS, or at localhost. Take "
                "an authenticator app, or let the operator set BILLHOOK_BASE_URL."
            )
        )
