"""Another password for a contact who lost theirs: a link by mail, once, for an hour.

Whoever asks learns nothing: `ask` answers nothing, and the edge calls it after it
answered. The link is made when the mail goes, so that no queue ever holds it.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.errors import Retryable
from billhook.i18n import lazy_gettext as _
from billhook.models.clients import ClientCredential
from billhook.models.customers import Contact
from billhook.sdk.context import Context
from billhook.services import audit, memos, outbox
from billhook.services.portal import (
    credentials,
    letters,
    one_time_links,
    security_letters,
    sessions,
)
from billhook.services.portal.letters import Letter
from billhook.services.portal.one_time_links import Holder, Purpose

JOB = "client.mail_reset"
HOLDS = timedelta(hours=1)
BETWEEN = timedelta(minutes=5)
"""How long a contact gets no second mail."""


def ask(ctx: Context, email: str, *, clock: Clock | None = None) -> None:
    """Let a mail go to the contact of that address, if there is one who has an account."""
    now = (clock or SystemClock()).now()
    contact = _with_account(Contact.email == email.strip().lower()[: limits.EMAIL])
    if contact is None or not memos.can_send(ctx):
        return
    slot = int(now.timestamp() // BETWEEN.total_seconds())
    with ctx.transaction():
        key = f"{JOB}:{contact.id}:{slot}"
        outbox.enqueue(ctx, JOB, {"contact_id": str(contact.id)}, key=key)


def _with_account(condition: object) -> Contact | None:
    found = db.session.scalar(
        select(Contact)
        .join(
            ClientCredential,
            (ClientCredential.tenant_id == Contact.tenant_id)
            & (ClientCredential.contact_id == Contact.id),
        )
        .where(condition, Contact.is_active)  # type: ignore[arg-type]
    )
    return found if found is not None and found.portal_rights else None


def send(ctx: Context, contact_id: UUID, *, clock: Clock | None = None) -> None:
    """Make the link and mail it; a later try makes a new link. Raises Retryable."""
    now = (clock or SystemClock()).now()
    with ctx.transaction():
        credentials.hold(contact_id)
        contact = _with_account(Contact.id == contact_id)
        if contact is None:
            return
        token = one_time_links.make(ctx, contact, Purpose.RESET, now=now, holds=HOLDS)
        audit.record(ctx, "client.reset_mailed", "contact", contact_id)
    company = ctx.tenant.party.name
    sent = letters.send_now(
        ctx,
        contact_id,
        Letter(
            subject=_("Choose another password"),
            paragraphs=(
                _(
                    "Somebody asked for another password for the client pages of %(company)s. If "
                    "it was you, choose one by this link within an hour.",
                    company=company,
                ),
                _("If it was not you, there is nothing to do: your password stays as it is."),
            ),
            label=_("Choose another password"),
            path=f"/reset/{token}",
        ),
    )
    if sent.reason:
        raise Retryable(sent.reason)


def resets(token: str, *, clock: Clock | None = None) -> Holder:
    """Return whose password a link resets, without using it. Raises LinkInvalid."""
    return one_time_links.holder(token, Purpose.RESET, (clock or SystemClock()).now())


def reset(ctx: Context, token: str, password: str, *, clock: Clock | None = None) -> None:
    """Use a link: set another password, end all sessions and links, and tell the contact by mail.

    Raises LinkInvalid, ValidationFailed.
    """
    found = resets(token, clock=clock)
    stored = credentials.hash_of_new(password, email=found.email)
    now = (clock or SystemClock()).now()
    with ctx.transaction():
        credentials.hold(found.contact_id)
        one_time_links.use(token, Purpose.RESET, now)
        credentials.store(ctx, found.contact_id, stored, now)
        credentials.forget_links([found.contact_id])
        sessions.end_all(ctx, found.contact_id)
        own = credentials.of_contact(ctx, found.contact_id)
        audit.record(own, "client.password_set", "contact", found.contact_id)
        security_letters.password_changed(own, found.contact_id)
