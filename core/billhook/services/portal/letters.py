"""Letters: short mails to contacts in the face of their company's vendor, laid out by the brand's theme.

They are in the contact's language and go by the tenant's channel that carries memos.
A tenant without such a channel sends none, nor does a sandbox.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from babel.support import LazyProxy
from sqlalchemy import select

from billhook.db import db
from billhook.domain.brands import Brand
from billhook.domain.deliveries import Memo, Message
from billhook.domain.message_view import MessageLink, MessageView
from billhook.errors import NotFound
from billhook.i18n import current_language, in_country, spoken
from billhook.i18n import gettext as _
from billhook.models.customers import Contact, Customer
from billhook.sdk.context import Context
from billhook.services import brands, memos, outbox
from billhook.services.memos import Sent
from billhook.services.portal import addresses, appearance
from billhook.services.presenting.texts import gettext as words
from billhook.services.presenting.texts import is_right_to_left

JOB = "client.letter"

Text = str | LazyProxy
"""Texts of `lazy_gettext` are said in the reader's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a contact reads, between a greeting and a farewell."""

    subject: Text
    paragraphs: tuple[Text, ...]
    label: Text = ""
    """Of the button; empty for none."""
    path: str = ""
    """Where the button leads, below the portal's root: “/questions/…”."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A contact to whom one can write."""

    customer_id: UUID
    name: str
    email: str
    language: str


def queue(ctx: Context, contact_id: UUID, letter: Letter, *, key: str) -> None:
    """Let a letter go to a contact, inside the transaction that gives cause; no second by one key.

    A letter that carries a secret is no work for the queue, which keeps what it says:
    `send_now`. Nothing happens where the contact is gone or has no address.
    """
    reader = _reader(contact_id)
    if reader is None:
        return
    with spoken(reader.language):
        payload = {
            "contact_id": str(contact_id),
            "subject": str(letter.subject),
            "paragraphs": [str(text) for text in letter.paragraphs],
            "label": str(letter.label),
            "path": letter.path,
        }
    outbox.enqueue(ctx, JOB, payload, key=f"{JOB}:{contact_id}:{key}")


def send_now(ctx: Context, contact_id: UUID, letter: Letter) -> Sent:
    """Write to a contact at once, outside any transaction, and say what came of it.

    Raises NotFound, and ThemeFailed where the brand's theme does.
    """
    reader = _reader(contact_id)
    if reader is None:
        raise NotFound(_("contact"), contact_id)
    if not memos.can_send(ctx):
        return Sent(state="not_sent")
    return memos.try_to_carry(ctx, _memo(ctx, reader, letter))


def send_queued(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Send what `queue` kept. Raises what the channel and the theme raise."""
    reader = _reader(UUID(payload["contact_id"]))
    if reader is None or not memos.can_send(ctx):
        return
    letter = Letter(
        subject=payload["subject"],
        paragraphs=tuple(payload["paragraphs"]),
        label=payload["label"],
        path=payload["path"],
    )
    memos.carry(ctx, _memo(ctx, reader, letter))


def _reader(contact_id: UUID) -> Reader | None:
    row = db.session.execute(
        select(Contact.customer_id, Contact.name, Contact.email, Contact.language)
        .add_columns(Customer.language.label("customer_language"), Customer.country)
        .join(
            Customer,
            (Customer.tenant_id == Contact.tenant_id) & (Customer.id == Contact.customer_id),
        )
        .where(Contact.id == contact_id, Contact.is_active, Customer.erased_at.is_(None))
    ).one_or_none()
    if row is None or not row.email:
        return None
    return Reader(
        customer_id=row.customer_id,
        name=row.name,
        email=row.email,
        language=in_country(row.language or row.customer_language, row.country),
    )


def _memo(ctx: Context, reader: Reader, letter: Letter) -> Memo:
    brand = appearance.brand(ctx, reader.customer_id)
    with spoken(reader.language):
        return Memo(
            sender=brand.sender,
            to=reader.email,
            name=reader.name,
            message=_message(ctx, brand, _view(ctx, brand, reader, letter)),
            language=current_language(),
        )


def _message(ctx: Context, brand: Brand, view: MessageView) -> Message:
    logo = brands.logo(ctx, brand)
    page = appearance.theme(brand).mail(view, brand, {logo.name: logo.content} if logo else {})
    return Message(
        subject=view.subject,
        text=page.text,
        html=page.html,
        pictures=(logo,) if logo else (),
    )


def _view(ctx: Context, brand: Brand, reader: Reader, letter: Letter) -> MessageView:
    paragraphs = tuple(str(text) for text in letter.paragraphs)
    return MessageView(
        language=current_language(),
        direction="rtl" if is_right_to_left(current_language()) else "ltr",
        subject=" ".join(str(letter.subject).split()),
        summary=paragraphs[0] if paragraphs else "",
        mark="",
        greeting=words("Dear %(name)s,", name=reader.name)
        if reader.name
        else words("Dear Sir or Madam,"),
        paragraphs=paragraphs,
        facts=(),
        lines=(),
        totals=(),
        payment=None,
        closing=(words("Kind regards"),),
        sender=_sender(ctx, brand),
        footer=tuple(line.strip() for line in brand.legal_text.split("\n") if line.strip()),
        link=_link(ctx, brand, letter),
    )


def _link(ctx: Context, brand: Brand, letter: Letter) -> MessageLink | None:
    if not letter.label:
        return None
    place = addresses.address(ctx, letter.path, brand_id=brand.id)
    return MessageLink(label=str(letter.label), address=place)


def _sender(ctx: Context, brand: Brand) -> tuple[str, ...]:
    party = ctx.tenant.party
    found = (brand.sender.name or brand.name or party.name, party.phone, brand.website)
    return tuple(dict.fromkeys(text for text in found if text))
