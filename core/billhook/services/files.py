"""Files: bytes in a folder of the tenant, under their own hash; a row says what they are.

The name that somebody gave a file never becomes a path. What is read is compared
with its hash, so that a damaged file is told and not served. Served are files as
attachments, with the type that was checked when they came.
"""

import os
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import after_commit, db
from billhook.errors import BillhookError, Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.files import File
from billhook.plugins.runtime import runtime
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, idempotency
from billhook.services.sets import one_of

LARGEST = 25 * 1024 * 1024

_ZIP = (b"PK\x03\x04",)
SIGNATURES: dict[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _ZIP,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": _ZIP,
    "application/xml": (b"<", b"\xef\xbb\xbf<"),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/x-icon": (b"\x00\x00\x01\x00",),
    "text/csv": (),
    "text/plain": (),
}
"""The types that are taken, and how the bytes of each begin; none says that it is text."""


class FileDamaged(BillhookError):
    """A stored file is gone, or is not what was stored."""

    code = "file.damaged"


class FileErased(Conflict):
    """A file is gone for good, with the personal data in it."""

    code = "file.erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """What a file is."""

    id: UUID
    name: str
    content_type: str
    size: int
    sha256: str
    created_at: datetime
    erased_at: datetime | None = None


def store(
    ctx: Context, *, name: str, content_type: str, content: bytes, key: str | None = None
) -> FileEntry:
    """Keep a file that somebody brings, and return what it is.

    Raises ValidationFailed, IdempotencyMismatch.
    """
    ctx.require("files.store")
    outcome = idempotency.computed_once(
        ctx,
        route="files.store",
        key=key,
        request=[name, content_type, sha256(content).hexdigest()],
        compute=lambda: lay(ctx, name=name, content_type=content_type, content=content),
        effect=lambda _laid: {
            "id": str(keep(ctx, name=name, content_type=content_type, content=content).id)
        },
    )
    return _found(UUID(outcome.answer["id"]))


def lay(ctx: Context, *, name: str, content_type: str, content: bytes) -> None:
    """Write a file's bytes before the transaction that keeps it, so that none waits for a disk.

    Bytes that nobody keeps afterwards lie there under their hash, and are nobody's.
    Raises ValidationFailed.
    """
    _refuse(name, content_type, content)
    _write(_path(ctx.tenant.id, sha256(content).hexdigest()), content)


def keep(ctx: Context, *, name: str, content_type: str, content: bytes) -> FileEntry:
    """Keep a file for a use-case that asked for its own permission. Raises ValidationFailed."""
    lay(ctx, name=name, content_type=content_type, content=content)
    with ctx.transaction() as session:
        row = File(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            name=name,
            content_type=content_type,
            size=len(content),
            sha256=sha256(content).digest(),
            created_at=ctx.now(),
        )
        session.add(row)
        session.flush()
        audit.record(ctx, "file.stored", "file", row.id, size=row.size)
        return _entry(row)


def _refuse(name: str, content_type: str, content: bytes) -> None:
    if problems := [*_name_problems(name), *_content_problems(content_type, content)]:
        raise ValidationFailed(problems)


def _name_problems(name: str) -> list[Problem]:
    if 0 < len(name) <= limits.NAME and name.isprintable() and not set(name) & set('/\\:*?"<>|'):
        return []
    return [
        Problem(
            code="file.name_malformed",
            path="name",
            message=_(
                "A file's name has letters, digits and spaces, and none of / \\ : * ? \" < > |"
            ),
        )
    ]


def _content_problems(content_type: str, content: bytes) -> list[Problem]:
    if len(content) > LARGEST:
        return [
            _problem(
                "file.too_large",
                _("The file has more than %(megabytes)s MB.", megabytes=LARGEST // 1024 // 1024),
            )
        ]
    signatures = SIGNATURES.get(content_type)
    if signatures is None:
        known = ", ".join(sorted(SIGNATURES))
        return [
            _problem(
                "file.type_unknown",
                _("Files of this kind are not taken. These are: %(known)s.", known=known),
            )
        ]
    if _is_text(content) if not signatures else content.startswith(signatures):
        return []
    return [_problem("file.type_differs", _("The file is not what its type says. Save it anew."))]


def _is_text(content: bytes) -> bool:
    if b"\x00" in content:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _problem(code: str, message: str) -> Problem:
    return Problem(code=code, path="content", message=message)


def get(ctx: Context, file_id: UUID) -> FileEntry:
    """Return what a file is. Raises NotFound."""
    ctx.require("files.view")
    return _found(file_id)


def read(ctx: Context, file_id: UUID) -> bytes:
    """Return a file's bytes, as they were stored. Raises NotFound, FileDamaged."""
    ctx.require("files.view")
    return stored(ctx, file_id)[1]


def stored(ctx: Context, file_id: UUID) -> tuple[FileEntry, bytes]:
    """Return a file for a use-case that asked for its own permission.

    Raises NotFound, FileErased, FileDamaged.
    """
    entry = _found(file_id)
    if entry.erased_at:
        raise FileErased(
            _("This file was erased with the personal data in it, and cannot be had again.")
        )
    return entry, _placed(ctx, entry).read()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedFile:
    """A file that can be read when its request is over: where its bytes lie."""

    entry: FileEntry
    path: Path

    def read(self) -> bytes:
        """Return the bytes, as they were stored. Raises FileDamaged."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            raise damaged(self.entry) from None
        if sha256(content).hexdigest() != self.entry.sha256:
            raise damaged(self.entry)
        return content

    def look(self) -> None:
        """See, without reading it, that the file is there in its length. Raises FileDamaged."""
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            raise damaged(self.entry) from None
        if size != self.entry.size:
            raise damaged(self.entry)


def placed(ctx: Context, row: File) -> PlacedFile:
    """Return a file that was found already, for a use-case that asked for its own permission."""
    return _placed(ctx, _entry(row))


def _placed(ctx: Context, entry: FileEntry) -> PlacedFile:
    return PlacedFile(entry=entry, path=_path(ctx.tenant.id, entry.sha256))


def erase(ctx: Context, file_ids: Collection[UUID]) -> int:
    """Let files go for good, inside a transaction; return how many. Their rows and hashes stay.

    The bytes go once it is committed, unless another file is the same.
    """
    rows = db.session.scalars(
        select(File)
        .where(one_of(File.id, file_ids), File.erased_at.is_(None))
        .order_by(File.id)
        .with_for_update()
    ).all()
    for row in rows:
        row.name, row.erased_at = _nameless(row.name), ctx.now()
    db.session.flush()
    hashes = {row.sha256 for row in rows}
    living = set(
        db.session.scalars(
            select(File.sha256).where(File.sha256.in_(hashes), File.erased_at.is_(None))
        )
    )
    for digest in hashes - living:
        after_commit(partial(_unlink, _path(ctx.tenant.id, digest.hex())))
    return len(rows)


def _nameless(name: str) -> str:
    """Return a name that says the file's kind alone: people name files after people."""
    return f"erased{Path(name).suffix[:10]}"


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)


def _found(file_id: UUID) -> FileEntry:
    row = db.session.scalar(select(File).where(File.id == file_id))
    if row is None:
        raise NotFound(_("file"), file_id)
    return _entry(row)


def damaged(entry: FileEntry) -> FileDamaged:
    """Return the error that says so, and what to do."""
    return FileDamaged(
        _(
            "The stored file %(id)s is gone or was changed on the disk. Restore it from a "
            "backup of the folder “files”.",
            id=entry.id,
        )
    )


def _path(tenant_id: UUID, digest: str) -> Path:
    return runtime().config.home / "files" / str(tenant_id) / digest


def _write(path: Path, content: bytes) -> None:
    """Write all of a file or none of it; one that is there already is the same."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as unfinished:
        try:
            unfinished.write(content)
            unfinished.flush()
            os.fsync(unfinished.fileno())
            os.replace(unfinished.name, path)
        except BaseException:
            Path(unfinished.name).unlink(missing_ok=True)
            raise


def _entry(row: File) -> FileEntry:
    return FileEntry(
        id=row.id,
        name=row.name,
        content_type=row.content_type,
        size=row.size,
        sha256=row.sha256.hex(),
        created_at=row.created_at,
        erased_at=row.erased_at,
    )
