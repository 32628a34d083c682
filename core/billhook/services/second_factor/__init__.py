"""The second factor: what a person has, beside the password that they know.

Authenticator apps and security keys are factors; recovery codes stand in for a
factor that is lost. A session of somebody with a factor opens nothing until one
of them was given. Nothing that was given counts twice.
"""

from billhook.services.second_factor.authenticator_apps import (
    AppOffer,
    confirm_app,
    offer_app,
    offered_app,
)
from billhook.services.second_factor.factors import (
    CodeWrong,
    Factor,
    FactorKind,
    listing,
    remove,
    remove_all,
    reseal,
)
from billhook.services.second_factor.proving import prove_by_code, prove_by_key
from billhook.services.second_factor.recovery_codes import codes_left, new_codes
from billhook.services.second_factor.requiring import require_of_members
from billhook.services.second_factor.security_keys import (
    KeyRefused,
    add_key,
    are_possible,
    ask_for_key,
    offer_key,
)
from billhook.services.sessions import has_factor

__all__ = [
    "AppOffer",
    "CodeWrong",
    "Factor",
    "FactorKind",
    "KeyRefused",
    "add_key",
    "are_possible",
    "ask_for_key",
    "codes_left",
    "confirm_app",
    "has_factor",
    "listing",
    "new_codes",
    "offer_app",
    "offer_key",
    "offered_app",
    "prove_by_code",
    "prove_by_key",
    "remove",
    "remove_all",
    "require_of_members",
    "reseal",
]
