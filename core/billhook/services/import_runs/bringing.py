"""A file comes in: it is opened, kept as it is, and its columns are guessed."""

import io
import re
from collections.abc import Sequence
from hashlib import sha256
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from billhook import limits
from billhook.db import db
from billhook.ids import new_id
from billhook.models.imports import ImportRun
from billhook.sdk.context import ActorKind, Context
from billhook.services import audit, files, idempotency, importing
from billhook.services.files import FileEntry
from billhook.services.import_runs.showing import PERMISSIONS, Options, found
from billhook.services.importing import ImportKind
from billhook.services.imports.columns import Column, guesses
from billhook.services.imports.sheets import open_sheet, rows_of

_SAMPLES = 3
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class FileColumn(NamedTuple):
    """A column of a file, as the page that matches them shows it."""

    header: str
    samples: tuple[str, ...]
    guess: str
    """The field that it seems to be; empty where none does."""


def bring(
    ctx: Context,
    kind: ImportKind,
    *,
    name: str,
    content: bytes,
    source: str = "",
    key: str | None = None,
) -> UUID:
    """Keep a file that is to be imported; once for an idempotency key.

    Raises BrokenFile, ValidationFailed.
    """
    ctx.require("imports.create")
    ctx.require(PERMISSIONS[kind])
    with open_sheet(io.BytesIO(content)) as sheet:
        rows_of(sheet)
        total = max(sheet.lines - 1, 0)
    is_workbook = content.startswith(b"PK")
    kept = content if is_workbook else _as_utf_8(content)
    told = _FORBIDDEN.sub(" ", name).strip()[-limits.NAME :] or "import.csv"
    content_type = _XLSX if is_workbook else "text/csv"
    files.lay(ctx, name=told, content_type=content_type, content=kept)

    def effect() -> dict[str, str]:
        file = files.keep(ctx, name=told, content_type=content_type, content=kept)
        return {"run_id": str(_added(ctx, kind, file, total=total, source=source))}

    asked = [kind, told, source, sha256(kept).hexdigest()]
    done = idempotency.once(ctx, route="import_runs.bring", key=key, request=asked, effect=effect)
    return UUID(done.answer["run_id"])


def _added(ctx: Context, kind: ImportKind, file: FileEntry, *, total: int, source: str) -> UUID:
    """Add the import of a kept file, inside a transaction."""
    row = ImportRun(
        tenant_id=ctx.tenant.id,
        id=new_id(),
        kind=kind,
        file_id=file.id,
        name=file.name,
        options=Options(source=source).as_json(),
        is_dry_run=True,
        state="waiting",
        rows_done=0,
        rows_total=total,
        result={},
        started_by=ctx.actor.id if ctx.actor.kind is ActorKind.PERSON else None,
        started_at=ctx.now(),
    )
    db.session.add(row)
    db.session.flush()
    audit.record(ctx, "import.brought", "import_run", row.id, kind=kind)
    return row.id


def _as_utf_8(content: bytes) -> bytes:
    """Return a text in UTF-8: files are kept in one encoding."""
    return content.decode("utf-16").encode() if content.startswith(_UTF_16) else content


def columns_of(ctx: Context, run_id: UUID) -> list[FileColumn]:
    """Return the columns of a file with a few of their values. Raises NotFound, FileDamaged."""
    ctx.require("imports.create")
    row = found(run_id)
    _entry, content = files.stored(ctx, row.file_id)
    with open_sheet(io.BytesIO(content)) as sheet:
        header, rows = rows_of(sheet)
        first = list(islice(rows, _SAMPLES))
    options = Options.from_json(row.options)
    kind: ImportKind = row.kind  # type: ignore[assignment]  # one of them since it was brought in
    guessed = guesses(header.cells, importing.columns(kind))
    return [
        FileColumn(
            header=name.strip(),
            samples=tuple(one.cells[place][:80] for one in first if place < len(one.cells)),
            guess=options.explicit.get(name.strip(), guessed[place]),
        )
        for place, name in enumerate(header.cells)
    ]


def fields_of(kind: ImportKind) -> Sequence[Column]:
    """Return what a file of a kind can bring."""
    return importing.columns(kind)


def template(kind: ImportKind) -> bytes:
    """Return an empty CSV file with the header of a kind."""
    names = [column.field for column in importing.columns(kind) if not column.field.endswith("*")]
    return (",".join(names) + "\r\n").encode()
