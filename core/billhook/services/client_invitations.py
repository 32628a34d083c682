"""Many customers' people are invited at once: seen before, done by jobs, told afterwards.

Of each customer those contacts are invited that get its documents; where there are none,
its own e-mail address becomes a contact. A batch is known by its jobs, for a week: no link
is ever kept.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from billhook.db import db
from billhook.domain.states import PortalRight
from billhook.errors import Conflict, NotFound, Retryable
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Contact, Customer
from billhook.models.work import Outbox
from billhook.scoping import looking_beyond
from billhook.sdk.context import Context
from billhook.services import audit, memos, outbox
from billhook.services.outbox import NewJob
from billhook.services.portal import credentials, invitations
from billhook.services.sets import one_of

JOB = "client.mail_invitation"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A contact to be: a customer's own e-mail address."""

    customer_id: UUID
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPlan:
    """What inviting some customers' people would do."""

    contact_ids: tuple[UUID, ...]
    """Who is invited and is a contact already."""
    new: tuple[NewPerson, ...]
    """Addresses of customers that become contacts, to be invited."""
    with_account: int
    """How many are in already, and are left alone."""
    unreachable: tuple[str, ...]
    """Customers without an address, by reference."""
    taken: tuple[str, ...]
    """Addresses that are another customer's contact."""
    can_mail: bool

    @property
    def count(self) -> int:
        return len(self.contact_ids) + len(self.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An invitation that did not go out."""

    contact_id: UUID
    customer_id: UUID
    name: str
    email: str
    reason: str
    is_over: bool
    """No more tries come by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress:
    """How far a batch got."""

    total: int
    sent: int
    failed: tuple[Failed, ...]

    @property
    def done(self) -> int:
        return self.sent + sum(one.is_over for one in self.failed)

    @property
    def is_over(self) -> bool:
        return self.done == self.total


def plan(ctx: Context, customer_ids: Collection[UUID]) -> InvitationPlan:
    """Tell whom an invitation of some customers would reach. Writes nothing."""
    ctx.require("portal.invite")
    return _planned(ctx, customer_ids, can_mail=memos.can_send(ctx))


def _planned(ctx: Context, customer_ids: Collection[UUID], *, can_mail: bool) -> InvitationPlan:
    found = db.session.scalars(
        select(Customer)
        .where(
            one_of(Customer.id, customer_ids),
            Customer.erased_at.is_(None),
            Customer.merged_into_id.is_(None),
        )
        .order_by(Customer.reference)
    ).all()
    people = _people([row.id for row in found])
    chosen = {row.id: _chosen(row, people[row.id]) for row in found}
    ids = [contact.id for some in chosen.values() for contact in some]
    accounts = credentials.with_account(ids)
    wanting = [row for row in found if not chosen[row.id] and row.email]
    taken = _taken(row.email for row in wanting)
    return InvitationPlan(
        contact_ids=tuple(one for one in ids if one not in accounts),
        new=_new(wanting, taken),
        with_account=len(accounts),
        unreachable=tuple(row.reference for row in found if not chosen[row.id] and not row.email),
        taken=tuple(row.email for row in wanting if row.email.lower() in taken),
        can_mail=can_mail,
    )


def _people(customer_ids: Collection[UUID]) -> Mapping[UUID, list[Contact]]:
    people: dict[UUID, list[Contact]] = defaultdict(list)
    rows = db.session.scalars(
        select(Contact)
        .where(one_of(Contact.customer_id, customer_ids), Contact.is_active)
        .order_by(Contact.name, Contact.id)
    )
    for row in rows:
        people[row.customer_id].append(row)
    return people


def _chosen(customer: Customer, people: Iterable[Contact]) -> list[Contact]:
    """Return who is invited: those who get documents, else who has the customer's address."""
    known = list(people)
    receiving = [one for one in known if one.receives]
    return receiving or [one for one in known if one.email == customer.email.lower()]


def _taken(emails: Iterable[str]) -> set[str]:
    wanted = {email.lower() for email in emails}
    with looking_beyond():
        return set(db.session.scalars(select(Contact.email).where(Contact.email.in_(wanted))))


def _new(wanting: Iterable[Customer], taken: Collection[str]) -> tuple[NewPerson, ...]:
    """Return contacts to be; the first customer of an address gets it."""
    found: dict[str, NewPerson] = {}
    for row in wanting:
        email = row.email.lower()
        if email not in taken and email not in found:
            name = row.contact_name or row.name
            found[email] = NewPerson(customer_id=row.id, name=name, email=email)
    return tuple(found.values())


def invite_all(
    ctx: Context, customer_ids: Collection[UUID], rights: Collection[PortalRight]
) -> UUID:
    """Let all of a plan's people in, and let jobs mail them; return the batch's id.

    Raises Conflict where nobody would be invited, or nobody could be mailed, and where
    somebody makes contacts of the same addresses at this moment.
    """
    ctx.require("portal.invite")
    if not memos.can_send(ctx):
        raise Conflict(no_mail())
    try:
        return _invite_all(ctx, customer_ids, rights)
    except IntegrityError as error:
        raise Conflict(
            _("Somebody else lets some of these people in just now. Look, then invite the others.")
        ) from error


def _invite_all(
    ctx: Context, customer_ids: Collection[UUID], rights: Collection[PortalRight]
) -> UUID:
    with ctx.transaction() as session:
        planned = _planned(ctx, customer_ids, can_mail=True)
        if not planned.count:
            raise Conflict(_("There is nobody to invite. Choose customers with an address."))
        new_ids = [new_id() for _one in planned.new]
        made = [
            _contact(ctx, contact_id, one)
            for contact_id, one in zip(new_ids, planned.new, strict=True)
        ]
        if made:
            session.execute(insert(Contact), made)
            audit.record_all(ctx, "contact.saved", "contact", new_ids)
        ids = [*planned.contact_ids, *new_ids]
        given = invitations.with_sight(rights)
        held = select(Contact).where(one_of(Contact.id, ids)).order_by(Contact.id)
        for row in session.scalars(held.with_for_update(key_share=True)):
            row.portal_rights = given
        session.flush()
        audit.record_all(ctx, "contact.invited", "contact", ids, rights=",".join(given))
        batch_id = new_id()
        outbox.enqueue_all(ctx, [_job(batch_id, contact_id) for contact_id in ids])
    return batch_id


def no_mail() -> str:
    """Say why nobody can be invited in bulk."""
    return _(
        "This company cannot send mail, so that the links would reach nobody. Set up a channel "
        "under Plugins, or invite one by one and pass the links on."
    )


def _contact(ctx: Context, contact_id: UUID, one: NewPerson) -> dict[str, object]:
    return {
        "tenant_id": ctx.tenant.id,
        "id": contact_id,
        "customer_id": one.customer_id,
        "name": one.name,
        "email": one.email,
        "phone": "",
        "receives": "",
        "is_active": True,
        "portal_rights": [],
        "language": "",
        "mails": [],
    }


def _job(batch_id: UUID, contact_id: UUID) -> NewJob:
    return NewJob(
        name=JOB,
        payload={"contact_id": str(contact_id)},
        key=f"{_prefix(batch_id)}{contact_id}",
    )


def _prefix(batch_id: UUID) -> str:
    return f"{JOB}:{batch_id}:"


def send(ctx: Context, contact_id: UUID) -> None:
    """Make one contact's link and mail it; a later try makes a new link. Raises Retryable."""
    with ctx.transaction() as session:
        row = session.scalar(
            select(Contact)
            .where(Contact.id == contact_id, Contact.is_active)
            .with_for_update(key_share=True)
        )
        if row is None or not row.portal_rights or credentials.with_account([contact_id]):
            return
        invitation = invitations.link_for(ctx, row)
        audit.record(ctx, "contact.invitation_mailed", "contact", contact_id)
    sent = invitations.mail(ctx, invitation)
    if sent.state != "sent":
        raise Retryable(sent.reason or no_mail())


def progress(ctx: Context, batch_id: UUID) -> BatchProgress:
    """Return how far a batch got. Raises NotFound for one that is none, or is forgotten."""
    ctx.require("portal.invite")
    rows = db.session.execute(
        select(Outbox.payload, Outbox.state, Outbox.last_error)
        .where(Outbox.key.startswith(_prefix(batch_id), autoescape=True))
        .order_by(Outbox.id)
    ).all()
    if not rows:
        raise NotFound(_("batch of invitations"), batch_id)
    troubled = {
        UUID(row.payload["contact_id"]): row
        for row in rows
        if row.state != "done" and (row.last_error or row.state == "dead")
    }
    people = db.session.scalars(
        select(Contact).where(one_of(Contact.id, list(troubled))).order_by(Contact.name)
    )
    return BatchProgress(
        total=len(rows),
        sent=sum(row.state == "done" for row in rows),
        failed=tuple(
            Failed(
                contact_id=one.id,
                customer_id=one.customer_id,
                name=one.name,
                email=one.email,
                reason=troubled[one.id].last_error,
                is_over=troubled[one.id].state == "dead",
            )
            for one in people
        ),
    )
