"""A question with all that was said about it, as both sides read it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select

from billhook.db import db
from billhook.domain.questions import DisputeReason, QuestionKind, QuestionState, Side, ThreadAct
from billhook.domain.states import DocumentType
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.customers import Contact, Customer
from billhook.models.documents import DocumentEvent, DocumentLineRow, DocumentRow, DocumentSeal
from billhook.models.files import File
from billhook.models.people import Person
from billhook.models.questions import Question, QuestionFile, QuestionMessage
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionEntry:
    """A question in a list; the amount in minor units of the document's currency."""

    id: UUID
    kind: QuestionKind
    reason: DisputeReason | None
    state: QuestionState
    document_id: UUID
    number: str
    """The document's."""
    document_type: DocumentType
    is_void: bool
    currency: str
    customer_id: UUID
    customer: str
    """Its reference."""
    customer_name: str
    line_no: int | None
    amount: int | None
    contact_id: UUID | None
    asker: str
    """Who asked; empty for whoever had the link in a mail, and for one who is gone."""
    guest_link_id: UUID | None
    assignee_id: UUID | None
    assignee: str
    asked_at: datetime
    said_at: datetime
    """When somebody said something last."""
    closed_at: datetime | None
    version: int

    @property
    def is_dispute(self) -> bool:
        return self.kind is QuestionKind.DISPUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file that came with a message."""

    id: UUID
    name: str
    kilobytes: int
    is_erased: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message of a thread."""

    id: UUID
    side: Side
    name: str
    """Who wrote it; empty where that is not known any more."""
    text: str
    act: ThreadAct
    written_at: datetime
    files: tuple[AttachedFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A question, what it is about, and what was said, the first first."""

    entry: QuestionEntry
    line: str
    """What the line says that it is about; empty for the whole document."""
    said: tuple[Said, ...]


@cache
def entries() -> Select[Any]:
    """Select questions with what a list of them shows; `entry` reads the rows."""

    def on(row: Any, left: Any, right: Any) -> Any:
        return and_(row.tenant_id == Question.tenant_id, left == right)

    voided = and_(
        DocumentEvent.tenant_id == Question.tenant_id,
        DocumentEvent.document_id == Question.document_id,
        DocumentEvent.kind == "voided",
    )
    last = (
        select(func.max(QuestionMessage.written_at))
        .where(
            QuestionMessage.tenant_id == Question.tenant_id,
            QuestionMessage.question_id == Question.id,
        )
        .correlate(Question)
        .scalar_subquery()
    )
    return (
        select(
            Question,
            DocumentSeal.printed_number,
            DocumentRow.type.label("document_type"),
            DocumentRow.currency,
            DocumentEvent.id.label("void_id"),
            Customer.reference,
            Customer.name.label("customer_name"),
            Contact.name.label("asker"),
            Person.name.label("assignee"),
            last.label("said_at"),
        )
        .join(DocumentSeal, on(DocumentSeal, DocumentSeal.document_id, Question.document_id))
        .join(DocumentRow, on(DocumentRow, DocumentRow.id, Question.document_id))
        .join(Customer, on(Customer, Customer.id, Question.customer_id))
        .outerjoin(DocumentEvent, voided)
        .outerjoin(Contact, on(Contact, Contact.id, Question.contact_id))
        .outerjoin(Person, Person.id == Question.assignee_id)
    )


def entry(row: Any) -> QuestionEntry:
    """Return a row of `entries` as a list shows it."""
    question: Question = row[0]
    return QuestionEntry(
        id=question.id,
        kind=QuestionKind(question.kind),
        reason=DisputeReason(question.reason) if question.reason else None,
        state=QuestionState(question.state),
        document_id=question.document_id,
        number=row.printed_number,
        document_type=DocumentType(row.document_type),
        is_void=row.void_id is not None,
        currency=row.currency,
        customer_id=question.customer_id,
        customer=row.reference,
        customer_name=row.customer_name,
        line_no=question.line_no,
        amount=question.amount,
        contact_id=question.contact_id,
        asker=row.asker or "",
        guest_link_id=question.guest_link_id,
        assignee_id=question.assignee_id,
        assignee=row.assignee or "",
        asked_at=question.asked_at,
        said_at=row.said_at or question.asked_at,
        closed_at=question.closed_at,
        version=question.version,
    )


def found(*conditions: Any) -> Thread:
    """Return the one thread for which the conditions hold. Raises NotFound."""
    row = db.session.execute(
        entries().where(*conditions).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(_("question"), "")
    one = entry(row)
    return Thread(entry=one, line=_line(one), said=said([one.id])[one.id])


def lines_of(document_id: UUID) -> dict[int, str]:
    """Return what each line of a document says, by its number."""
    rows = db.session.execute(
        select(DocumentLineRow.line_no, DocumentLineRow.description)
        .where(DocumentLineRow.document_id == document_id)
        .order_by(DocumentLineRow.line_no)
    )
    return dict(rows.tuples().all())


def _line(one: QuestionEntry) -> str:
    if one.line_no is None:
        return ""
    text = db.session.scalar(
        select(DocumentLineRow.description).where(
            DocumentLineRow.document_id == one.document_id, DocumentLineRow.line_no == one.line_no
        )
    )
    return text or ""


def said(question_ids: Collection[UUID]) -> dict[UUID, tuple[Said, ...]]:
    """Return what was said in threads, by question, the first first."""
    rows = db.session.execute(
        select(QuestionMessage, Contact.name.label("contact"), Person.name.label("person"))
        .outerjoin(
            Contact,
            and_(
                Contact.tenant_id == QuestionMessage.tenant_id,
                Contact.id == QuestionMessage.contact_id,
            ),
        )
        .outerjoin(Person, Person.id == QuestionMessage.person_id)
        .where(one_of(QuestionMessage.question_id, question_ids))
        .order_by(QuestionMessage.id)
    ).all()
    attached = files_of([row[0].id for row in rows])
    found: dict[UUID, list[Said]] = {question_id: [] for question_id in question_ids}
    for row in rows:
        found[row[0].question_id].append(_message(row, attached.get(row[0].id, [])))
    return {question_id: tuple(messages) for question_id, messages in found.items()}


def _message(row: Any, attached: Sequence[AttachedFile]) -> Said:
    message: QuestionMessage = row[0]
    return Said(
        id=message.id,
        side=Side(message.author),
        name=row.contact or row.person or "",
        text=message.text,
        act=ThreadAct(message.act),
        written_at=message.written_at,
        files=tuple(attached),
    )


def files_of(message_ids: Collection[UUID]) -> dict[UUID, list[AttachedFile]]:
    """Return the files of messages, by message."""
    found: dict[UUID, list[AttachedFile]] = defaultdict(list)
    rows = db.session.execute(
        select(QuestionFile.message_id, File)
        .join(
            File, and_(File.tenant_id == QuestionFile.tenant_id, File.id == QuestionFile.file_id)
        )
        .where(one_of(QuestionFile.message_id, message_ids))
        .order_by(File.id)
    )
    for message_id, file in rows:
        found[message_id].append(
            AttachedFile(
                id=file.id,
                name=file.name,
                kilobytes=-(-file.size // 1024),
                is_erased=file.erased_at is not None,
            )
        )
    return found


def holds_file(question_id: UUID, file_id: UUID) -> bool:
    """Tell whether a file came with a message of the question."""
    held = (
        select(QuestionFile.file_id)
        .join(
            QuestionMessage,
            and_(
                QuestionMessage.tenant_id == QuestionFile.tenant_id,
                QuestionMessage.id == QuestionFile.message_id,
            ),
        )
        .where(QuestionMessage.question_id == question_id, QuestionFile.file_id == file_id)
    )
    return db.session.scalar(held) is not None


def number_of(document_id: UUID) -> str:
    """Return a document's number as it is printed."""
    return db.session.scalars(
        select(DocumentSeal.printed_number).where(DocumentSeal.document_id == document_id)
    ).one()
