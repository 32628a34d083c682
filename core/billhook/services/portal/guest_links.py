"""Guest links: addresses in mails that show one document to whoever has them, without a log-in.

A token is the link's id and an HMAC-SHA256 over tenant, link and document. Its key is
derived from the installation's secret keys, so that nothing in the database opens
anything: a stored message holds `STAND_IN`, and gets the token when it leaves the house.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select

from billhook.db import db
from billhook.domain.deliveries import Message
from billhook.ids import new_id
from billhook.models.clients import GuestLink
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services.portal import addresses, settings

_TOKEN = re.compile(r"[A-Za-z0-9_-]{64}", re.ASCII)
_PURPOSE = b"billhook guest link"

STAND_IN = "--this-message-gets-its-own-link-at-the-moment-in-which-it-goes-"
"""Where the token will be in a message that waits. It is as long as one, and opens nothing."""


def address(ctx: Context, token: str, *, brand_id: UUID | None = None) -> str:
    """Return the whole address at which a token shows its document."""
    return addresses.address(ctx, f"/d/{token}", brand_id=brand_id)


def token_of(ctx: Context, link_id: UUID, document_id: UUID) -> str:
    """Return a link's token, the same each time until the installation's first key is another."""
    (key, *_others) = _keys()
    signature = _signature(key, ctx.tenant.id, link_id, document_id)
    return urlsafe_b64encode(link_id.bytes + signature).decode()


def make(ctx: Context, document_id: UUID, *, link_id: UUID | None = None) -> UUID:
    """Keep a new link to a document, inside a transaction; return its id.

    That of a delivery has the delivery's id.
    """
    now = ctx.now()
    row = GuestLink(
        tenant_id=ctx.tenant.id,
        id=link_id or new_id(),
        document_id=document_id,
        made_at=now,
        expires_at=now + timedelta(days=settings.current().link_days),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def place_for_token(ctx: Context, brand_id: UUID) -> str:
    """Return the address that a message of a delivery holds until it goes; empty while the portal is closed."""
    return address(ctx, STAND_IN, brand_id=brand_id) if settings.current().is_open else ""


def example(ctx: Context) -> str:
    """Return the address that a sample shows, which leads to nothing; empty while the portal is closed."""
    return address(ctx, "example") if settings.current().is_open else ""


def has_place(message: Message) -> bool:
    """Tell whether a message was laid out with a link."""
    return STAND_IN in message.text or STAND_IN in message.html


def with_token(ctx: Context, message: Message, *, link_id: UUID, document_id: UUID) -> Message:
    """Return a message as it leaves the house: with its own link where one was left for it."""
    token = token_of(ctx, link_id, document_id)
    return Message(
        subject=message.subject,
        text=message.text.replace(STAND_IN, token),
        html=message.html.replace(STAND_IN, token),
        pictures=message.pictures,
    )


def proved(ctx: Context, token: str) -> GuestLink | None:
    """Return the link whose id a token holds, where its signature is ours by one of the keys."""
    if not _TOKEN.fullmatch(token):
        return None
    content = urlsafe_b64decode(token)
    link_id, signature = UUID(bytes=content[:16]), content[16:]
    row = db.session.scalar(select(GuestLink).where(GuestLink.id == link_id))
    if row is None:
        return None
    ours = [_signature(key, ctx.tenant.id, link_id, row.document_id) for key in _keys()]
    return row if any(hmac.compare_digest(signature, one) for one in ours) else None


def _signature(key: bytes, tenant_id: UUID, link_id: UUID, document_id: UUID) -> bytes:
    """All parts have 16 bytes, so that no two threes of them read alike."""
    return hmac.digest(key, tenant_id.bytes + link_id.bytes + document_id.bytes, "sha256")


def _keys() -> tuple[bytes, ...]:
    return _derived(runtime().config.secret_keys)


@lru_cache(maxsize=8)
def _derived(secret_keys: tuple[str, ...]) -> tuple[bytes, ...]:
    """Derive a key for this purpose alone from each of the installation's."""
    return tuple(
        HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(
            urlsafe_b64decode(key)
        )
        for key in secret_keys
    )
