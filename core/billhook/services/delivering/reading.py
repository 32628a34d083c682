"""Deliveries as people read them, with the whole trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, or_, select

from billhook import limits
from billhook.db import db
from billhook.domain.deliveries import DeliveryState, RecipientKind
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.artefacts import Artefact
from billhook.models.customers import Customer
from billhook.models.deliveries import Delivery, DeliveryRecipient, DeliveryStep
from billhook.models.documents import DocumentRow, DocumentSeal
from billhook.models.files import File
from billhook.models.work import DueWork, Outbox
from billhook.sdk.context import Context
from billhook.services.delivering.trail import StepKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientEntry:
    """Whom a delivery goes to, and what became of it there."""

    address: str
    kind: RecipientKind
    name: str
    state: DeliveryState
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEntry:
    """A delivery in a list."""

    id: UUID
    document_id: UUID
    number: str
    """Of the document."""
    customer: str
    customer_name: str
    channel: str
    state: DeliveryState
    is_unknown: bool
    """Nobody knows whether it arrived."""
    is_captured: bool
    """A sandbox kept it."""
    subject: str
    recipients: tuple[RecipientEntry, ...]
    last_error: str
    created_at: datetime
    sent_at: datetime | None
    next_try_at: datetime | None
    """By the machine's clock; None where none comes by itself."""
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to a delivery."""

    kind: StepKind
    address: str
    detail: str
    facts: dict[str, Any]
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A whole delivery: what it says and carries, to whom, and its trail."""

    entry: DeliveryEntry
    sender_name: str
    sender_email: str
    reply_to: str
    language: str
    text: str
    html: str
    files: tuple[str, ...]
    """Names of what was made of the document and is attached."""
    remote_id: str
    steps: tuple[Step, ...]


def listing(
    ctx: Context,
    *,
    state: DeliveryState | None = None,
    after: UUID | None = None,
    limit: int = limits.PAGE_ROWS,
) -> list[DeliveryEntry]:
    """List deliveries, newest first, going on after one of an earlier page.

    A state is that of the delivery or of one of its recipients, so that one of
    three who did not get it is found among what failed.
    """
    ctx.require("deliveries.view")
    wanted = delivery_rows().order_by(Delivery.id.desc()).limit(min(limit, limits.PAGE_ROWS))
    if state is not None:
        wanted = wanted.where(or_(Delivery.state == state.value, has_recipient(state)))
    if after is not None:
        wanted = wanted.where(Delivery.id < after)
    return _entries(wanted)


def of_document(ctx: Context, document_id: UUID) -> list[DeliveryEntry]:
    """Return a document's deliveries, newest first."""
    ctx.require("deliveries.view")
    return _entries(
        delivery_rows()
        .where(Delivery.document_id == document_id)
        .order_by(Delivery.created_at.desc(), Delivery.id.desc())
        .limit(limits.PAGE_ROWS)
    )


def found(ctx: Context, delivery_id: UUID) -> DeliveryEntry:
    """Return a delivery as lists show it. Raises NotFound."""
    ctx.require("deliveries.view")
    return entry_of(ctx, delivery_id)


def get(ctx: Context, delivery_id: UUID) -> DeliveryView:
    """Return a delivery with its trail. Raises NotFound."""
    ctx.require("deliveries.view")
    entry = entry_of(ctx, delivery_id)
    row = db.session.scalars(select(Delivery).where(Delivery.id == delivery_id)).one()
    return DeliveryView(
        entry=entry,
        sender_name=row.sender["name"],
        sender_email=row.sender["email"],
        reply_to=row.sender["reply_to"],
        language=row.language,
        text=row.text,
        html=row.html,
        files=_file_names(row.artefacts),
        remote_id=row.remote_id,
        steps=_steps(delivery_id),
    )


def entry_of(ctx: Context, delivery_id: UUID) -> DeliveryEntry:
    """Return a delivery as lists show it. Raises NotFound."""
    found = _entries(delivery_rows().where(Delivery.id == delivery_id))
    if not found:
        raise NotFound(_("delivery"), delivery_id)
    return found[0]


@cache
def delivery_rows() -> Select[Any]:
    """Select deliveries with what a list of them shows; `entries_of` reads the rows."""
    return (
        select(
            Delivery,
            DocumentSeal.printed_number,
            Customer.reference,
            Customer.name,
            DueWork.due_at,
        )
        .join(
            DocumentRow,
            and_(
                DocumentRow.tenant_id == Delivery.tenant_id,
                DocumentRow.id == Delivery.document_id,
            ),
        )
        .join(
            DocumentSeal,
            and_(
                DocumentSeal.tenant_id == Delivery.tenant_id,
                DocumentSeal.document_id == Delivery.document_id,
            ),
        )
        .join(
            Customer,
            and_(
                Customer.tenant_id == Delivery.tenant_id,
                Customer.id == DocumentRow.customer_id,
            ),
        )
        .outerjoin(
            Outbox,
            and_(
                Outbox.tenant_id == Delivery.tenant_id,
                Outbox.id == Delivery.job_id,
                Outbox.state == "waiting",
            ),
        )
        .outerjoin(
            DueWork,
            and_(DueWork.tenant_id == Outbox.tenant_id, DueWork.batch_id == Outbox.batch_id),
        )
        .execution_options(populate_existing=True)
    )


def has_recipient(state: DeliveryState) -> Any:
    """Tell, in SQL, whether a delivery has a recipient in a state."""
    return (
        select(DeliveryRecipient.position)
        .where(
            DeliveryRecipient.tenant_id == Delivery.tenant_id,
            DeliveryRecipient.delivery_id == Delivery.id,
            DeliveryRecipient.state == state.value,
        )
        .exists()
    )


def _entries(wanted: Select[Any]) -> list[DeliveryEntry]:
    return entries_of(db.session.execute(wanted).all())


def entries_of(rows: Sequence[Row[Any]]) -> list[DeliveryEntry]:
    """Return rows of `delivery_rows` as lists show them."""
    people = _people([row[0].id for row in rows])
    return [_entry(row, people.get(row[0].id, ())) for row in rows]


def _entry(found: Row[Any], people: Sequence[RecipientEntry]) -> DeliveryEntry:
    row: Delivery = found[0]
    return DeliveryEntry(
        id=row.id,
        document_id=row.document_id,
        number=found.printed_number,
        customer=found.reference,
        customer_name=found.name,
        channel=row.channel,
        state=DeliveryState(row.state),
        is_unknown=row.is_committed and row.state == DeliveryState.FAILED.value,
        is_captured=row.is_captured,
        subject=row.subject,
        recipients=tuple(people),
        last_error=row.last_error,
        created_at=row.created_at,
        sent_at=row.sent_at,
        next_try_at=found.due_at,
        version=row.version,
    )


def _people(delivery_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[RecipientEntry]]:
    if not delivery_ids:
        return {}
    found: dict[UUID, list[RecipientEntry]] = {}
    for row in db.session.scalars(
        select(DeliveryRecipient)
        .where(DeliveryRecipient.delivery_id.in_(delivery_ids))
        .order_by(DeliveryRecipient.delivery_id, DeliveryRecipient.position)
        .execution_options(populate_existing=True)
    ):
        found.setdefault(row.delivery_id, []).append(
            RecipientEntry(
                address=row.address,
                kind=RecipientKind(row.kind),
                name=row.name,
                state=DeliveryState(row.state),
                reason=row.reason,
            )
        )
    return found


def _steps(delivery_id: UUID) -> tuple[Step, ...]:
    rows = db.session.scalars(
        select(DeliveryStep)
        .where(DeliveryStep.delivery_id == delivery_id)
        .order_by(DeliveryStep.id)
    )
    return tuple(
        Step(
            kind=StepKind(row.kind),
            address=row.address,
            detail=row.detail,
            facts=row.facts,
            happened_at=row.happened_at,
        )
        for row in rows
    )


def _file_names(artefact_ids: Sequence[str]) -> tuple[str, ...]:
    rows = db.session.execute(
        select(Artefact.id, File.name)
        .join(File, and_(File.tenant_id == Artefact.tenant_id, File.id == Artefact.file_id))
        .where(Artefact.id.in_([UUID(one) for one in artefact_ids]))
    )
    names = dict(rows.tuples().all())
    return tuple(names[UUID(one)] for one in artefact_ids)
