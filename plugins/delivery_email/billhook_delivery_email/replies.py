"""What mail servers answer: codes and texts, and what a person does about them."""

import re
from dataclasses import dataclass
from datetime import timedelta

from billhook_delivery_email.texts import gettext as _

LONGEST_SHOWN = 500
SHORTEST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)

_TEMPORARY_AT_RECIPIENT = 552  # RFC 5321, 4.5.3.1.10: to be taken for 452
_WAIT = re.compile(r"\b([0-9]{1,5}) ?(second|sec|minute|min)", re.ASCII | re.IGNORECASE)
_RELAY = re.compile(r"relay|not permitted|5\.7\.1", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a server."""

    code: int
    text: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.code < 400

    @property
    def is_temporary(self) -> bool:
        return 400 <= self.code < 500

    @property
    def is_temporary_at_recipient(self) -> bool:
        return self.is_temporary or self.code == _TEMPORARY_AT_RECIPIENT

    @property
    def wait(self) -> timedelta | None:
        """How long to wait, where the server says so: greylisting often does."""
        found = _WAIT.search(self.text)
        if found is None:
            return None
        unit = "seconds" if found[2].casefold().startswith("s") else "minutes"
        return min(max(timedelta(**{unit: int(found[1])}), SHORTEST_WAIT), LONGEST_WAIT)

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()


def reply(answer: tuple[int, bytes]) -> Reply:
    """Read what smtplib returns."""
    code, text = answer
    shown = " ".join(text.decode("utf-8", "replace").split())
    return Reply(code, "".join(c for c in shown if c.isprintable())[:LONGEST_SHOWN])


def log_in_advice(found: Reply) -> str:
    if found.code == 530:
        return _("The server wants encryption first. Set security to starttls or tls.")
    if found.is_temporary:
        return _("The server cannot check passwords now. It is tried again.")
    return _(
        "The server refused user and password. Set both: billhook plugin settings "
        "delivery_email user=… password=… Some providers want a password made for programs."
    )


def sender_advice(found: Reply) -> str:
    if found.code == 530:
        return _("The server wants a log-in. Set user and password.")
    return _(
        "The server does not take mail from this sender. Give the brand, or from_email, an "
        "address that this server may send for."
    )


def recipient_advice(found: Reply) -> str:
    if found.is_temporary_at_recipient:
        return _("The server puts this recipient off. It is tried again.")
    if _RELAY.search(found.text):
        return _(
            "The server does not pass mail on for us, or blocks us. Set user and password, or "
            "let its administrator allow this machine."
        )
    return _("The server does not know this recipient. Check the address.")


def content_advice(found: Reply) -> str:
    if found.is_temporary:
        return _("The server cannot take the mail now. It is tried again.")
    return _(
        "The server refused the mail itself: it may be too large, or look like spam. Its answer, "
        "or its administrator, can tell."
    )
