"""Questions and disputes of clients about documents, and what was said."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Amount, Count, Id, Instant, Prose, Words
from billhook.db import EntityRow, TenantRow, partial_index, references


class Question(EntityRow):
    """What a client asks or disputes about a document, or a line of it; open until it is closed."""

    __tablename__ = "question"
    __table_args__ = (
        references("document_id", to="document"),
        references("customer_id", to="customer"),
        CheckConstraint("kind IN ('question', 'dispute')", name="kind"),
        CheckConstraint("state IN ('open', 'answered', 'closed')", name="state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        Index("ix_question_customer", "tenant_id", "customer_id", "id"),
        Index("ix_question_state", "tenant_id", "state", "id"),
        Index("ix_question_document", "tenant_id", "document_id"),
        partial_index(
            "ix_question_disputed",
            "tenant_id",
            "document_id",
            where="kind = 'dispute' AND state <> 'closed'",
        ),
    )

    document_id: Mapped[UUID] = mapped_column(Id)
    customer_id: Mapped[UUID] = mapped_column(Id)
    """Whose contact asked."""
    contact_id: Mapped[UUID | None] = mapped_column(Id)
    """None where somebody asked by the link in a mail."""
    guest_link_id: Mapped[UUID | None] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Words(10))
    reason: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    """Why a document is disputed: wrong_amount, not_received, …"""
    line_no: Mapped[int | None] = mapped_column(Count)
    amount: Mapped[int | None] = mapped_column(Amount)
    """How much of it is disputed, in minor units of the document's currency."""
    state: Mapped[str] = mapped_column(Words(10), default="open")
    """open waits for the company, answered for the client."""
    assignee_id: Mapped[UUID | None] = mapped_column(Id)
    """The member's person who answers."""
    asked_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Count, default=1)


class QuestionMessage(EntityRow):
    """What somebody said in a question's thread, or what became of it."""

    __tablename__ = "question_message"
    __table_args__ = (
        references("question_id", to="question"),
        CheckConstraint("author IN ('client', 'company')", name="author"),
        Index("ix_question_message_question", "tenant_id", "question_id", "id"),
    )

    question_id: Mapped[UUID] = mapped_column(Id)
    author: Mapped[str] = mapped_column(Words(10))
    contact_id: Mapped[UUID | None] = mapped_column(Id)
    person_id: Mapped[UUID | None] = mapped_column(Id)
    text: Mapped[str] = mapped_column(Prose)
    act: Mapped[str] = mapped_column(Words(10), default="")
    """closed or reopened, where the message is about that."""
    written_at: Mapped[datetime] = mapped_column(Instant)


class QuestionFile(TenantRow):
    """A file that came with a message."""

    __tablename__ = "question_file"
    __table_args__ = (
        references("message_id", to="question_message"),
        references("file_id", to="file"),
    )

    message_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    file_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
