"""Who of a customer's people may enter the portal: let in, given rights, kept out.

For the company's people; what clients do for their colleagues is `services/portal`'s.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select

from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.domain.states import PortalRight
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.models.clients import ClientFactor, ClientLink, PortalVisit
from billhook.models.customers import Contact
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.memos import Sent
from billhook.services.portal import credentials, factors, invitations
from billhook.services.portal.invitations import Invitation
from billhook.services.portal.log import PortalAct
from billhook.services.portal.one_time_links import Purpose
from billhook.services.sets import one_of


class AccessState(StrEnum):
    """How far a contact is with the portal."""

    NONE = "none"
    INVITED = "invited"
    EXPIRED = "expired"  # invited, but the link was not used in time
    ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAccess:
    """What a contact may do at the portal, and whether they have come."""

    contact_id: UUID
    state: AccessState
    rights: tuple[PortalRight, ...]
    invited_until: datetime | None
    """Until when the link of the invitation holds."""
    has_factor: bool
    seen_at: datetime | None
    """When they last logged in."""


def get(ctx: Context, contact_id: UUID) -> ContactAccess:
    """Return a contact's access. Raises NotFound."""
    found = of_contacts(ctx, [contact_id])
    if contact_id not in found:
        raise NotFound(_("contact"), contact_id)
    return found[contact_id]


def of_contacts(
    ctx: Context, contact_ids: Collection[UUID], *, clock: Clock | None = None
) -> dict[UUID, ContactAccess]:
    """Return the access of contacts; those who are not there are left out."""
    ctx.require("customers.view")
    now = (clock or SystemClock()).now()
    rows = db.session.scalars(select(Contact).where(one_of(Contact.id, contact_ids))).all()
    ids = [row.id for row in rows]
    accounts = credentials.with_account(ids)
    links, seen, guarded = _links(ids, now), _seen(ids), _with_factor(ids)
    return {
        row.id: ContactAccess(
            contact_id=row.id,
            state=_state(row, is_account=row.id in accounts, is_invited=row.id in links),
            rights=tuple(PortalRight(right) for right in row.portal_rights),
            invited_until=links.get(row.id) if row.id not in accounts else None,
            has_factor=row.id in guarded,
            seen_at=seen.get(row.id),
        )
        for row in rows
    }


def _state(row: Contact, *, is_account: bool, is_invited: bool) -> AccessState:
    if not row.portal_rights or not row.is_active:
        return AccessState.NONE
    if is_account:
        return AccessState.ACTIVE
    return AccessState.INVITED if is_invited else AccessState.EXPIRED


def _links(contact_ids: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
    rows = db.session.execute(
        select(ClientLink.contact_id, ClientLink.expires_at).where(
            one_of(ClientLink.contact_id, contact_ids),
            ClientLink.purpose == Purpose.INVITATION.value,
            ClientLink.used_at.is_(None),
            ClientLink.expires_at > now,
        )
    )
    return {contact_id: expires_at for contact_id, expires_at in rows if contact_id}


def _seen(contact_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    rows = db.session.execute(
        select(PortalVisit.contact_id, func.max(PortalVisit.happened_at))
        .where(
            one_of(PortalVisit.contact_id, contact_ids),
            PortalVisit.kind == PortalAct.LOGGED_IN.value,
        )
        .group_by(PortalVisit.contact_id)
    )
    return {contact_id: seen_at for contact_id, seen_at in rows if contact_id}


def _with_factor(contact_ids: Sequence[UUID]) -> set[UUID]:
    return set(
        db.session.scalars(
            select(ClientFactor.contact_id).where(
                one_of(ClientFactor.contact_id, contact_ids), ClientFactor.is_confirmed
            )
        )
    )


def invite(
    ctx: Context,
    contact_id: UUID,
    rights: Collection[PortalRight],
    *,
    key: str | None = None,
    clock: Clock | None = None,
) -> Invitation:
    """Let a contact in, and return the link by which they set a password, once, for a week.

    Again, it makes a new link and ends the old one. Raises NotFound, Conflict where the
    contact has an account or is not active.
    """
    ctx.require("portal.invite")
    return invitations.invite(ctx, contact_id, rights, key=key, clock=clock)


def mail(ctx: Context, invitation: Invitation) -> Sent:
    """Send an invitation to its contact, outside any transaction. Raises NotFound, ThemeFailed."""
    ctx.require("portal.invite")
    return invitations.mail(ctx, invitation)


def change_rights(ctx: Context, contact_id: UUID, rights: Collection[PortalRight]) -> None:
    """Change what a contact may do at the portal, from their next request on.

    Raises NotFound, Conflict where they were never let in.
    """
    ctx.require("portal.invite")
    with ctx.transaction():
        row = _locked(contact_id)
        if not row.portal_rights:
            raise Conflict(_("This contact has no access to the portal. Invite them first."))
        row.portal_rights = invitations.with_sight(rights)
        db.session.flush()
        told = ",".join(row.portal_rights)
        audit.record(ctx, "contact.rights_changed", "contact", contact_id, rights=told)


def end(ctx: Context, contact_id: UUID) -> None:
    """End a contact's access, or their invitation, at once: sessions, password, links, factors.

    Raises NotFound.
    """
    ctx.require("portal.invite")
    with ctx.transaction():
        _locked(contact_id)
        credentials.end_access(ctx, [contact_id])


def remove_factor(ctx: Context, contact_id: UUID) -> None:
    """Let a contact in by the password alone who lost phone and codes; their sessions end.

    Raises NotFound, Conflict where they have no second factor.
    """
    ctx.require("portal.invite")
    with ctx.transaction():
        _locked(contact_id)
        if not factors.take_away(ctx, contact_id):
            raise Conflict(_("This contact has no second factor that could be removed."))
        audit.record(ctx, "contact.factor_removed", "contact", contact_id)


def _locked(contact_id: UUID) -> Contact:
    row = db.session.scalar(
        select(Contact)
        .where(Contact.id == contact_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(_("contact"), contact_id)
    return row
