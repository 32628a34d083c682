"""Mails that came back, read: RFC 3464, and what servers wrote before and beside it.

A bounce is matched by our delivery's id: it is the envelope's id, which servers
that know RFC 3461 return, and the first half of the Message-ID, which stands in
the headers that come back. What names neither is none of ours.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from uuid import UUID

_ID = r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_ENVELOPE_ID = re.compile(_ID, re.IGNORECASE)
_MESSAGE_ID = re.compile(rf"^message-id:\s*<{_ID}@", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[^\s<>,;@]{1,64}@[^\s<>,;@]{1,255}")  # RFC 5321, 4.5.3.1
_QMAIL = re.compile(r"^<([^<>\s]+@[^<>\s]+)>:\n(.+?)(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)
_QMAIL_OPENING = "Hi. This is the"
_DAEMONS = re.compile(r"mailer-daemon|postmaster|mail delivery|qmail", re.IGNORECASE)
_FAILED = "failed"
_LONGEST_REASON = 500
_READ = 64 * 1024  # of a part that is searched for headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """One recipient whom a delivery did not reach."""

    delivery_id: UUID
    address: str
    """Empty where the bounce does not say whose."""
    reason: str


def bounces(content: bytes) -> list[Bounce]:
    """Return whom a mail says that it did not reach; none for a mail that is no bounce."""
    try:
        mail = message_from_bytes(content, policy=policy.compat32)
        found = list(_reported(mail)) or list(_told(mail))
    except RecursionError:
        return []  # parts in parts, hundreds deep: no server reports like that
    if not found:
        return []
    delivery_id = _delivery_id(mail)
    if delivery_id is None:
        return []
    return [
        Bounce(delivery_id=delivery_id, address=address, reason=_one_line(reason))
        for address, reason in dict(found).items()
    ]


def _reported(mail: Message) -> Iterator[tuple[str, str]]:
    """Read the groups of a delivery report: one for the mail, then one for each recipient."""
    for part in _parts(mail, "message/delivery-status", "message/global-delivery-status"):
        for group in _groups(part):
            if str(group.get("Action", "")).strip().casefold() == _FAILED:
                yield _whose(group), _why(group)


def _groups(part: Message) -> list[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        return [group for group in payload if isinstance(group, Message)]
    return []


def _whose(group: Message) -> str:
    """Return the address that we wrote to, else the one where it ended up."""
    for name in ("Original-Recipient", "Final-Recipient"):
        text = str(group.get(name, "")).rpartition(";")[2]
        if found := _ADDRESS.search(_from_xtext(text)):
            return found[0].strip("<>")
    return ""


def _why(group: Message) -> str:
    diagnosis = str(group.get("Diagnostic-Code", "")).partition(";")
    return diagnosis[2] or diagnosis[0] or str(group.get("Status", ""))


def _told(mail: Message) -> Iterator[tuple[str, str]]:
    """Read what servers write that know no reports: Exim's header, qmail's text."""
    if not _DAEMONS.search(str(mail.get("From", ""))):
        return
    text = _text(mail)
    for header in mail.get_all("X-Failed-Recipients", []):
        for address in _ADDRESS.findall(str(header)):
            yield address, _near(text, address)
    if text.startswith(_QMAIL_OPENING):
        for found in _QMAIL.finditer(text):
            yield found[1], found[2]


def _near(text: str, address: str) -> str:
    """Return the lines that stand below an address, up to an empty one."""
    _before, found, after = text.partition(address)
    lines = after.strip(":> \n").splitlines() if found else []
    kept: list[str] = []
    for line in lines:
        if not line.strip():
            break
        kept.append(line)
    return " ".join(kept)


def _delivery_id(mail: Message) -> UUID | None:
    for part in _parts(mail, "message/delivery-status", "message/global-delivery-status"):
        for group in _groups(part)[:1]:
            if found := _ENVELOPE_ID.search(str(group.get("Original-Envelope-Id", ""))):
                return UUID(found[1])
    for text in _returned(mail):
        if found := _MESSAGE_ID.search(text):
            return UUID(found[1])
    return None


def _returned(mail: Message) -> Iterator[str]:
    """Yield what may hold the headers of our mail: parts that carry it, then any text."""
    for part in _parts(mail, "message/rfc822", "message/global"):
        for inner in _groups(part):
            yield f"Message-ID: {str(inner.get('Message-ID', '')).strip()}"
    wanted = ("text/rfc822-headers", "message/global-headers", "text/plain")
    for part in _parts(mail, *wanted):
        yield _decoded(part)


def _parts(mail: Message, *kinds: str) -> Iterator[Message]:
    for part in mail.walk():
        if part.get_content_type() in kinds:
            yield part


def _text(mail: Message) -> str:
    return next((_decoded(part) for part in _parts(mail, "text/plain")), "")


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return payload[:_READ].decode("utf-8", "replace").replace("\r\n", "\n")


def _from_xtext(text: str) -> str:
    return re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), text)


def _one_line(text: str) -> str:
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown[:_LONGEST_REASON]


__all__ = ["Bounce", "bounces"]
