"""A kept file is read, tried or for good: at once where it is small, by a job where it is not.

A file is read in one transaction, which holds SQLite's one write lock: nobody else
can write how far it is meanwhile, so that progress is told on PostgreSQL alone. The
job acts as the person who asked: it may what they may, and sees what they see.
"""

import io
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import update

from billhook.db import db
from billhook.domain.events import ImportFinished
from billhook.errors import BillhookError, Conflict
from billhook.i18n import gettext as _
from billhook.models.imports import ImportRun
from billhook.sdk.context import ActorKind, Context
from billhook.services import alerting, contexts, files, idempotency, importing, outbox
from billhook.services.import_runs.showing import PERMISSIONS, Options, Result, found

WORK = "imports.work"
"""The job that reads a large file."""

AT_ONCE = 2_000
"""Rows that are read while the person waits."""

_TELL_AFTER = 0.5  # seconds
_FALL_BACK_AFTER = timedelta(minutes=5)


def check(ctx: Context, run_id: UUID, options: Options, *, key: str | None = None) -> None:
    """Try a file: read all of it, and store nothing; once for an idempotency key.

    Raises NotFound, Conflict.
    """
    _ask(ctx, run_id, options, is_dry_run=True, key=key)


def store(ctx: Context, run_id: UUID, *, skip_bad: bool, key: str | None = None) -> None:
    """Store the rows of a file that was tried; once for an idempotency key.

    Raises NotFound, Conflict.
    """
    options = Options.from_json(found(run_id).options)
    _ask(ctx, run_id, replace(options, skip_bad=skip_bad), is_dry_run=False, key=key)


def _ask(
    ctx: Context, run_id: UUID, options: Options, *, is_dry_run: bool, key: str | None
) -> None:
    """Ask for a reading by a job, and read what is small now: the job then finds nothing to do."""
    ctx.require("imports.create")
    ctx.require(PERMISSIONS[found(run_id).kind])
    asked = idempotency.once(
        ctx,
        route=f"import_runs.{'check' if is_dry_run else 'store'}",
        key=key,
        request=[str(run_id), options.as_json()],
        effect=lambda: _enqueued(ctx, run_id, options, is_dry_run=is_dry_run),
    )
    if asked.answer["is_small"] and not asked.is_replayed:
        _read(ctx, run_id)


def _enqueued(
    ctx: Context, run_id: UUID, options: Options, *, is_dry_run: bool
) -> dict[str, bool]:
    with ctx.transaction() as session:
        row = found(run_id)
        session.refresh(row, with_for_update=True)
        _refuse(row, is_dry_run=is_dry_run)
        row.options, row.is_dry_run = options.as_json(), is_dry_run
        row.state, row.result, row.rows_done, row.finished_at = "running", {}, 0, None
        if ctx.actor.kind is ActorKind.PERSON:
            row.started_by = ctx.actor.id
        is_small = row.rows_total <= AT_ONCE
        due_at = ctx.now() + (_FALL_BACK_AFTER if is_small else timedelta(0))
        outbox.enqueue(ctx, WORK, {"run_id": str(run_id)}, due_at=due_at)
    return {"is_small": is_small}


def _refuse(row: ImportRun, *, is_dry_run: bool) -> None:
    if row.state == "running":
        raise Conflict(_("This file is just being read. Wait until that is done."))
    if not row.is_dry_run and row.state == "done" and row.result.get("is_written"):
        raise Conflict(_("This file is stored already. Bring it in again to import it anew."))
    if not is_dry_run and row.state != "done":
        raise Conflict(_("This file was not checked yet. Match its columns first."))


def work(ctx: Context, run_id: UUID) -> None:
    """Read a file as its job, as the person who asked for it; safe to repeat."""
    row = found(run_id)
    if row.state != "running":
        return
    if row.started_by is None:
        _read(ctx, run_id)
        return
    try:
        member = contexts.member_context(row.started_by, ctx.tenant.id)
    except BillhookError:
        message = _("Who asked for it does not work here any more. Bring the file in again.")
        _end(ctx, run_id, "failed", Result(reason=message))
        return
    with member.acting():
        _read(member, run_id)


def _read(ctx: Context, run_id: UUID) -> None:
    row = found(run_id)
    options = Options.from_json(row.options)
    try:
        _file, content = files.stored(ctx, row.file_id)
        report = importing.run(
            ctx,
            row.kind,  # type: ignore[arg-type]  # one of the kinds since it was brought in
            io.BytesIO(content),
            explicit=options.explicit,
            source=options.source,
            dry_run=row.is_dry_run,
            skip_bad=options.skip_bad,
            progress=_teller(ctx, run_id),
        )
    except BillhookError as error:
        _end(ctx, run_id, "failed", Result(reason=error.message))
        return
    _end(ctx, run_id, "done", Result.of(report))


def _end(ctx: Context, run_id: UUID, state: str, result: Result) -> None:
    with ctx.transaction() as session:
        row = found(run_id)
        row.state, row.result = state, result.as_json()
        row.rows_done, row.finished_at = result.rows, ctx.now()
        session.flush()
        if not row.is_dry_run:
            alerting.import_finished(ctx, run_id)
            outbox.publish(ctx, ImportFinished(run_id=run_id))


def _teller(ctx: Context, run_id: UUID) -> Callable[[int, int], None]:
    """Return what notes now and then how far the reading is, beside its transaction."""
    if db.engine.dialect.name == "sqlite":
        return lambda _done, _total: None
    told = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _TELL_AFTER:
            told = time.monotonic()
            _note(ctx, run_id, done, total)

    return tell


def _note(ctx: Context, run_id: UUID, done: int, total: int) -> None:
    """Write it on a connection of its own, which the reading does not hold up."""
    values: dict[str, Any] = {"rows_done": done, "rows_total": total}
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context(), ctx.transaction() as session:
        session.execute(
            update(ImportRun)
            .where(ImportRun.tenant_id == ctx.tenant.id, ImportRun.id == run_id)
            .values(values)
            .execution_options(synchronize_session=False)
        )
