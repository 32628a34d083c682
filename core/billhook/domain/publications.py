"""A document as it goes out: with its number, its brand and what it refers to.

Renderers, e-invoice formats and channels get publications; none of them changes
the document. A draft becomes one too, under the number that it would get, so
that a preview and a check before issue take the same way.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from billhook.domain.brands import Brand, Template
from billhook.domain.documents import Document


class Stage(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """BG-3: another document, as people name it."""

    number: str  # BT-25
    issue_on: date  # BT-26


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """A file with its bytes."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A document, complete with all that is printed."""

    document: Document
    number: str  # BT-1; of a draft the one that it would get
    stage: Stage
    brand: Brand
    template: Template
    credited: Reference | None = None  # BG-3
    files: tuple[FileContent, ...] = ()
    """The document's attachments, in its order."""
    is_sandbox: bool = False
