"""Invitations to the portal: a link lets a contact set a password, once, for a week.

These acts are shared by the company's people and by clients who let colleagues in: the
caller has checked that the actor may. A link is mailed or shown, and never stored.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from babel import Locale
from babel.dates import format_date
from babel.support import LazyProxy
from sqlalchemy import select

from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.domain.states import PortalRight
from billhook.errors import Conflict, NotFound
from billhook.i18n import current_language, lazy_gettext
from billhook.i18n import gettext as _
from billhook.models.customers import Contact, Customer
from billhook.sdk.context import Context
from billhook.services import audit, idempotency
from billhook.services.idempotency import Outcome
from billhook.services.memos import Sent
from billhook.services.portal import addresses, credentials, letters, one_time_links
from billhook.services.portal.letters import Letter
from billhook.services.portal.one_time_links import Holder, Purpose

HOLDS = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """The link by which a contact gets in, once."""

    contact_id: UUID
    path: str
    """Below the portal's root."""
    link: str
    expires_at: datetime
    is_repeated: bool = False
    """It was made before, for the same idempotency key."""


def invite(
    ctx: Context,
    contact_id: UUID,
    rights: Collection[PortalRight],
    *,
    key: str | None = None,
    clock: Clock | None = None,
) -> Invitation:
    """Let a contact in with some rights, and return the link by which they set a password.

    Again for a contact who has not come yet, it makes a new link and ends the old one; a
    repeat with the same idempotency key returns the first one's. Raises NotFound,
    Conflict where the contact has an account, or may have none.
    """
    given = with_sight(rights)

    def offer() -> dict[str, str]:
        contact = _invitable(contact_id)
        contact.portal_rights = given
        db.session.flush()
        audit.record(ctx, "contact.invited", "contact", contact_id, rights=",".join(given))
        made = link_for(ctx, contact, clock=clock)
        return {
            "path": idempotency.sealed(made.path),
            "link": idempotency.sealed(made.link),
            "expires_at": made.expires_at.isoformat(),
        }

    asked = [str(contact_id), given]
    done = idempotency.once(
        ctx, route="portal.invitations.invite", key=key, request=asked, effect=offer
    )
    return _recalled(contact_id, done)


def _recalled(contact_id: UUID, done: Outcome) -> Invitation:
    return Invitation(
        contact_id=contact_id,
        path=idempotency.opened(done.answer["path"]),
        link=idempotency.opened(done.answer["link"]),
        expires_at=datetime.fromisoformat(done.answer["expires_at"]),
        is_repeated=done.is_replayed,
    )


def with_sight(rights: Collection[PortalRight]) -> list[str]:
    """Return rights as they are stored: who may do anything may see."""
    return [right.value for right in PortalRight if right is PortalRight.SEE or right in rights]


def _invitable(contact_id: UUID) -> Contact:
    """Return a contact, locked, who may be let in and is not in. Raises NotFound, Conflict."""
    row = db.session.execute(
        select(Contact, Customer.erased_at)
        .join(
            Customer,
            (Customer.tenant_id == Contact.tenant_id) & (Customer.id == Contact.customer_id),
        )
        .where(Contact.id == contact_id)
        .with_for_update(of=Contact, key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(_("contact"), contact_id)
    contact: Contact = row.Contact
    if not contact.is_active or row.erased_at is not None:
        raise Conflict(_("This contact is not active. Make it active first, then invite them."))
    if credentials.with_account([contact_id]):
        raise Conflict(_("This contact has an account already. Change what they may do instead."))
    return contact


def link_for(ctx: Context, contact: Contact, *, clock: Clock | None = None) -> Invitation:
    """Make the link of a contact who may come in, inside a transaction."""
    now = (clock or SystemClock()).now()
    token = one_time_links.make(ctx, contact, Purpose.INVITATION, now=now, holds=HOLDS)
    path = f"/invitation/{token}"
    return Invitation(
        contact_id=contact.id,
        path=path,
        link=addresses.address(ctx, path),
        expires_at=now + HOLDS,
    )


def mail(ctx: Context, invitation: Invitation) -> Sent:
    """Send an invitation to the contact it is for, where the tenant can send mail.

    Outside any transaction; the caller shows the link where it could not be sent.
    Raises NotFound, ThemeFailed.
    """
    company = ctx.tenant.party.name
    letter = Letter(
        subject=lazy_gettext("Your access to the client pages of %(company)s", company=company),
        paragraphs=(
            lazy_gettext(
                "%(company)s invites you to its client pages. There you find your invoices, see "
                "what is open, and can ask about any of it.",
                company=company,
            ),
            lazy_gettext(
                "Choose your password by this link. It works once, until %(day)s, and is yours "
                "alone.",
                day=LazyProxy(_day, invitation.expires_at.date(), enable_cache=False),
            ),
        ),
        label=lazy_gettext("Choose a password"),
        path=invitation.path,
    )
    return letters.send_now(ctx, invitation.contact_id, letter)


def _day(day: date) -> str:
    """Return a day in the language of whoever reads."""
    return format_date(day, "long", locale=Locale.parse(current_language(), sep="-"))


def invited(ctx: Context, token: str, *, clock: Clock | None = None) -> Holder:
    """Return whom a link is for, without using it. Raises LinkInvalid."""
    now = (clock or SystemClock()).now()
    found = one_time_links.holder(token, Purpose.INVITATION, now)
    if credentials.with_account([found.contact_id]):
        raise one_time_links.link_invalid()
    return found


def accept(ctx: Context, token: str, password: str, *, clock: Clock | None = None) -> Holder:
    """Use a link: set the contact's first password. Raises LinkInvalid, ValidationFailed."""
    found = invited(ctx, token, clock=clock)
    stored = credentials.hash_of_new(password, email=found.email)
    now = (clock or SystemClock()).now()
    with ctx.transaction():
        credentials.hold(found.contact_id)
        one_time_links.use(token, Purpose.INVITATION, now)
        credentials.store(ctx, found.contact_id, stored, now)
        own = credentials.of_contact(ctx, found.contact_id)
        audit.record(own, "client.joined", "contact", found.contact_id)
    return found
