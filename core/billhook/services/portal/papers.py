"""A client's document in full: how it reads, why each amount, what belongs to it, and its files.

Who may see it is asked within the client's scope. How it looks is read beyond it, as the
company itself would: the brand of a document is that of its customer, whoever pays it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, or_

from billhook.columns import Id
from billhook.db import db
from billhook.domain.document_view import DocumentView, ViewLine
from billhook.domain.links import LinkKind
from billhook.domain.publications import FileContent, Publication
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.documents import DocumentRow
from billhook.plugins.registries import DOCUMENT_FORMATS
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import (
    artefacts,
    attachments,
    explaining,
    links,
    originals,
    payment_codes,
    preferences,
    publishing,
)
from billhook.services.artefacts import ArtefactEntry
from billhook.services.explaining import LineReason
from billhook.services.exports import document_lines
from billhook.services.links import Descent
from billhook.services.portal import documents, log, seen
from billhook.services.portal.clients import Client, Way
from billhook.services.portal.documents import ClientDocument, DocumentState
from billhook.services.portal.log import PortalAct
from billhook.services.presenting import present

MOST_LINES = 300
"""Lines that a page shows; the files have all of them."""

_TOLD = (LinkKind.SPLIT, LinkKind.MERGED, LinkKind.REBILLED)
"""Descents that concern a client; that something was copied does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A line as it is printed, and why it comes to its amount."""

    shown: ViewLine
    reason: LineReason


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSection:
    """Lines that belong together; without a label where the document has no sections."""

    label: str
    lines: tuple[PaperLine, ...]
    subtotal_label: str
    subtotal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another document that this one came from, became, takes back or was taken back by."""

    kind: LinkKind
    is_parent: bool
    document: ClientDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlFile:
    """An e-invoice that can be downloaded, by its format."""

    key: str
    own_name: str
    """The format's name without its plugin's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """All that a page shows of a document."""

    document: ClientDocument
    view: DocumentView
    sections: tuple[PaperSection, ...]
    hidden_lines: int
    """How many lines are too many for a page."""
    related: tuple[Related, ...]
    xml_files: tuple[XmlFile, ...]
    credited_number: str
    """The invoice that a credit note takes back."""

    @property
    def is_to_be_paid(self) -> bool:
        return self.document.state in _TO_BE_PAID

    @property
    def has_code(self) -> bool:
        """Whether the payment code asks for what is open: it knows the whole amount alone."""
        payment = self.view.payment
        is_whole = self.document.open == self.document.payable
        return bool(self.is_to_be_paid and is_whole and payment and payment.code)


_TO_BE_PAID = (DocumentState.OPEN, DocumentState.PARTLY, DocumentState.OVERDUE)


def read(client: Client, document_id: UUID) -> Paper:
    """Return a document to be shown, and keep that the client saw it. Raises NotFound."""
    found, row = documents.get_whole(client, document_id)
    related = () if client.way is Way.LINK else _related(client, found)
    office = _beyond(client)
    with office.acting():
        publication = _publication(office, found, row)
        keys = _formats(office, found)
    seen.note(client, document_id, is_known=found.is_seen)
    view = present(publication)
    reasons = explaining.as_sealed(publication.document)
    return Paper(
        document=found,
        view=view,
        sections=tuple(_sections(view, reasons)),
        hidden_lines=max(0, len(reasons) - MOST_LINES),
        related=related,
        xml_files=tuple(XmlFile(key=key, own_name=key.rpartition(".")[2]) for key in keys),
        credited_number=publication.credited.number if publication.credited else "",
    )


def _beyond(client: Client) -> Context:
    """Return the client's context without its scope, for what belongs to a document that is theirs."""
    return replace(client.ctx, scope=None)


def _publication(office: Context, found: ClientDocument, row: DocumentRow) -> Publication:
    return publishing.looked_at(
        office,
        originals.of_row(office, row),
        number=found.number,
        credited=publishing.reference(found.credits_id) if found.credits_id else None,
    )


def _sections(view: DocumentView, reasons: Sequence[LineReason]) -> Iterator[PaperSection]:
    """Give each printed line its reason; both follow the document's order."""
    left = islice(reasons, MOST_LINES)
    for section in view.sections:
        lines = tuple(
            PaperLine(shown=line, reason=reason)
            for line, reason in zip(section.lines, left, strict=False)
        )
        if lines:
            yield PaperSection(
                label=section.label,
                lines=lines,
                subtotal_label=section.subtotal_label,
                subtotal=section.subtotal,
            )


def _related(client: Client, found: ClientDocument) -> tuple[Related, ...]:
    """Return the relatives that the client may see, in the order of their dates."""
    descents = {
        one.child_id if one.parent_id == found.id else one.parent_id: one
        for one in links.descent(client.ctx, found.id)
        if one.kind in _TOLD
    }
    wanted = [*descents, *([found.credits_id] if found.credits_id else [])]
    rows = db.session.execute(_beside(), {"wanted": wanted, "credited": found.id})
    return tuple(
        _relative(found, documents.entry(client, row), descents.get(row.id)) for row in rows
    )


@cache
def _beside() -> Select[Any]:
    return (
        documents.entries()
        .where(
            or_(
                DocumentRow.id.in_(bindparam("wanted", expanding=True, type_=Id())),
                DocumentRow.credits_document_id == bindparam("credited", type_=Id()),
            )
        )
        .order_by(DocumentRow.issue_on, DocumentRow.id)
    )


def _relative(found: ClientDocument, other: ClientDocument, descent: Descent | None) -> Related:
    if descent is None:
        return Related(
            kind=LinkKind.CREDITED, is_parent=other.id == found.credits_id, document=other
        )
    return Related(kind=descent.kind, is_parent=other.id == descent.parent_id, document=other)


# Files


def pdf(client: Client, document_id: UUID) -> tuple[ArtefactEntry, FileContent]:
    """Return the file for people as it was kept; the first to ask has it made.

    Raises NotFound, and what `artefacts.printed` raises.
    """
    found = documents.get(client, document_id)
    office = _beyond(client)
    with office.acting():
        entry = artefacts.print_of(office, document_id)
        content = artefacts.bytes_of(office, entry)
    _note(client, found)
    return entry, content


def xml(client: Client, document_id: UUID, format_key: str) -> tuple[ArtefactEntry, FileContent]:
    """Return an e-invoice that is there or that the customer wants; the first to ask has it made.

    Raises NotFound for any other format, Conflict where the rules refuse it, and what
    `artefacts.e_invoice` raises else.
    """
    found = documents.get(client, document_id)
    office = _beyond(client)
    with office.acting():
        if format_key not in _formats(office, found):
            raise NotFound(_("e-invoice format"), format_key)
        entry = _e_invoice(office, document_id, format_key)
        content = artefacts.bytes_of(office, entry)
    _note(client, found)
    return entry, content


def _e_invoice(office: Context, document_id: UUID, format_key: str) -> ArtefactEntry:
    """What the rules find fault with is the company's matter, and told to its own people."""
    try:
        return artefacts.e_invoice_of(office, document_id, format_key=format_key)
    except ValidationFailed as error:
        raise Conflict(
            _("This e-invoice cannot be made just now. Use the PDF, and tell us that you need it.")
        ) from error


def lines(client: Client, document_id: UUID) -> tuple[str, BytesIO]:
    """Return the lines as CSV with the file's name. Raises NotFound."""
    found, row = documents.get_whole(client, document_id)
    written = document_lines.written(found.number, originals.of_row(client.ctx, row))
    _note(client, found)
    return written


def attachment(client: Client, document_id: UUID, position: int) -> FileContent:
    """Return a file that went out with a document, counted from 1. Raises NotFound."""
    found = documents.get(client, document_id)
    content = attachments.sealed(client.ctx, document_id, position)
    _note(client, found)
    return content


def payment_code(client: Client, document_id: UUID) -> bytes:
    """Return the picture that a banking app reads. Raises NotFound where there is none."""
    found, row = documents.get_whole(client, document_id)
    office = _beyond(client)
    with office.acting():
        pictures = payment_codes.pictures(_publication(office, found, row))
    if payment_codes.CODE not in pictures:
        raise NotFound(_("payment code"), found.number)
    return pictures[payment_codes.CODE]


def _note(client: Client, found: ClientDocument) -> None:
    """Note a download; who has a document's file has seen it."""
    if not found.is_seen:
        seen.keep(client, [found.id])
    log.note(client, PortalAct.DOCUMENT_DOWNLOADED, object_kind="document", object_id=found.id)


def _formats(office: Context, found: ClientDocument) -> list[str]:
    """Return the keys of the e-invoices that are there, and of those that the customer wants."""
    kept = artefacts.e_invoice_keys(found.id)
    wanted = preferences.of_customer(office, found.customer_id).formats
    known = relay(office).keys(DOCUMENT_FORMATS)
    return list(dict.fromkeys([*kept, *(key for key in wanted if key in known)]))
