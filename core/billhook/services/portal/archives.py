"""All documents of a period as one ZIP, for the client whose they are.

What has no PDF yet gets one by a job before: an archive itself is only read, and sent
while it is read. Everything about it is known before the first byte leaves.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, func, select

from billhook import limits
from billhook.db import db
from billhook.domain.periods import Period
from billhook.domain.states import DocumentType
from billhook.errors import BillhookError, NotFound, Retryable, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.artefacts import Artefact
from billhook.models.documents import DocumentRow
from billhook.models.files import File
from billhook.models.work import Outbox
from billhook.money import to_major
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import artefacts, files, outbox
from billhook.services.exports import sheets
from billhook.services.files import PlacedFile
from billhook.services.portal import clients, documents, log, seen
from billhook.services.portal.clients import Client
from billhook.services.portal.log import PortalAct
from billhook.services.rendering import safe_name
from billhook.services.sets import one_of
from billhook.services.zip_streams import ZipEntry, length, stream

JOB = "portal.make_pdfs"
LONGEST = timedelta(minutes=30)
"""For which one job makes PDFs; what is missing then is made by the next."""

logger = structlog.get_logger("billhook.portal")


class ArchiveKind(StrEnum):
    """What of each document is wanted."""

    PDF = "pdf"
    XML = "xml"


_KEPT_AS = {ArchiveKind.PDF: artefacts.PRINT, ArchiveKind.XML: artefacts.E_INVOICE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveWish:
    """Which documents, by their dates of issue, and what of them."""

    period: Period
    kinds: frozenset[ArchiveKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePlan:
    """What an archive would hold now."""

    documents: int
    files: int
    size: int
    """Of the archive, in bytes."""
    missing: int
    """How many documents have no PDF yet, where PDFs are wanted."""


class MakingState(StrEnum):
    """How far the making of PDFs is."""

    WAITING = "waiting"  # or at work
    DONE = "done"
    FAILED = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """An archive that is about to be sent: nothing more is asked of the database."""

    name: str
    size: int
    entries: tuple[ZipEntry, ...]

    def pieces(self) -> Iterator[bytes]:
        """Send it. A file that is not what was stored ends it, before a byte of it is sent.

        Raises FileDamaged.
        """
        try:
            yield from stream(self.entries)
        except BillhookError as error:
            logger.error("portal.archive_broken", archive=self.name, exc_info=error)
            raise


def span(client: Client) -> tuple[date, date] | None:
    """Return the first and the last day on which a document was issued; None without any."""
    client.require(clients.SEE)
    first, last = db.session.execute(
        select(func.min(DocumentRow.issue_on), func.max(DocumentRow.issue_on))
    ).one()
    return (first, last) if first else None


def plan(client: Client, wish: ArchiveWish) -> ArchivePlan:
    """Return what an archive would hold.

    Raises ValidationFailed where that is nothing, or more than one archive takes.
    """
    client.require(clients.SEE)
    found = _found(client, wish)
    entries = _entries(client, found)
    return ArchivePlan(
        documents=len(found.rows),
        files=sum(len(kept) for kept in found.kept.values()),
        size=length(entries),
        missing=len(found.missing),
    )


def make_missing(client: Client, wish: ArchiveWish) -> UUID:
    """Have the PDFs made that are missing; return the job. The same wish is the same job.

    Raises ValidationFailed.
    """
    client.require(clients.SEE)
    client.require(clients.WRITE)
    missing = _found(client, wish).missing
    payload = {
        "customer_ids": [str(one) for one in sorted(client.customer_ids)],
        "customer_id": str(client.customer_id),
        "since": wish.period.start.isoformat(),
        "until": wish.period.last_day.isoformat(),
    }
    ids = (client.customer_id, *sorted(missing))
    digest = sha256(b"".join(one.bytes for one in ids)).hexdigest()[:32]
    with client.ctx.transaction():
        return outbox.enqueue(client.ctx, JOB, payload, key=f"{JOB} {digest}")


def making(client: Client, job_id: UUID) -> MakingState:
    """Tell how far a job of this client is. Raises NotFound."""
    client.require(clients.SEE)
    row = db.session.execute(
        select(Outbox.state, Outbox.payload).where(Outbox.id == job_id, Outbox.name == JOB)
    ).one_or_none()
    if row is None or row.payload.get("customer_id") != str(client.customer_id):
        raise NotFound(_("job"), job_id)
    return MakingState(row.state)


def make(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Make what is missing; run by the job, and safe to repeat.

    A document that cannot be printed is left out, and told in the log. Raises Retryable.
    """
    period = Period.through(
        date.fromisoformat(payload["since"]), date.fromisoformat(payload["until"])
    )
    family = [UUID(one) for one in payload["customer_ids"]]
    theirs = one_of(DocumentRow.customer_id, family) | one_of(DocumentRow.payer_id, family)
    rows = db.session.execute(_wanted(period).where(theirs).limit(limits.ARCHIVE_DOCUMENTS)).all()
    for document_id in _missing(rows, _kept(rows, [ArchiveKind.PDF])):
        try:
            artefacts.print_of(ctx, document_id)
        except Retryable:
            raise
        except BillhookError as error:
            logger.warning("portal.not_printed", document=str(document_id), reason=error.message)


def opened(client: Client, wish: ArchiveWish) -> Archive:
    """Return an archive whose files were all found, and note that it was taken.

    Raises ValidationFailed, FileDamaged where a file is gone or has another length.
    """
    client.require(clients.SEE)
    found = _found(client, wish)
    for kept in found.kept.values():
        for one in kept:
            one.look()
    entries = _entries(client, found)
    seen.keep(client, [row.id for row in found.rows if row.id in found.kept and not row.seen_at])
    log.note(client, PortalAct.ARCHIVE_DOWNLOADED)
    return Archive(name=_archive_name(client, wish), size=length(entries), entries=tuple(entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    rows: Sequence[Row[Any]]
    kept: Mapping[UUID, Sequence[PlacedFile]]
    missing: Collection[UUID]


def _found(client: Client, wish: ArchiveWish) -> _Found:
    """Raises ValidationFailed."""
    rows = db.session.execute(_wanted(wish.period).limit(limits.ARCHIVE_DOCUMENTS + 1)).all()
    _refuse_count(len(rows))
    stored = _kept(rows, wish.kinds)
    kept = {
        document_id: [
            files.placed(client.ctx, file) for _kind, file in some if file.erased_at is None
        ]
        for document_id, some in stored.items()
    }
    _refuse_size(sum(one.entry.size for some in kept.values() for one in some))
    missing = _missing(rows, stored) if ArchiveKind.PDF in wish.kinds else ()
    return _Found(rows=rows, kept=kept, missing=missing)


def _wanted(period: Period) -> Any:
    """Select the documents of a period; a client's scope narrows it to its own."""
    return (
        documents.entries()
        .where(DocumentRow.issue_on >= period.start, DocumentRow.issue_on < period.end)
        .order_by(DocumentRow.issue_on, DocumentRow.id)
    )


Kept = Mapping[UUID, Sequence[tuple[str, File]]]
"""What is kept of each document: its kind, and the file."""


def _kept(rows: Sequence[Row[Any]], kinds: Collection[ArchiveKind]) -> Kept:
    """Return what was made of documents, PDFs first; that of some may be erased since."""
    found: dict[UUID, list[tuple[str, File]]] = defaultdict(list)
    made = db.session.execute(
        select(Artefact.document_id, Artefact.kind, File)
        .join(File, (File.tenant_id == Artefact.tenant_id) & (File.id == Artefact.file_id))
        .where(
            one_of(Artefact.document_id, [row.id for row in rows]),
            Artefact.kind.in_([_KEPT_AS[kind] for kind in kinds]),
        )
        .order_by(Artefact.kind.desc(), Artefact.made_at, Artefact.id)
    )
    for document_id, kind, file in made:
        found[document_id].append((kind, file))
    return found


def _missing(rows: Sequence[Row[Any]], kept: Kept) -> list[UUID]:
    return [
        row.id
        for row in rows
        if not any(kind == artefacts.PRINT for kind, _file in kept.get(row.id, ()))
    ]


def _refuse_count(count: int) -> None:
    if not count:
        raise _refusal(
            "archive.empty", _("There are no documents in this period. Choose another one.")
        )
    if count > limits.ARCHIVE_DOCUMENTS:
        raise _refusal(
            "archive.too_many",
            _(
                "There are more than %(count)s documents in this period, which is more than one "
                "download takes. Choose a shorter period.",
                count=limits.ARCHIVE_DOCUMENTS,
            ),
        )


def _refuse_size(size: int) -> None:
    if size > limits.ARCHIVE_BYTES:
        raise _refusal(
            "archive.too_large",
            _(
                "The documents of this period take more than %(gigabytes)s GB, which is more than "
                "one download takes. Choose a shorter period.",
                gigabytes=limits.ARCHIVE_BYTES // 1024**3,
            ),
        )


def _refusal(code: str, message: str) -> ValidationFailed:
    return ValidationFailed([Problem(code=code, path="period", message=message)])


def _entries(client: Client, found: _Found) -> list[ZipEntry]:
    """Return the list of contents, then the files by date and number, each under its own name."""
    taken: Counter[str] = Counter()
    entries = []
    listed: list[tuple[Row[Any], PlacedFile | None, str]] = []
    for row in found.rows:
        kept = found.kept.get(row.id, ())
        if not kept:
            listed.append((row, None, ""))
        for one in kept:
            name = _name(row, one, taken)
            listed.append((row, one, name))
            entries.append(
                ZipEntry(name=name, size=one.entry.size, day=row.issue_on, read=one.read)
            )
    contents = _contents(listed)
    first = ZipEntry(
        name="contents.csv",
        size=len(contents),
        day=client.ctx.today(),
        read=partial(bytes, contents),
    )
    return [first, *entries]


def _name(row: Row[Any], one: PlacedFile, taken: Counter[str]) -> str:
    """Return date and number; a second file of that name says so. Systems may ignore case."""
    number = safe_name(row.printed_number) or str(row.id)
    suffix = safe_name(one.entry.name.rpartition(".")[2])[:10]
    stem = f"{row.issue_on.isoformat()} {number}"
    key = f"{stem}.{suffix}".casefold()
    taken[key] += 1
    return f"{stem}.{suffix}" if taken[key] == 1 else f"{stem} ({taken[key]}).{suffix}"


def _contents(listed: Sequence[tuple[Row[Any], PlacedFile | None, str]]) -> bytes:
    header = (
        *(_("File"), _("Number"), _("Type"), _("Issued"), _("Due")),
        *(_("Total"), _("Currency"), _("SHA-256")),
    )
    out = BytesIO()
    sheets.write(
        out,
        "csv",
        header,
        (
            (
                name,
                row.printed_number,
                row.type,
                row.issue_on,
                row.due_on,
                DocumentType(row.type).sign * to_major(row.payable, row.currency),
                row.currency,
                one.entry.sha256 if one else "",
            )
            for row, one, name in listed
        ),
    )
    return out.getvalue()


def _archive_name(client: Client, wish: ArchiveWish) -> str:
    company = safe_name(client.ctx.tenant.party.name)[:60]
    return (
        "-".join(
            part
            for part in (
                company,
                wish.period.start.isoformat(),
                wish.period.last_day.isoformat(),
            )
            if part
        )
        + ".zip"
    )
