"""Files of documents as the API gives them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.api.schemas.problems import Remark, remarks
from billhook.domain.documents import Attachment
from billhook.sdk.api import Answer, Query
from billhook.services.artefacts import ArtefactEntry


class EInvoiceQuery(Query):
    """Which e-invoice."""

    format: str = Field(
        "",
        max_length=limits.CODE,
        description="Key of a format; empty for the customer's first, else the only one.",
        examples=["einvoice_ubl.xrechnung"],
    )


class DocumentFileAnswer(Answer):
    """A file that was made of a document, or went out with it. Its bytes never change."""

    kind: Literal["print", "e_invoice", "attachment"]
    name: str
    content_type: str
    size: int | None = Field(description="Bytes; null of an attachment.")
    sha256: str
    href: str = Field(description="Where the file is, below /api/v1.")
    id: UUID | None = Field(description="Null of an attachment, which has a position.")
    position: int | None = Field(description="Of an attachment, from 1.")
    provider: str = Field(description="What made it: the key of a renderer or format.")
    rules: str = Field(description="The rule sets that it passed.")
    findings: list[Remark]
    made_at: datetime | None

    @classmethod
    def made(cls, one: ArtefactEntry) -> "DocumentFileAnswer":
        """Return how the API shows a file that was made of a document."""
        return cls(
            kind="print" if one.kind == "print" else "e_invoice",
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            sha256=one.sha256,
            href=f"/documents/{one.document_id}/files/{one.id}",
            id=one.id,
            position=None,
            provider=one.provider,
            rules=one.rules,
            findings=remarks(one.findings),
            made_at=one.made_at,
        )

    @classmethod
    def attached(cls, document_id: UUID, position: int, one: Attachment) -> "DocumentFileAnswer":
        """Return how the API shows a file that went out with a document."""
        return cls(
            kind="attachment",
            name=one.name,
            content_type=one.content_type,
            size=None,
            sha256=one.sha256,
            href=f"/documents/{document_id}/attachments/{position}",
            id=None,
            position=position,
            provider="",
            rules="",
            findings=[],
            made_at=None,
        )


class DocumentFilesAnswer(Answer):
    """All files of a document."""

    data: list[DocumentFileAnswer]
