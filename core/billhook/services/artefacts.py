"""What was made of issued documents: rendered once, kept with their hash, never made again.

Two who ask at the same time may both render; the first that is stored is what
everybody gets. An e-invoice whose rules find an error is not kept: nobody may
send it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, select
from sqlalchemy.exc import IntegrityError

from billhook import limits
from billhook.columns import Id
from billhook.db import db
from billhook.domain.brands import Brand
from billhook.domain.publications import FileContent, Publication
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.artefacts import Artefact
from billhook.models.files import File
from billhook.plugins.registries import DOCUMENT_FORMATS
from billhook.plugins.runtime import relay, runtime
from billhook.problems import Problem, Severity, errors
from billhook.sdk.context import Context
from billhook.services import audit, files, preferences, publishing
from billhook.services.rendering import file_name, rendered

PRINT = "print"
E_INVOICE = "e_invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtefactEntry:
    """A kept file of a document."""

    id: UUID
    document_id: UUID
    kind: str
    provider: str
    """The key of the renderer or format that made it."""
    name: str
    content_type: str
    size: int
    sha256: str
    rules: str
    """The rule sets that it passed; empty where none could be run."""
    findings: tuple[Problem, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """Bytes that wait to be kept."""

    kind: str
    provider: str
    name: str
    content_type: str
    content: bytes
    rules: str = ""
    findings: tuple[Problem, ...] = ()


def of_document(ctx: Context, document_id: UUID) -> list[ArtefactEntry]:
    """Return what was made of a document so far, oldest first."""
    ctx.require("documents.view")
    return kept_of(document_id)


def kept_of(document_id: UUID) -> list[ArtefactEntry]:
    """Return the same to a use-case that asked for its own permission."""
    rows = db.session.execute(_kept_of(), {"document_id": document_id})
    return [_entry(row) for row in rows]


@cache
def _kept_of() -> Select[Any]:
    """Build the statement once: every page of a document sends it."""
    return (
        _entries()
        .where(Artefact.document_id == bindparam("document_id", type_=Id()))
        .order_by(Artefact.made_at, Artefact.id)
    )


def printed(ctx: Context, document_id: UUID) -> ArtefactEntry:
    """Return a document's file for people; the first to ask has it made.

    Raises NotFound, and what `rendering.rendered` raises.
    """
    ctx.require("documents.view")
    return print_of(ctx, document_id)


def print_of(ctx: Context, document_id: UUID) -> ArtefactEntry:
    """Return the file for people to a use-case that asked for its own permission; see `printed`."""
    if kept := _printed(document_id):
        return kept
    publication = publishing.whole(ctx, document_id)
    found = rendered(ctx, publication)
    made = _Made(
        kind=PRINT,
        provider=publication.brand.renderer,
        name=found.name,
        content_type=found.content_type,
        content=found.content,
        findings=found.problems,
    )
    return _keep(ctx, publication, made, kept=lambda: _printed(document_id))


def e_invoice(ctx: Context, document_id: UUID, *, format_key: str = "") -> ArtefactEntry:
    """Return a document's e-invoice; the first to ask has it made and checked.

    Without a key it is the customer's first format, else the only one that is on.
    Raises NotFound, ValidationFailed with the findings where the rules refuse it.
    """
    ctx.require("documents.view")
    return e_invoice_of(ctx, document_id, format_key=format_key)


def e_invoice_of(ctx: Context, document_id: UUID, *, format_key: str = "") -> ArtefactEntry:
    """Return the e-invoice to a use-case that asked for its own permission; see `e_invoice`."""
    if format_key and (kept := _invoiced(document_id, format_key)):
        return kept
    publication = publishing.whole(ctx, document_id)
    key = format_key or _chosen_format(ctx, publication.document.customer_id)
    if kept := _invoiced(document_id, key):
        return kept
    form = relay(ctx).document_format(key, ctx)
    (written,) = form.write([publication])
    if stopping := errors(written.verdict.findings):
        raise ValidationFailed(stopping)
    made = _Made(
        kind=E_INVOICE,
        provider=key,
        name=file_name(publication, form.extension),
        content_type=form.content_type,
        content=written.content,
        rules=written.verdict.rules,
        findings=written.verdict.findings,
    )
    return _keep(ctx, publication, made, kept=lambda: _invoiced(document_id, key))


def make_all(ctx: Context, document_id: UUID) -> list[ArtefactEntry]:
    """Return a document's file for people and the e-invoices that its customer wants."""
    publication = publishing.publication(ctx, document_id)
    wanted = preferences.of_customer(ctx, publication.document.customer_id).formats
    return [
        printed(ctx, document_id),
        *(e_invoice(ctx, document_id, format_key=key) for key in wanted),
    ]


def get(ctx: Context, artefact_id: UUID) -> ArtefactEntry:
    """Raises NotFound."""
    ctx.require("documents.view")
    if found := _one(Artefact.id == artefact_id):
        return found
    raise NotFound(_("artefact"), artefact_id)


def content(ctx: Context, artefact_id: UUID) -> FileContent:
    """Return a kept file's bytes, as they were stored. Raises NotFound, FileDamaged."""
    return bytes_of(ctx, get(ctx, artefact_id))


def bytes_of(ctx: Context, entry: ArtefactEntry) -> FileContent:
    """Return the bytes to a use-case that asked for its own permission. Raises FileDamaged."""
    file_id = db.session.scalars(select(Artefact.file_id).where(Artefact.id == entry.id)).one()
    file, found = files.stored(ctx, file_id)
    if file.sha256 != entry.sha256:
        raise files.damaged(file)
    return FileContent(name=entry.name, content_type=entry.content_type, content=found)


def e_invoice_keys(document_id: UUID) -> list[str]:
    """Return the formats of the e-invoices that were made of a document, oldest first."""
    return list(db.session.scalars(_keys_of(), {"document_id": document_id}))


@cache
def _keys_of() -> Select[tuple[str]]:
    return (
        select(Artefact.provider)
        .where(
            Artefact.document_id == bindparam("document_id", type_=Id()),
            Artefact.kind == E_INVOICE,
        )
        .order_by(Artefact.made_at, Artefact.id)
    )


def _chosen_format(ctx: Context, customer_id: UUID) -> str:
    wanted = preferences.of_customer(ctx, customer_id).formats
    known = relay(ctx).keys(DOCUMENT_FORMATS)
    if wanted or known:
        return (*wanted, *known)[0]
    raise NotFound(_("e-invoice format"), _("any; enable a plugin such as einvoice_ubl"))


def _printed(document_id: UUID) -> ArtefactEntry | None:
    return _one(Artefact.document_id == document_id, Artefact.kind == PRINT)


def _invoiced(document_id: UUID, key: str) -> ArtefactEntry | None:
    return _one(
        Artefact.document_id == document_id,
        Artefact.kind == E_INVOICE,
        Artefact.provider == key,
    )


def _one(*conditions: ColumnElement[bool]) -> ArtefactEntry | None:
    row = db.session.execute(_entries().where(*conditions)).first()
    return _entry(row) if row else None


def _keep(
    ctx: Context,
    publication: Publication,
    made: _Made,
    *,
    kept: Callable[[], ArtefactEntry | None],
) -> ArtefactEntry:
    """Store the bytes, unless somebody was faster."""
    files.lay(ctx, name=made.name, content_type=made.content_type, content=made.content)
    try:
        with ctx.transaction():
            return kept() or _store(ctx, publication, made)
    except IntegrityError:
        if (faster := kept()) is None:
            raise
        return faster


def _store(ctx: Context, publication: Publication, made: _Made) -> ArtefactEntry:
    file = files.keep(ctx, name=made.name, content_type=made.content_type, content=made.content)
    row = Artefact(
        tenant_id=ctx.tenant.id,
        id=new_id(),
        document_id=publication.document.id,
        kind=made.kind,
        provider=made.provider,
        file_id=file.id,
        sha256=bytes.fromhex(file.sha256),
        made_by=_makers(ctx, made.provider, publication.brand),
        rules=made.rules[: limits.NAME],
        findings=[_finding_json(problem) for problem in made.findings],
        made_at=ctx.now(),
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        ctx, "document.rendered", "document", publication.document.id, provider=made.provider
    )
    return _entry(db.session.execute(_entries().where(Artefact.id == row.id)).one())


def _makers(ctx: Context, key: str, brand: Brand) -> dict[str, str]:
    """Name all whose version shaped the file."""
    plugin = key.partition(".")[0]
    return {
        "plugin": f"{plugin} {relay(ctx).version(plugin)}",
        "theme": f"{brand.theme} {runtime().themes.get(brand.theme).version}",
        "brand": f"{brand.code} {brand.version}",
    }


@cache
def _entries() -> Select[Any]:
    return select(Artefact, File.name, File.content_type, File.size).join(
        File, and_(File.tenant_id == Artefact.tenant_id, File.id == Artefact.file_id)
    )


def _entry(row: Row[Any]) -> ArtefactEntry:
    artefact: Artefact = row[0]
    return ArtefactEntry(
        id=artefact.id,
        document_id=artefact.document_id,
        kind=artefact.kind,
        provider=artefact.provider,
        name=row.name,
        content_type=row.content_type,
        size=row.size,
        sha256=artefact.sha256.hex(),
        rules=artefact.rules,
        findings=_findings(artefact.findings),
        made_at=artefact.made_at,
    )


def _finding_json(problem: Problem) -> dict[str, str]:
    return {
        "code": problem.code,
        "path": problem.path,
        "message": problem.message,
        "severity": problem.severity.value,
    }


def _findings(stored: Sequence[Mapping[str, str]]) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            code=one["code"],
            path=one["path"],
            message=one["message"],
            severity=Severity(one["severity"]),
        )
        for one in stored
    )
