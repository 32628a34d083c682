"""What the kernel takes and gives: frozen documents in, numbers out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from billhook.domain.documents import Document
from billhook.domain.ledger import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRunRef:
    """The run that numbers a document, and how its numbers are printed."""

    id: UUID
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedDocument:
    """A document with all that is written beside it."""

    document: Document
    series: SeriesRunRef
    entry: Entry | None
    """None only where every amount of the document is zero."""
    claims: tuple[UUID, ...] = ()
    """Charges that it claims now; those of its draft are claimed already."""
    bill_run_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRecord:
    """An event or a job. Its payload carries ids, never a printed number."""

    id: UUID
    batch_id: UUID
    kind: str
    name: str
    payload: Mapping[str, Any]
    plugin: str = ""
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One privileged act."""

    id: UUID
    actor_kind: str
    actor_id: UUID | None
    address: str
    request_id: UUID | None
    action: str
    object_kind: str
    object_id: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Documents of one tenant that are issued together, in the order of their numbers."""

    tenant_id: UUID
    at: datetime
    due_at: datetime
    """When the outbox rows are due, by the machine's clock."""
    documents: Sequence[PostedDocument]
    accounts: Mapping[tuple[str, str], UUID]
    """Account ids by code and currency."""
    outbox: Sequence[OutboxRecord] = ()
    audit: Sequence[AuditRecord] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The number that a document got."""

    document_id: UUID
    number: int
    printed_number: str
