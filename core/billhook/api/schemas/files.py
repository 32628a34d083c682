"""Stored files as the API gives them."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from billhook.sdk.api import Answer
from billhook.services.files import FileEntry


class FileAnswer(Answer):
    """What a file is."""

    id: UUID
    name: str
    content_type: str
    size: int = Field(description="Bytes.")
    sha256: str
    created_at: datetime
    erased_at: datetime | None = Field(
        description="When it went for good, with the personal data in it."
    )

    @classmethod
    def of(cls, one: FileEntry) -> "FileAnswer":
        """Return how the API shows a file."""
        return cls(
            id=one.id,
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            sha256=one.sha256,
            created_at=one.created_at,
            erased_at=one.erased_at,
        )
