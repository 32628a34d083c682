"""Two rows of one customer become one: what is under way moves, what is issued stays as it is.

The duplicate stays under its reference, inactive, and points at the customer that
was kept; so imports that still name it reach that one. Documents, receivables and
postings are never touched: `merged.family` shows them with the customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, delete, func, insert, or_, select, update

from billhook.db import db
from billhook.domain.events import CustomerMerged
from billhook.domain.states import DraftState
from billhook.errors import Conflict, Forbidden, NotFound
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.models.customers import Contact, Customer, CustomerNote, CustomerTag, ParkedCustomer
from billhook.models.deliveries import DeliveryPreference
from billhook.models.documents import DocumentRow
from billhook.models.drafts import Draft
from billhook.models.products import Price
from billhook.sdk.context import Context
from billhook.services import audit, outbox, profile_changes
from billhook.services.portal import credentials
from billhook.services.sets import insert_missing

_WORKED_ON = (DraftState.OPEN.value, DraftState.APPROVED.value)


class Part(StrEnum):
    """What a merge moves, or shows with the customer that is kept."""

    CHARGES = "charges"
    DRAFTS = "drafts"
    CONTACTS = "contacts"
    NOTES = "notes"
    TAGS = "tags"
    PREFERENCES = "preferences"
    PRICES = "prices"
    CHILDREN = "children"
    DOCUMENTS = "documents"  # shown, not moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two, as the preview compares them."""

    id: UUID
    reference: str
    name: str
    country: str
    city: str
    email: str
    tax_number: str
    currency: str
    is_active: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreview:
    """What would happen; `obstacle` says why it cannot."""

    kept: Side
    duplicate: Side
    moves: tuple[tuple[Part, int], ...]
    documents: int
    """Issued ones of the duplicate, which stay under its name and are shown with the kept one."""
    warnings: tuple[str, ...] = ()
    obstacle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What a merge moved."""

    kept_id: UUID
    moves: tuple[tuple[Part, int], ...]


def preview(ctx: Context, *, duplicate_id: UUID, kept_id: UUID) -> MergePreview:
    """Tell what a merge would move. Writes nothing. Raises NotFound."""
    ctx.require("customers.edit")
    found = {
        row.id: row
        for row in db.session.scalars(
            select(Customer).where(Customer.id.in_([duplicate_id, kept_id]))
        )
    }
    duplicate, kept = (
        _found(found.get(duplicate_id), duplicate_id),
        _found(found.get(kept_id), kept_id),
    )
    return MergePreview(
        kept=_side(kept),
        duplicate=_side(duplicate),
        moves=tuple((part, count) for part, count in _counts(duplicate, kept).items() if count),
        documents=_count(DocumentRow, DocumentRow.customer_id == duplicate_id),
        warnings=tuple(_warnings(duplicate, kept)),
        obstacle=_obstacle(ctx, duplicate, kept),
    )


def merge(
    ctx: Context, *, duplicate_id: UUID, kept_id: UUID, versions: tuple[int, int] | None = None
) -> Merged:
    """Let a customer take a duplicate's place, for good.

    `versions` are the duplicate's and the kept one's as somebody looked at them.
    Raises NotFound, Conflict where one changed since or cannot be merged, Forbidden
    for members who do not see all customers.
    """
    ctx.require("customers.edit")
    if ctx.scope is not None:
        raise Forbidden("customers.edit")
    with ctx.transaction():
        rows = _locked(duplicate_id, kept_id)
        duplicate, kept = (
            _found(rows.get(duplicate_id), duplicate_id),
            _found(rows.get(kept_id), kept_id),
        )
        if versions and versions != (duplicate.version, kept.version):
            raise Conflict(
                _("One of the two was changed meanwhile. Compare them again, then merge.")
            )
        if obstacle := _obstacle(ctx, duplicate, kept):
            raise Conflict(obstacle)
        moves = _counts(duplicate, kept)
        _hand_over(ctx, duplicate, kept, list(rows.values()))
        told = {part.value: count for part, count in moves.items() if count}
        audit.record(ctx, "customer.merged", "customer", duplicate_id, into=kept_id, **told)
        outbox.publish(ctx, CustomerMerged(customer_id=kept_id, duplicate_id=duplicate_id))
        audit.record(ctx, "customer.took_over", "customer", kept_id, duplicate=duplicate_id)
    return Merged(kept_id=kept_id, moves=tuple((p, count) for p, count in moves.items() if count))


def _locked(duplicate_id: UUID, kept_id: UUID) -> dict[UUID, Customer]:
    """Lock both, whom they pay for, and who was merged into the duplicate, in the order of ids."""
    both = [duplicate_id, kept_id]
    rows = db.session.scalars(
        select(Customer)
        .where(
            or_(
                Customer.id.in_(both),
                Customer.payer_id.in_(both),
                Customer.merged_into_id == duplicate_id,
            )
        )
        .order_by(Customer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def _found(row: Customer | None, customer_id: UUID) -> Customer:
    if row is None:
        raise NotFound(_("customer"), customer_id)
    return row


def _obstacle(ctx: Context, duplicate: Customer, kept: Customer) -> str:
    """Return why the two cannot become one, empty where they can."""
    if duplicate.id == kept.id:
        return _("A customer cannot be merged with itself. Choose another one.")
    if duplicate.merged_into_id or kept.merged_into_id:
        return _("One of the two was merged already. Choose the customer that was kept.")
    if duplicate.erased_at or kept.erased_at:
        return _("The personal data of one of the two was erased. It cannot be merged any more.")
    return ""


def _warnings(duplicate: Customer, kept: Customer) -> list[str]:
    found = []
    if duplicate.tax_number and kept.tax_number and duplicate.tax_number != kept.tax_number:
        found.append(
            _("Their tax numbers differ: they may be two companies. Look twice before you merge.")
        )
    if duplicate.country != kept.country:
        found.append(_("They are in different countries, so that what waits is taxed anew."))
    if not kept.is_active:
        found.append(_("The customer that you keep is not active."))
    return found


def _side(row: Customer) -> Side:
    return Side(
        id=row.id,
        reference=row.reference,
        name=row.name,
        country=row.country,
        city=row.city,
        email=row.email,
        tax_number=row.tax_number,
        currency=row.currency,
        is_active=row.is_active,
        version=row.version,
    )


def _counts(duplicate: Customer, kept: Customer) -> dict[Part, int]:
    theirs = duplicate.id
    return {
        Part.CHARGES: _count(ChargeOpen, _waiting_for(duplicate)),
        Part.DRAFTS: _count(
            Draft,
            or_(Draft.customer_id == theirs, Draft.payer_id == theirs),
            Draft.state.in_(_WORKED_ON),
        ),
        Part.CONTACTS: _count(Contact, Contact.customer_id == theirs),
        Part.NOTES: _count(CustomerNote, CustomerNote.customer_id == theirs),
        Part.TAGS: _count(CustomerTag, CustomerTag.customer_id == theirs),
        Part.PREFERENCES: _count(DeliveryPreference, DeliveryPreference.customer_id == theirs)
        if not _count(DeliveryPreference, DeliveryPreference.customer_id == kept.id)
        else 0,
        Part.PRICES: len(_prices_to_copy(duplicate.id, kept.id)),
        Part.CHILDREN: _count(Customer, Customer.payer_id == theirs, Customer.id != kept.id),
    }


def _count(row: type, *conditions: object) -> int:
    query = select(func.count()).select_from(row).where(*conditions)  # type: ignore[arg-type]
    return db.session.scalar(query) or 0


def _waiting_for(duplicate: Customer) -> object:
    """Return the condition on the queue: what waits for the duplicate, whoever pays."""
    own = ChargeOpen.charge_id.in_(
        select(ChargeRow.id).where(
            ChargeRow.tenant_id == duplicate.tenant_id, ChargeRow.customer_id == duplicate.id
        )
    )
    payers = [duplicate.id, duplicate.payer_id] if duplicate.payer_id else [duplicate.id]
    return and_(ChargeOpen.payer_id.in_(payers), or_(ChargeOpen.payer_id == duplicate.id, own))


def _prices_to_copy(duplicate_id: UUID, kept_id: UUID) -> list[Price]:
    """Return agreements on products and currencies on which the kept customer has none."""
    rows = db.session.scalars(
        select(Price)
        .where(Price.customer_id.in_([duplicate_id, kept_id]))
        .order_by(Price.valid_from)
    ).all()
    agreed = {(row.product_id, row.currency) for row in rows if row.customer_id == kept_id}
    return [
        row
        for row in rows
        if row.customer_id == duplicate_id and (row.product_id, row.currency) not in agreed
    ]


def _hand_over(
    ctx: Context, duplicate: Customer, kept: Customer, locked: Sequence[Customer]
) -> None:
    if kept.payer_id == duplicate.id:
        kept.payer_id = None
    payer_id = kept.payer_id or kept.id
    _queue(ctx, duplicate, payer_id)
    _drafts(ctx, duplicate.id, kept.id, payer_id)
    _people(ctx, duplicate.id, kept.id)
    _wishes(ctx, duplicate.id, kept.id)
    _prices(ctx, duplicate.id, kept.id)
    for row in locked:
        if row.payer_id == duplicate.id:
            row.payer_id = payer_id
            row.version += 1
        if row.merged_into_id == duplicate.id:
            row.merged_into_id = kept.id
    kept.fields = {**duplicate.fields, **kept.fields}
    kept.version += 1
    duplicate.payer_id = None
    duplicate.merged_into_id = kept.id
    duplicate.is_active = False
    duplicate.version += 1
    db.session.flush()


def _queue(ctx: Context, duplicate: Customer, payer_id: UUID) -> None:
    """Let what waits be paid by whoever pays for the kept customer: a run bills by payers."""
    db.session.execute(
        update(ChargeOpen)
        .where(ChargeOpen.tenant_id == ctx.tenant.id, _waiting_for(duplicate))  # type: ignore[arg-type]
        .values(payer_id=payer_id)
        .execution_options(synchronize_session=False)
    )


def _drafts(ctx: Context, duplicate_id: UUID, kept_id: UUID, payer_id: UUID) -> None:
    """Move what is not issued; its version tells whoever is editing it."""
    open_ones = (Draft.tenant_id == ctx.tenant.id, Draft.state.in_(_WORKED_ON))
    for condition, values in (
        (Draft.customer_id == duplicate_id, {"customer_id": kept_id, "payer_id": payer_id}),
        (Draft.payer_id == duplicate_id, {"payer_id": payer_id}),
    ):
        db.session.execute(
            update(Draft)
            .where(*open_ones, condition)
            .values(version=Draft.version + 1, **values)
            .execution_options(synchronize_session=False)
        )


def _people(ctx: Context, duplicate_id: UUID, kept_id: UUID) -> None:
    for row in (Contact, CustomerNote):
        db.session.execute(
            update(row)
            .where(row.tenant_id == ctx.tenant.id, row.customer_id == duplicate_id)  # type: ignore[attr-defined]
            .values(customer_id=kept_id)
            .execution_options(synchronize_session=False)
        )
    credentials.follow(duplicate_id, to=kept_id)
    profile_changes.follow(ctx, duplicate_id, to=kept_id)
    tags = db.session.scalars(
        select(CustomerTag.tag).where(CustomerTag.customer_id == duplicate_id)
    )
    insert_missing(
        CustomerTag,
        [{"tenant_id": ctx.tenant.id, "customer_id": kept_id, "tag": tag} for tag in tags],
    )
    for gone in (CustomerTag, ParkedCustomer):
        db.session.execute(
            delete(gone)
            .where(gone.tenant_id == ctx.tenant.id, gone.customer_id == duplicate_id)  # type: ignore[attr-defined]
            .execution_options(synchronize_session=False)
        )


def _wishes(ctx: Context, duplicate_id: UUID, kept_id: UUID) -> None:
    """Move how documents go out, unless the kept customer says so itself."""
    if _count(DeliveryPreference, DeliveryPreference.customer_id == kept_id):
        return
    db.session.execute(
        update(DeliveryPreference)
        .where(
            DeliveryPreference.tenant_id == ctx.tenant.id,
            DeliveryPreference.customer_id == duplicate_id,
        )
        .values(customer_id=kept_id)
        .execution_options(synchronize_session=False)
    )


def _prices(ctx: Context, duplicate_id: UUID, kept_id: UUID) -> None:
    """Agree the same with the kept customer: versions of a price never change, so they are copied."""
    copies = [
        {
            "tenant_id": ctx.tenant.id,
            "id": new_id(),
            "product_id": row.product_id,
            "customer_id": kept_id,
            "currency": row.currency,
            "model": row.model,
            "parameters": row.parameters,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "created_at": ctx.now(),
        }
        for row in _prices_to_copy(duplicate_id, kept_id)
    ]
    if copies:
        db.session.execute(insert(Price), copies)
