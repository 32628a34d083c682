"""What is known of a person goes: now what nobody must keep, the rest when the law lets it.

Invoices must be kept for years (Art. 17(3)(b) GDPR), and with them what they say of
their buyer. So an erasure has two steps, by one procedure: it takes what may go on
that day. At once that is what only helps to reach somebody; once the last document
is old enough it is everything: the snapshots that documents froze, the files that
were made of them, the mails that carried them, and the customer's own row. Hashes
and commitments stay, so that the books still prove themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, func, or_, select, update

from billhook.db import db
from billhook.domain.deliveries import DeliveryState
from billhook.domain.events import CustomerChanged, CustomerErased
from billhook.domain.states import DraftState
from billhook.errors import Conflict, Forbidden, NotFound
from billhook.i18n import gettext as _
from billhook.i18n import language
from billhook.models.artefacts import Artefact
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.models.clients import ClientNotice, PortalVisit
from billhook.models.customers import Contact, Customer, CustomerNote, CustomerTag, ParkedCustomer
from billhook.models.deliveries import (
    Delivery,
    DeliveryPreference,
    DeliveryRecipient,
    DeliveryStep,
)
from billhook.models.documents import DocumentRow, PartySnapshotRow
from billhook.models.drafts import Draft
from billhook.models.portal import ProfileChange
from billhook.models.tenants import Tenant
from billhook.sdk.context import Context
from billhook.services import audit, files, merged, outbox
from billhook.services.portal import credentials
from billhook.services.questions import forgetting

ARTICLE = "Art. 17(3)(b) GDPR"

_REACH = {
    "email": "",
    "phone": "",
    "contact_name": "",
    "electronic_address": "",
    "electronic_scheme": "",
    "purchase_order": "",
    "buyer_reference": "",
}
"""What only helps to reach a customer."""

_IDENTITY = {
    "street": "",
    "extra": "",
    "postal_code": "",
    "city": "",
    "subdivision": "",
    "tax_number": "",
    "legal_id": "",
    "legal_id_scheme": "",
}
"""What says who it is, beside the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePlan:
    """What an erasure would do today."""

    customer_id: UUID
    contacts: int
    notes: int
    deliveries: int
    documents: int
    last_issue_on: date | None
    retention_years: int
    whole_from: date | None
    """The first day on which everything may go; None where no document keeps it."""
    is_whole: bool
    """Whether everything goes today."""
    erased_at: datetime | None
    """When an erasure took what it could before."""
    obstacles: tuple[str, ...]
    """What must be done first; empty where nothing is in the way."""


def plan(ctx: Context, customer_id: UUID) -> ErasurePlan:
    """Tell what an erasure would do today. Writes nothing. Raises NotFound."""
    ctx.require("customers.view")
    row = db.session.scalar(select(Customer).where(Customer.id == customer_id))
    if row is None:
        raise NotFound(_("customer"), customer_id)
    family = merged.family(customer_id)
    last, documents = db.session.execute(
        select(func.max(DocumentRow.issue_on), func.count()).where(
            DocumentRow.customer_id.in_(family)
        )
    ).one()
    years = _retention_years(ctx)
    whole_from = date(last.year + years + 1, 1, 1) if last else None
    return ErasurePlan(
        customer_id=customer_id,
        contacts=_count(Contact, Contact.customer_id.in_(family)),
        notes=_count(CustomerNote, CustomerNote.customer_id.in_(family)),
        deliveries=_count(Delivery, Delivery.document_id.in_(_documents(family))),
        documents=documents,
        last_issue_on=last,
        retention_years=years,
        whole_from=whole_from,
        is_whole=whole_from is None or ctx.today() >= whole_from,
        erased_at=row.erased_at,
        obstacles=tuple(_obstacles(family)),
    )


def erase(ctx: Context, customer_id: UUID) -> ErasurePlan:
    """Take what may go today of a customer and its duplicates; return what that was.

    Safe to repeat: once the documents are old enough it takes the rest. Raises
    NotFound, Conflict where something still waits to be billed or sent, Forbidden
    for members who do not see all customers.
    """
    ctx.require("customers.erase")
    if ctx.scope is not None:
        raise Forbidden("customers.erase")
    with ctx.transaction():
        family = _lock(customer_id)
        done = plan(ctx, customer_id)
        if done.obstacles:
            raise Conflict(" ".join(done.obstacles))
        _take_reach(ctx, family)
        _take_addresses(_steps_of(family))
        forgetting.forget_customers(ctx, family)
        if done.is_whole:
            _take_identity(ctx, family)
            _take_documents(ctx, family)
            forgetting.forget_answers(ctx, family)
        outbox.publish(ctx, CustomerErased(customer_id=customer_id))
        audit.record(
            ctx,
            "customer.erased" if done.is_whole else "customer.restricted",
            "customer",
            customer_id,
            documents=done.documents,
        )
    return done


def forget_contact(ctx: Context, contact_id: UUID) -> None:
    """Erase a customer's person, and their address from what was sent to it. Raises NotFound."""
    ctx.require("customers.erase")
    with ctx.transaction() as session:
        row = session.scalar(select(Contact).where(Contact.id == contact_id).with_for_update())
        if row is None:
            raise NotFound(_("contact"), contact_id)
        family = merged.family(row.customer_id)
        _take_addresses(_steps_of(family), address=row.email)
        forgetting.forget_contact(ctx, contact_id)
        customer_id = row.customer_id
        credentials.forget([contact_id])
        _take_portal(ClientNotice.contact_id == contact_id, ProfileChange.contact_id == contact_id)
        _take_visits(PortalVisit.contact_id == contact_id)
        session.delete(row)
        session.flush()
        outbox.publish(ctx, CustomerChanged(customer_id=customer_id))
        audit.record(ctx, "contact.erased", "contact", contact_id, customer=customer_id)


def _retention_years(ctx: Context) -> int:
    return db.session.scalars(
        select(Tenant.retention_years).where(Tenant.id == ctx.tenant.id)
    ).one()


def _count(row: type, *conditions: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(row).where(*conditions)) or 0


def _documents(family: Sequence[UUID]) -> Any:
    return select(DocumentRow.id).where(DocumentRow.customer_id.in_(family))


def _obstacles(family: Sequence[UUID]) -> list[str]:
    found = []
    if _count(
        ChargeOpen,
        or_(
            ChargeOpen.payer_id.in_(family),
            ChargeOpen.charge_id.in_(
                select(ChargeRow.id).where(ChargeRow.customer_id.in_(family))
            ),
        ),
    ):
        found.append(_("Charges still wait to be billed. Bill or withdraw them first."))
    if _count(
        Draft,
        or_(Draft.customer_id.in_(family), Draft.payer_id.in_(family)),
        Draft.state != DraftState.DISCARDED.value,
    ):
        found.append(_("There are open drafts. Issue or discard them first."))
    if _count(
        Delivery,
        Delivery.document_id.in_(_documents(family)),
        Delivery.state == DeliveryState.QUEUED.value,
    ):
        found.append(_("A document is on its way. Wait until it was sent."))
    if _count(Customer, Customer.payer_id.in_(family)):
        found.append(_("It pays for other customers. Let somebody else pay for them first."))
    return found


def _lock(customer_id: UUID) -> list[UUID]:
    rows = db.session.scalars(
        select(Customer.id)
        .where(or_(Customer.id == customer_id, Customer.merged_into_id == customer_id))
        .order_by(Customer.id)
        .with_for_update()
    )
    return list(rows)


def _take_reach(ctx: Context, family: Sequence[UUID]) -> None:
    credentials.forget_customers(family)
    people = select(Contact.id).where(Contact.customer_id.in_(family))
    _take_portal(ClientNotice.contact_id.in_(people), ProfileChange.customer_id.in_(family))
    _take_visits(PortalVisit.customer_id.in_(family))
    for gone in (Contact, CustomerNote, CustomerTag, ParkedCustomer, DeliveryPreference):
        db.session.execute(
            delete(gone)
            .where(gone.tenant_id == ctx.tenant.id, gone.customer_id.in_(family))  # type: ignore[attr-defined]
            .execution_options(synchronize_session=False)
        )
    _change(ctx, family, **_REACH, fields={}, owner_id=None, is_active=False, erased_at=ctx.now())


def _take_portal(notices: Any, changes: Any) -> None:
    """Delete what contacts were told at the portal, and what they wanted changed there."""
    for row, theirs in ((ClientNotice, notices), (ProfileChange, changes)):
        db.session.execute(delete(row).where(theirs).execution_options(synchronize_session=False))


def _take_visits(theirs: Any) -> None:
    """Leave what was done at the portal, without from where and by which browser."""
    db.session.execute(
        update(PortalVisit)
        .where(theirs)
        .values(address="", user_agent="")
        .execution_options(synchronize_session=False)
    )


def _take_identity(ctx: Context, family: Sequence[UUID]) -> None:
    with language(ctx.tenant.language):
        name = _("Erased")
    _change(ctx, family, **_IDENTITY, name=name)


def _change(ctx: Context, family: Sequence[UUID], **values: Any) -> None:
    db.session.execute(
        update(Customer)
        .where(Customer.tenant_id == ctx.tenant.id, Customer.id.in_(family))
        .values(version=Customer.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


def _steps_of(family: Sequence[UUID]) -> Any:
    return select(Delivery.id).where(Delivery.document_id.in_(_documents(family)))


def _take_addresses(deliveries: Any, *, address: str = "") -> None:
    """Empty to whom documents went, or where one address is named, that alone."""
    recipient = (DeliveryRecipient.address == address,) if address else ()
    step = (DeliveryStep.address == address,) if address else ()
    for row, only, values in (
        (DeliveryRecipient, recipient, {"address": "", "name": "", "reason": ""}),
        (DeliveryStep, step, {"address": "", "detail": "", "facts": {}}),
    ):
        db.session.execute(
            update(row)
            .where(row.delivery_id.in_(deliveries), *only)  # type: ignore[attr-defined]
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    if not address:
        db.session.execute(
            update(Delivery)
            .where(Delivery.id.in_(deliveries))
            .values(last_error="")
            .execution_options(synchronize_session=False)
        )


def _take_documents(ctx: Context, family: Sequence[UUID]) -> None:
    """Empty what documents froze of their buyer, what mails said, and the files made of them."""
    buyers = select(DocumentRow.buyer_id).where(DocumentRow.customer_id.in_(family))
    db.session.execute(
        update(PartySnapshotRow)
        .where(PartySnapshotRow.id.in_(buyers), PartySnapshotRow.content.is_not(None))
        .values(content=None, salt=None)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Delivery)
        .where(Delivery.document_id.in_(_documents(family)))
        .values(subject="", text="", html="")
        .execution_options(synchronize_session=False)
    )
    made = db.session.scalars(
        select(Artefact.file_id).where(Artefact.document_id.in_(_documents(family)))
    )
    files.erase(ctx, {*made, *_attached(family)})


def _attached(family: Sequence[UUID]) -> set[UUID]:
    """Return the files that went out beside documents, as their sealed content names them."""
    contents = db.session.scalars(
        select(DocumentRow.content)
        .where(DocumentRow.customer_id.in_(family))
        .execution_options(yield_per=500)
    )
    return {
        UUID(one["file"])
        for content in contents
        for one in orjson.loads(content).get("attachments", ())
    }
