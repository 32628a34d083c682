"""Notes about customers as the API takes and gives them."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.sdk.api import Answer, Input
from billhook.services.customer_notes import Note


class NewNote(Input):
    """What colleagues should know."""

    text: str = Field(min_length=1, max_length=limits.TEXT, examples=["Pays in person."])


class NoteAnswer(Answer):
    """A note about a customer; never printed, never sent."""

    id: UUID
    customer_id: UUID
    author: str = Field(description="A person's name; empty for a program and for the operator.")
    is_own: bool = Field(description="Whether this key wrote it, and so may delete it.")
    text: str
    written_at: datetime

    @classmethod
    def of(cls, note: Note) -> "NoteAnswer":
        """Return how the API shows a note."""
        return cls(
            id=note.id,
            customer_id=note.customer_id,
            author=note.author,
            is_own=note.is_own,
            text=note.text,
            written_at=note.written_at,
        )
