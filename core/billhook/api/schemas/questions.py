"""Questions and disputes as the API takes and gives them."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.questions import DisputeReason, QuestionKind, QuestionState, Side, ThreadAct
from billhook.domain.states import DocumentType
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.money import amount_text
from billhook.problems import Problem
from billhook.sdk.api import Answer, Input, PageQuery, Query
from billhook.services.questions import QuestionEntry, QuestionFilter, Said, Upload
from billhook.services.questions.attached import LARGEST, LARGEST_SUM, MOST

LARGEST_BODY = LARGEST_SUM * 4 // 3 + 64 * 1024
"""Bytes of a message with its files in Base64."""

Expansion = Literal["messages"]
Direction = Literal["asc", "desc"]


class QuestionQuery(Query):
    """What else to answer."""

    expand: list[Expansion] = Field([], max_length=1, description="What else to answer.")


class QuestionsQuery(PageQuery):
    """Which questions; what is left out narrows nothing."""

    text: str = Field(
        "",
        max_length=limits.NAME,
        description="A part of the document's number, or of the customer's name or code.",
    )
    state: QuestionState | None = Field(
        None, description="`open` waits for you, `answered` for the client."
    )
    kind: QuestionKind | None = None
    customer: str = Field("", max_length=limits.CODE, description="Your own code.")
    customer_id: UUID | None = Field(None, description="The same by its id.")
    document_id: UUID | None = None
    assignee_id: UUID | None = Field(None, description="The person whose task it is.")
    older_than_days: int | None = Field(
        None, ge=0, le=3_650, description="Asked longer ago than so many days."
    )
    direction: Direction = Field("desc", description="By when it was asked.")
    expand: list[Expansion] = Field([], max_length=1, description="What else to answer.")

    def wanted(self) -> QuestionFilter:
        """Return what the service looks for."""
        return QuestionFilter(
            text=self.text,
            state=self.state,
            kind=self.kind,
            customer=self.customer,
            customer_id=self.customer_id,
            document_id=self.document_id,
            assignee_id=self.assignee_id,
            older_than_days=self.older_than_days,
        )


class FileGiven(Input):
    """A file that comes with a message: PDF, PNG, JPEG, CSV, XLSX or TXT."""

    name: str = Field(min_length=1, max_length=limits.NAME, examples=["count.csv"])
    content: str = Field(
        min_length=1,
        max_length=LARGEST * 4 // 3 + 4,
        description="Its bytes in Base64, at most 5 MB.",
        examples=["YTtiCg=="],
    )


class MessageInput(Input):
    """What the client will read."""

    text: str = Field(
        min_length=1, max_length=limits.QUESTION_TEXT, examples=["We have corrected it."]
    )
    files: list[FileGiven] = Field([], max_length=MOST)

    def uploads(self) -> list[Upload]:
        """Return the files. Raises ValidationFailed."""
        return [
            Upload(name=one.name, content=_bytes(place, one.content))
            for place, one in enumerate(self.files)
        ]


def _bytes(place: int, content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        message = _("This is no Base64. Send the bytes of the file in Base64, without spaces.")
        raise ValidationFailed(
            [Problem(code="file.not_base64", path=f"files.{place}.content", message=message)]
        ) from None


class AssignInput(Input):
    """Whose task it is."""

    assignee_id: UUID | None = Field(description="A person of yours; null for nobody.")


class QuestionFileAnswer(Answer):
    """A file that came with a message."""

    id: UUID
    name: str
    is_erased: bool


class MessageAnswer(Answer):
    """What somebody said."""

    id: UUID
    side: Side
    name: str = Field(description="Who wrote it; empty where that is not known.")
    text: str
    act: ThreadAct = Field(description="`closed` or `reopened` where it did that; else empty.")
    written_at: datetime
    files: list[QuestionFileAnswer]

    @classmethod
    def of(cls, one: Said) -> "MessageAnswer":
        """Return how the API shows a message."""
        return cls(
            id=one.id,
            side=one.side,
            name=one.name,
            text=one.text,
            act=one.act,
            written_at=one.written_at,
            files=[
                QuestionFileAnswer(id=file.id, name=file.name, is_erased=file.is_erased)
                for file in one.files
            ],
        )


class QuestionAnswer(Answer):
    """A question or dispute of a client about a document."""

    id: UUID
    kind: QuestionKind
    state: QuestionState = Field(description="`open` waits for you, `answered` for the client.")
    document_id: UUID
    number: str = Field(description="Of the document.")
    document_type: DocumentType
    line_no: int | None = Field(description="The line that it is about; null for all of it.")
    reason: DisputeReason | None = Field(description="Of a dispute.")
    amount: str | None = Field(description="How much is disputed; null where nobody said.")
    currency: str
    customer_id: UUID = Field(description="Whose people asked.")
    customer: str = Field(description="Your own code.")
    customer_name: str
    contact_id: UUID | None = Field(description="Who asked; null for whoever had the link.")
    asker: str
    assignee_id: UUID | None = Field(description="The person whose task it is.")
    assignee: str
    asked_at: datetime
    said_at: datetime = Field(description="When something was said last.")
    closed_at: datetime | None
    version: int
    messages: list[MessageAnswer] | None = Field(description="With `expand=messages`.")

    @classmethod
    def of(cls, one: QuestionEntry, said: Sequence[Said] | None = None) -> "QuestionAnswer":
        """Return how the API shows a question."""
        return cls(
            id=one.id,
            kind=one.kind,
            state=one.state,
            document_id=one.document_id,
            number=one.number,
            document_type=one.document_type,
            line_no=one.line_no,
            reason=one.reason,
            amount=None if one.amount is None else amount_text(one.amount, one.currency),
            currency=one.currency,
            customer_id=one.customer_id,
            customer=one.customer,
            customer_name=one.customer_name,
            contact_id=one.contact_id,
            asker=one.asker,
            assignee_id=one.assignee_id,
            assignee=one.assignee,
            asked_at=one.asked_at,
            said_at=one.said_at,
            closed_at=one.closed_at,
            version=one.version,
            messages=None if said is None else [MessageAnswer.of(each) for each in said],
        )
