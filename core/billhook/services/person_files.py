"""All that is known of a customer or of one of its people, as a ZIP of JSON and PDFs.

For whoever asks what is stored of them (Art. 15 and 20 GDPR). What colleagues
noted belongs to it; who worked on it here is named by id alone.
"""

import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, or_, select

from billhook.db import Base, db
from billhook.errors import BillhookError, NotFound
from billhook.i18n import gettext as _
from billhook.models.artefacts import Artefact
from billhook.models.charges import ChargeRow
from billhook.models.clients import (
    ClientCredential,
    ClientFactor,
    ClientNotice,
    ClientSession,
    PortalVisit,
)
from billhook.models.customers import Contact, Customer, CustomerNote, CustomerTag
from billhook.models.deliveries import (
    Delivery,
    DeliveryPreference,
    DeliveryRecipient,
    DeliveryStep,
)
from billhook.models.documents import DocumentRow, DocumentSeal, PartySnapshotRow
from billhook.models.files import File
from billhook.models.ledger import Credit, Receivable
from billhook.models.portal import ProfileChange
from billhook.models.products import Price
from billhook.models.questions import Question, QuestionFile, QuestionMessage
from billhook.sdk.context import Context
from billhook.services import artefacts, audit, files, merged

_HIDDEN = frozenset({"tenant_id", "content_hash", "salt", "commitment"})
_SECRET = frozenset({"password_hash", "token_hash", "sealed", "uses"})
"""What lets somebody in: nobody gets it out, whoever it belongs to."""

_AT_PORTAL: tuple[tuple[str, Any], ...] = (
    ("portal_account", ClientCredential),
    ("portal_second_factor", ClientFactor),
    ("portal_sessions", ClientSession),
    ("portal_visits", PortalVisit),
    ("portal_notices", ClientNotice),
    ("profile_changes", ProfileChange),
)


def write_customer(ctx: Context, customer_id: UUID, out: BinaryIO) -> None:
    """Write all that is known of a customer and its duplicates, a document at a time.

    A document whose PDF was never made is rendered now. Raises NotFound.
    """
    _require(ctx)
    if db.session.scalar(select(Customer.id).where(Customer.id == customer_id)) is None:
        raise NotFound(_("customer"), customer_id)
    family = merged.family(customer_id)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in _of_customers(family):
            archive.writestr(f"{name}.json", _json(rows))
        asked = select(Question.id).where(Question.customer_id.in_(family))
        _write_files(ctx, archive, QuestionMessage.question_id.in_(asked))
        for document_id, number in _numbers(family):
            _write_document(ctx, archive, document_id, number)
    with ctx.transaction():
        audit.record(ctx, "customer.data_exported", "customer", customer_id)


def write_contact(ctx: Context, contact_id: UUID, out: BinaryIO) -> None:
    """Write all that is known of a customer's person. Raises NotFound."""
    _require(ctx)
    row = db.session.scalar(select(Contact).where(Contact.id == contact_id))
    if row is None:
        raise NotFound(_("contact"), contact_id)
    address = row.email
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("contact.json", _json([_plain(row)]))
        for name, kind in (("received", DeliveryRecipient), ("deliveries", DeliveryStep)):
            found = db.session.scalars(select(kind).where(kind.address == address))
            archive.writestr(f"{name}.json", _json(map(_plain, found)))
        for name, theirs in _of_contact(Contact.id == contact_id):
            archive.writestr(f"{name}.json", _json(theirs))
        wrote = QuestionMessage.contact_id == contact_id
        said = db.session.scalars(select(QuestionMessage).where(wrote))
        archive.writestr("question_messages.json", _json(map(_plain, said)))
        _write_files(ctx, archive, wrote)
    with ctx.transaction():
        audit.record(ctx, "contact.data_exported", "contact", contact_id)


def _of_contact(condition: ColumnElement[bool]) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Give what the portal keeps of contacts, but for what lets them in."""
    people = select(Contact.id).where(condition)
    for name, kind in _AT_PORTAL:
        rows = db.session.scalars(select(kind).where(kind.contact_id.in_(people)))
        yield name, map(_plain, rows)


def _require(ctx: Context) -> None:
    ctx.require("exports.create")
    ctx.require("customers.view")
    ctx.require("documents.view")


def _of_customers(family: Sequence[UUID]) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    documents = select(DocumentRow.id).where(DocumentRow.customer_id.in_(family))
    deliveries = select(Delivery.id).where(Delivery.document_id.in_(documents))
    paying = Receivable.payer_id.in_(family) | Receivable.customer_id.in_(family)
    credited = Credit.payer_id.in_(family) | Credit.customer_id.in_(family)
    asked = select(Question.id).where(Question.customer_id.in_(family))
    charged = or_(ChargeRow.customer_id.in_(family), ChargeRow.payer_id.in_(family))
    for name, kind, condition in (
        ("customer", Customer, Customer.id.in_(family)),
        ("contacts", Contact, Contact.customer_id.in_(family)),
        ("notes", CustomerNote, CustomerNote.customer_id.in_(family)),
        ("tags", CustomerTag, CustomerTag.customer_id.in_(family)),
        ("preferences", DeliveryPreference, DeliveryPreference.customer_id.in_(family)),
        ("prices", Price, Price.customer_id.in_(family)),
        ("charges", ChargeRow, charged),
        ("receivables", Receivable, paying),
        ("credits", Credit, credited),
        ("deliveries", Delivery, Delivery.document_id.in_(documents)),
        ("recipients", DeliveryRecipient, DeliveryRecipient.delivery_id.in_(deliveries)),
        ("delivery_steps", DeliveryStep, DeliveryStep.delivery_id.in_(deliveries)),
        ("questions", Question, Question.customer_id.in_(family)),
        ("question_messages", QuestionMessage, QuestionMessage.question_id.in_(asked)),
    ):
        rows = db.session.scalars(select(kind).where(condition))  # type: ignore[arg-type]
        yield name, map(_plain, rows)
    yield from _of_contact(Contact.customer_id.in_(family))


def _numbers(family: Sequence[UUID]) -> list[tuple[UUID, str]]:
    rows = db.session.execute(
        select(DocumentRow.id, DocumentSeal.printed_number)
        .join(
            DocumentSeal,
            (DocumentSeal.tenant_id == DocumentRow.tenant_id)
            & (DocumentSeal.document_id == DocumentRow.id),
        )
        .where(DocumentRow.customer_id.in_(family))
        .order_by(DocumentRow.id)
    )
    return list(rows.tuples())


def _write_document(
    ctx: Context, archive: zipfile.ZipFile, document_id: UUID, number: str
) -> None:
    """Write what a document says, and each file that was made of it."""
    folder = f"documents/{_safe(number)}"
    row = db.session.execute(
        select(DocumentRow.content, PartySnapshotRow.content)
        .join(
            PartySnapshotRow,
            (PartySnapshotRow.tenant_id == DocumentRow.tenant_id)
            & (PartySnapshotRow.id == DocumentRow.buyer_id),
        )
        .where(DocumentRow.id == document_id)
    ).one()
    buyer = orjson.loads(row[1]) if row[1] else None
    told = {"number": number, "buyer": buyer, "document": orjson.loads(row[0])}
    archive.writestr(f"{folder}.json", _json(told))
    if buyer is None:
        return
    try:
        artefacts.printed(ctx, document_id)
    except BillhookError as error:
        archive.writestr(f"{folder} (not printed).txt", error.message)
    made = db.session.scalars(select(Artefact.id).where(Artefact.document_id == document_id)).all()
    for artefact_id in made:
        found = artefacts.content(ctx, artefact_id)
        archive.writestr(f"{folder} {_safe(found.name)}", found.content)


def _write_files(ctx: Context, archive: zipfile.ZipFile, condition: ColumnElement[bool]) -> None:
    """Write the files that came with messages."""
    rows = db.session.scalars(
        select(File)
        .join(
            QuestionFile,
            and_(QuestionFile.tenant_id == File.tenant_id, QuestionFile.file_id == File.id),
        )
        .join(
            QuestionMessage,
            and_(
                QuestionMessage.tenant_id == QuestionFile.tenant_id,
                QuestionMessage.id == QuestionFile.message_id,
            ),
        )
        .where(condition, File.erased_at.is_(None))
        .order_by(File.id)
    )
    for row in rows.all():
        entry, content = files.stored(ctx, row.id)
        archive.writestr(f"questions/{row.id} {_safe(entry.name)}", content)


def _safe(name: str) -> str:
    """Return a name that leads nowhere when the archive is opened."""
    return "".join("-" if char in '/\\:*?"<>|' else char for char in name).lstrip(".")


def _plain(row: Base) -> dict[str, Any]:
    return {
        column.key: _text(getattr(row, column.key))
        for column in row.__mapper__.column_attrs
        if column.key not in _HIDDEN | _SECRET
    }


def _text(value: object) -> object:
    return value if isinstance(value, str | int | bool | list | dict | None) else str(value)


def _json(rows: Any) -> bytes:
    found = rows if isinstance(rows, dict) else list(rows)
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS, default=str)
