"""Mails as bytes: headers of our own making, a body of text and page with all that is attached.

Names and subjects come from people: whatever is not printable is taken out, so
that none of them begins a header of its own. The body is made of seven-bit lines
that every server carries.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime

from billhook.domain.brands import Sender
from billhook.domain.deliveries import Dispatch, Recipient, RecipientKind
from billhook.domain.publications import FileContent
from billhook_delivery_email.addresses import travelling

_LINE = 76
_ENCODED = "=?"
"""How a word begins that readers decode (RFC 2047)."""

_ATOMS = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*", re.ASCII)
_BODY = policy.SMTP.clone(cte_type="7bit")
_REWRITTEN = ("message", "multipart")
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*", re.ASCII)


def mail(dispatch: Dispatch, sender: Sender, *, at: datetime) -> bytes:
    """Return a dispatch as it goes over the line, CRLF at the end of each line."""
    people = [one for one in dispatch.recipients if travelling(one.address)]
    headers = [
        _header("From", [_mailbox(sender.name, sender.email)]),
        *_addressed("To", people, RecipientKind.TO),
        *_addressed("Cc", people, RecipientKind.CC),
        *([_header("Reply-To", [_mailbox("", sender.reply_to)])] if sender.reply_to else []),
        f"Subject: {_words(dispatch.message.subject, first='Subject: ')}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: {message_id(dispatch, sender)}",
        f"Content-Language: {dispatch.language}",
        "Auto-Submitted: auto-generated",  # RFC 3834: no holiday notice answers it
        "MIME-Version: 1.0",
    ]
    if not any(one.kind is RecipientKind.TO for one in people):
        headers.insert(1, "To: undisclosed-recipients:;")
    return "\r\n".join([*headers, ""]).encode() + _body(dispatch)


def message_id(dispatch: Dispatch, sender: Sender) -> str:
    """Return the name of a dispatch's mail, the same however often it is tried."""
    domain = (travelling(sender.email) or "").rpartition("@")[2]
    return f"<{dispatch.id}@{domain}>"


def _body(dispatch: Dispatch) -> bytes:
    message = EmailMessage(policy=_BODY)
    message.set_content(dispatch.message.text)
    if dispatch.message.html:
        message.add_alternative(dispatch.message.html, subtype="html")
        _add_pictures(message, dispatch.message.pictures)
    for file in dispatch.files:
        kind, subtype = _content_type(file)
        message.add_attachment(
            file.content, maintype=kind, subtype=subtype, filename=_printable(file.name)
        )
    del message["MIME-Version"]
    return message.as_bytes()


def _add_pictures(message: EmailMessage, pictures: Sequence[FileContent]) -> None:
    page = message.get_payload()[1]  # type: ignore[index]
    assert isinstance(page, EmailMessage)
    for picture in pictures:
        kind, subtype = _content_type(picture)
        page.add_related(
            picture.content,
            maintype=kind,
            subtype=subtype,
            cid=f"<{_printable(picture.name)}>",
            disposition="inline",
            filename=_printable(picture.name),
        )


def _content_type(file: FileContent) -> tuple[str, str]:
    """Return the two halves of a file's type; a mail in a mail would be rewritten."""
    kind, _slash, subtype = file.content_type.casefold().partition("/")
    is_known = bool(_TYPE.fullmatch(f"{kind}/{subtype}")) and kind not in _REWRITTEN
    return (kind, subtype) if is_known else ("application", "octet-stream")


def _addressed(name: str, people: Sequence[Recipient], kind: RecipientKind) -> list[str]:
    boxes = [_mailbox(one.name, one.address) for one in people if one.kind is kind]
    return [_header(name, boxes)] if boxes else []


def _header(name: str, boxes: Sequence[str]) -> str:
    """Return a header with an address to a line; none is so long that it must be broken."""
    return f"{name}: " + ",\r\n ".join(boxes)


def _mailbox(name: str, address: str) -> str:
    sent = travelling(address)
    if sent is None:
        raise ValueError(f"{address!r} is no address")
    shown = _printable(name)[:200]
    if not shown:
        return sent
    is_plain = shown.isascii() and _ENCODED not in shown
    if is_plain and _ATOMS.fullmatch(shown):
        return f"{shown} <{sent}>"
    if is_plain:
        escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{sent}>'
    return f"{_words(shown, first='')}\r\n <{sent}>"


def _words(text: str, *, first: str) -> str:
    """Return a text for a header, folded, in encoded words where it is not plain ASCII."""
    clean = _printable(text)
    charset = "us-ascii" if clean.isascii() and _ENCODED not in clean else "utf-8"
    header = Header(clean, charset, maxlinelen=_LINE, header_name=first.rstrip(": ") or None)
    return header.encode(linesep="\r\n")


def _printable(text: str) -> str:
    """Return a text in one line, with single spaces for whatever does not print."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
