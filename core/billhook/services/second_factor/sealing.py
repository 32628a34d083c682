"""What an authenticator app shares with us, sealed for one owner: copied elsewhere it does not open."""

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from billhook.errors import BillhookError
from billhook.i18n import gettext as _
from billhook.plugins.runtime import runtime


class SecretLost(BillhookError):
    """None of the installation's keys opens the secret of an authenticator app."""

    code = "secret.unreadable"


def seal(secret: str, *owner: object) -> bytes:
    """Seal a secret for whom the values name: a kind, a person, a factor."""
    content = orjson.dumps([*map(str, owner), secret])
    return _fernet().encrypt(content)


def opened(sealed: bytes | None, *owner: object) -> str:
    """Return a secret in clear, where it was sealed for this owner. Raises SecretLost."""
    try:
        content = orjson.loads(_fernet().decrypt(sealed or b""))
    except InvalidToken:
        content = []
    if content[:-1] != [str(one) for one in owner]:
        raise SecretLost(
            _(
                "The secret of an authenticator app cannot be opened with the keys of this "
                "installation. The operator adds the lost key to BILLHOOK_SECRET_KEYS."
            )
        )
    return str(content[-1])


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in runtime().config.secret_keys])
