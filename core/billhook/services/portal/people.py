"""Who of a client's company enters the portal, with which rights; who manages them lets colleagues in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from billhook.clock import SystemClock
from billhook.db import db
from billhook.domain.deliveries import RecipientKind
from billhook.domain.events import CustomerChanged
from billhook.domain.states import PortalRight
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.clients import ClientLink
from billhook.models.customers import Contact
from billhook.problems import Problem
from billhook.services import audit, contacts, outbox
from billhook.services.contacts import ContactInput
from billhook.services.memos import Sent
from billhook.services.portal import clients, credentials, invitations, log
from billhook.services.portal.clients import Client
from billhook.services.portal.invitations import Invitation
from billhook.services.portal.log import PortalAct
from billhook.services.portal.one_time_links import Purpose
from billhook.services.sets import one_of


class LastManager(Conflict):
    """Nobody of the company could let people in afterwards."""

    code = "people.last_manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A person of the client's company."""

    id: UUID
    name: str
    email: str
    phone: str
    receives: RecipientKind | None
    """Whether documents go to them, and how."""
    rights: tuple[PortalRight, ...]
    """Empty for not entering the portal."""
    has_account: bool
    """Whether they have come since they were invited."""
    invited_until: datetime | None
    """Until when the link of their invitation holds."""
    is_self: bool

    @property
    def manages(self) -> bool:
        return PortalRight.MANAGE in self.rights


def listing(client: Client) -> list[Colleague]:
    """Return the people of the client's company, by name."""
    client.require(clients.SEE)
    rows = db.session.scalars(
        select(Contact)
        .where(Contact.customer_id.in_(client.customer_ids), Contact.is_active)
        .order_by(Contact.name, Contact.id)
    ).all()
    return _colleagues(client, rows)


def get(client: Client, contact_id: UUID) -> Colleague:
    """Raises NotFound, for people of others, too."""
    client.require(clients.SEE)
    [found] = _colleagues(client, [_row(client, contact_id)])
    return found


def add(client: Client, given: ContactInput, rights: Collection[PortalRight]) -> Invitation | None:
    """Add a person, and let them in where they get a right: with the link that they come in by.

    Raises ValidationFailed.
    """
    _require(client)
    with client.ctx.transaction() as session:
        _hold(client)
        row = Contact(
            tenant_id=client.ctx.tenant.id,
            id=new_id(),
            customer_id=client.customer_id,
            name="",
            email="",
            phone="",
            receives="",
            is_active=True,
            portal_rights=[],
        )
        _fill(client, row, given)
        session.add(row)
        session.flush()
        _note(client, row)
        return invitations.invite(client.ctx, row.id, rights) if rights else None


def change(
    client: Client,
    contact_id: UUID,
    given: ContactInput,
    rights: Collection[PortalRight],
    *,
    accepts_no_manager: bool = False,
) -> Invitation | None:
    """Change a person and what they may do; the link where they are let in now.

    `accepts_no_manager`: the client was told that nobody could let people in afterwards.
    Raises NotFound, ValidationFailed, LastManager.
    """
    _require(client)
    ctx = client.ctx
    with ctx.transaction():
        row = _locked(client, contact_id)
        if PortalRight.MANAGE not in rights and not accepts_no_manager:
            _refuse_last(client, row)
        email = row.email
        _fill(client, row, given)
        contacts.keep_access(ctx, row, email_before=email)
        _note(client, row)
        if not rights:
            credentials.end_access(ctx, [row.id])
            return None
        if not row.portal_rights:
            return invitations.invite(ctx, row.id, rights)
        _change_rights(client, row, rights)
        return None


def end(client: Client, contact_id: UUID) -> None:
    """End a person's access at once; they stay a contact. Raises NotFound.

    The client was told where nobody could let people in afterwards.
    """
    _require(client)
    with client.ctx.transaction():
        row = _locked(client, contact_id)
        credentials.end_access(client.ctx, [row.id])
        _note(client, row)


def invite_again(client: Client, contact_id: UUID) -> Invitation:
    """Make a new link for a person who has not come yet; the old one ends.

    Raises NotFound, Conflict where they have an account, or were never let in.
    """
    _require(client)
    with client.ctx.transaction():
        row = _locked(client, contact_id)
        if not row.portal_rights:
            raise Conflict(_("This person may not enter. Choose first what they may do."))
        rights = [PortalRight(one) for one in row.portal_rights]
        return invitations.invite(client.ctx, contact_id, rights)


def mail(client: Client, invitation: Invitation) -> Sent:
    """Send an invitation, outside any transaction, and say what came of it."""
    _require(client)
    return invitations.mail(client.ctx, invitation)


def is_last_manager(client: Client, contact_id: UUID) -> bool:
    """Tell whether a person is the only one who can let people in and keep them out."""
    rows = db.session.execute(
        select(Contact.id, Contact.portal_rights).where(
            Contact.customer_id.in_(client.customer_ids), Contact.is_active
        )
    )
    return [one for one, rights in rows if PortalRight.MANAGE.value in rights] == [contact_id]


def _require(client: Client) -> None:
    client.require(clients.MANAGE)
    client.require(clients.WRITE)


def _refuse_last(client: Client, row: Contact) -> None:
    if is_last_manager(client, row.id):
        raise LastManager(
            _(
                "After this nobody of your company can let people in or change your details here. "
                "Let a colleague manage first, or confirm below that this is what you want."
            )
        )


def _change_rights(client: Client, row: Contact, rights: Collection[PortalRight]) -> None:
    wanted = invitations.with_sight(rights)
    if row.portal_rights == wanted:
        return
    row.portal_rights = wanted
    db.session.flush()
    audit.record(client.ctx, "contact.rights_changed", "contact", row.id, rights=",".join(wanted))


def _fill(client: Client, row: Contact, given: ContactInput) -> None:
    """Check and write as for the company's people; whose a taken address is stays unsaid."""
    try:
        contacts.fill(row, given)
    except ValidationFailed as error:
        raise ValidationFailed([_unsaid(client, one, given) for one in error.problems]) from error


def _unsaid(client: Client, problem: Problem, given: ContactInput) -> Problem:
    if problem.code != "contact.taken":
        return problem
    known = select(Contact.id).where(
        Contact.customer_id.in_(client.customer_ids),
        Contact.email == (given.email or "").strip().lower(),
        Contact.is_active,
    )
    with db.session.no_autoflush:
        is_ours = db.session.scalar(known) is not None
    message = (
        _("This person is one of yours already. Change them in the list.")
        if is_ours
        else _("This address cannot be used here. Use another one, or ask us.")
    )
    return Problem(code=problem.code, path=problem.path, message=message)


def _note(client: Client, row: Contact) -> None:
    ctx = client.ctx
    db.session.flush()
    outbox.publish(ctx, CustomerChanged(customer_id=row.customer_id))
    audit.record(ctx, "contact.saved", "contact", row.id, customer=row.customer_id)
    log.note(client, PortalAct.PEOPLE_CHANGED, object_kind="contact", object_id=row.id)


def _row(client: Client, contact_id: UUID) -> Contact:
    row = db.session.scalar(
        select(Contact).where(
            Contact.id == contact_id,
            Contact.customer_id.in_(client.customer_ids),
            Contact.is_active,
        )
    )
    if row is None:
        raise NotFound(_("contact"), contact_id)
    return row


def _locked(client: Client, contact_id: UUID) -> Contact:
    """Return a person's row, of all that are locked. Raises NotFound, Forbidden."""
    found = _hold(client).get(contact_id)
    if found is None:
        raise NotFound(_("contact"), contact_id)
    return found


def _hold(client: Client) -> Mapping[UUID, Contact]:
    """Lock all people of the company, so that two do not leave at once.

    Raises Forbidden where the client may not manage them since the request began.
    """
    rows = db.session.scalars(
        select(Contact)
        .where(Contact.customer_id.in_(client.customer_ids), Contact.is_active)
        .order_by(Contact.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    held = {row.id: row for row in rows}
    own = held.get(client.contact_id) if client.contact_id else None
    if own is None or PortalRight.MANAGE not in own.portal_rights:
        raise Forbidden(clients.MANAGE)
    return held


def _colleagues(client: Client, rows: Collection[Contact]) -> list[Colleague]:
    ids = [row.id for row in rows]
    accounts = credentials.with_account(ids)
    links = _invited_until(ids)
    return [
        Colleague(
            id=row.id,
            name=row.name,
            email=row.email,
            phone=row.phone,
            receives=RecipientKind(row.receives) if row.receives else None,
            rights=tuple(PortalRight(one) for one in row.portal_rights),
            has_account=row.id in accounts,
            invited_until=links.get(row.id) if row.id not in accounts else None,
            is_self=row.id == client.contact_id,
        )
        for row in rows
    ]


def _invited_until(contact_ids: Collection[UUID]) -> dict[UUID | None, datetime]:
    rows = db.session.execute(
        select(ClientLink.contact_id, ClientLink.expires_at).where(
            one_of(ClientLink.contact_id, contact_ids),
            ClientLink.purpose == Purpose.INVITATION.value,
            ClientLink.used_at.is_(None),
            ClientLink.expires_at > SystemClock().now(),
        )
    )
    return dict(rows.tuples().all())
