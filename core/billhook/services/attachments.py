"""Files that go out with a document: put on its draft, frozen with it at issue."""

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from billhook.db import db
from billhook.domain.documents import Attachment
from billhook.domain.events import DraftChanged
from billhook.domain.publications import FileContent
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.drafts import DraftAttachment
from billhook.models.files import File
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, drafting, files, idempotency, originals, outbox
from billhook.services.sets import one_of

MOST = 20
LARGEST_SUM = 10 * 1024 * 1024
"""What mail servers take, all in all, beside the document itself."""


def attach(
    ctx: Context,
    draft_id: UUID,
    *,
    name: str,
    content_type: str,
    content: bytes,
    key: str | None = None,
) -> Attachment:
    """Put a file on a draft, after those that are there; a repeat with the same key adds none.

    Raises NotFound, AlreadyIssued, Conflict, ValidationFailed, IdempotencyMismatch.
    """
    ctx.require("drafts.edit")
    digest = sha256(content).hexdigest()
    outcome = idempotency.computed_once(
        ctx,
        route="drafts.attach",
        key=key,
        request=[str(draft_id), name, content_type, digest],
        compute=lambda: files.lay(ctx, name=name, content_type=content_type, content=content),
        effect=lambda _laid: _attach(ctx, draft_id, name, content_type, content),
    )
    return Attachment(
        file_id=UUID(outcome.answer["id"]),
        name=outcome.answer["name"],
        content_type=outcome.answer["content_type"],
        sha256=digest,
    )


def _attach(
    ctx: Context, draft_id: UUID, name: str, content_type: str, content: bytes
) -> Mapping[str, str]:
    session = db.session()
    draft = drafting.lock(session, draft_id)
    last, size, names = _present(draft_id)
    if problems := _problems(name, size + len(content), names):
        raise ValidationFailed(problems)
    file = files.keep(ctx, name=name, content_type=content_type, content=content)
    session.add(
        DraftAttachment(
            tenant_id=ctx.tenant.id, draft_id=draft_id, file_id=file.id, position=last + 1
        )
    )
    draft.version += 1
    session.flush()
    outbox.publish(ctx, DraftChanged(draft_id=draft_id))
    audit.record(ctx, "draft.attached", "draft", draft_id, file=str(file.id))
    return {"id": str(file.id), "name": file.name, "content_type": file.content_type}


def _present(draft_id: UUID) -> tuple[int, int, frozenset[str]]:
    """Return last position, size in bytes and names of what is on a draft."""
    rows = db.session.execute(
        _attached(DraftAttachment.position, File.size, File.name).where(
            DraftAttachment.draft_id == draft_id
        )
    ).all()
    last = max((row.position for row in rows), default=0)
    return last, sum(row.size for row in rows), frozenset(row.name for row in rows)


def problems_of(file_ids: Collection[UUID]) -> list[Problem]:
    """Return why files cannot all go out with one document."""
    if not file_ids:
        return []
    sizes = db.session.scalars(select(File.size).where(one_of(File.id, file_ids)))
    return _bounds(len(file_ids), sum(sizes))


def _problems(name: str, size: int, names: frozenset[str]) -> list[Problem]:
    if beyond := _bounds(len(names) + 1, size):
        return beyond
    if name in names:
        return [_problem(_("There is a file of that name already. Rename this one."))]
    return []


def _bounds(count: int, size: int) -> list[Problem]:
    if count > MOST:
        return [_problem(_("A document takes %(most)s attachments at most.", most=MOST))]
    if size > LARGEST_SUM:
        megabytes = LARGEST_SUM // 1024 // 1024
        return [
            _problem(
                _(
                    "All attachments together may have %(megabytes)s MB, so that mail servers "
                    "take them. Attach less, or smaller files.",
                    megabytes=megabytes,
                )
            )
        ]
    return []


def _problem(message: str) -> Problem:
    return Problem(code="attachment.refused", path="file", message=message)


def detach(ctx: Context, draft_id: UUID, name: str) -> None:
    """Take a file off a draft by its name. Raises NotFound, AlreadyIssued, Conflict."""
    ctx.require("drafts.edit")
    with ctx.transaction() as session:
        draft = drafting.lock(session, draft_id)
        row = session.scalar(
            _attached(DraftAttachment).where(
                DraftAttachment.draft_id == draft_id, File.name == name
            )
        )
        if row is None:
            raise NotFound(_("attachment"), name)
        session.delete(row)
        draft.version += 1
        session.flush()
        outbox.publish(ctx, DraftChanged(draft_id=draft_id))
        audit.record(ctx, "draft.detached", "draft", draft_id, file=str(row.file_id))


def named(draft_id: UUID, file_id: UUID) -> Attachment:
    """Return a file on a draft. Raises NotFound."""
    for one in of_draft(draft_id):
        if one.file_id == file_id:
            return one
    raise NotFound(_("attachment"), file_id)


def content_on_draft(ctx: Context, draft_id: UUID, file_id: UUID) -> FileContent:
    """Return the content of a file on a draft. Raises NotFound, FileDamaged."""
    ctx.require("drafts.view")
    wanted = named(draft_id, file_id)
    _entry, found = files.stored(ctx, file_id)
    return FileContent(name=wanted.name, content_type=wanted.content_type, content=found)


def of_draft(draft_id: UUID) -> tuple[Attachment, ...]:
    """Return the files on a draft, in order."""
    rows = db.session.scalars(
        _attached(File)
        .where(DraftAttachment.draft_id == draft_id)
        .order_by(DraftAttachment.position)
    )
    return tuple(
        Attachment(
            file_id=row.id, name=row.name, content_type=row.content_type, sha256=row.sha256.hex()
        )
        for row in rows
    )


def content(ctx: Context, document_id: UUID, position: int) -> FileContent:
    """Return an attachment of an issued document, counted from 1. Raises NotFound, FileDamaged."""
    ctx.require("documents.view")
    return sealed(ctx, document_id, position)


def sealed(ctx: Context, document_id: UUID, position: int) -> FileContent:
    """Return an attachment for a use-case that asked for its own permission.

    Raises what `content` raises, and Conflict once the document's parties are erased.
    """
    attached = originals.read(ctx, document_id).attachments
    if not 1 <= position <= len(attached):
        raise NotFound(_("attachment"), position)
    wanted = attached[position - 1]
    entry, found = files.stored(ctx, wanted.file_id)
    if entry.sha256 != wanted.sha256:
        raise files.damaged(entry)
    return FileContent(name=wanted.name, content_type=wanted.content_type, content=found)


def _attached(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(DraftAttachment)
        .join(
            File,
            and_(File.tenant_id == DraftAttachment.tenant_id, File.id == DraftAttachment.file_id),
        )
    )
