"""Imports by the API: a file comes in, is tried, is stored, and tells which rows were bad."""

import io
from uuid import UUID

from billhook.api.schemas.imports import (
    ColumnAnswer,
    ImportAnswer,
    ImportCheck,
    ImportFieldAnswer,
    ImportsQuery,
    ImportStart,
    NewImport,
    RowErrorAnswer,
    RowErrorsQuery,
)
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.problems import Problem
from billhook.sdk.api import Download, Made, Page, Routes, Upload
from billhook.sdk.context import Context
from billhook.services import import_runs
from billhook.services.exports.sheets import write
from billhook.services.import_runs import Options
from billhook.services.importing import KINDS, ImportKind
from billhook.services.imports.sheets import BrokenFile

routes = Routes("imports", "Files in: tried first, then stored, with an answer for each bad row.")

CSV = "text/csv; charset=utf-8"


@routes.get("/imports", requires="imports.create")
def list_imports(ctx: Context, query: ImportsQuery) -> Page[ImportAnswer]:
    """List the imports, the newest first."""
    found = import_runs.listing(ctx, after=query.after, limit=query.limit)
    return Page(data=[ImportAnswer.of(one) for one in found.rows], next=found.next or None)


@routes.post("/imports", requires="imports.create")
def create_import(
    ctx: Context, query: NewImport, upload: Upload, key: str | None
) -> Made[ImportAnswer]:
    """Bring in a CSV or XLSX file; nothing of it is stored yet.

    Then look at its columns, check it, and store it. Needs the scope that changes what
    the file holds, too, such as `customers.edit`.
    """
    try:
        run_id = import_runs.bring(
            ctx,
            query.kind,
            name=upload.name,
            content=upload.content,
            source=query.source,
            key=key,
        )
    except BrokenFile as error:
        problem = Problem(code=error.code, path="file", message=error.message)
        raise ValidationFailed([problem]) from error
    return Made(ImportAnswer.of(import_runs.get(ctx, run_id)), at=f"/imports/{run_id}")


@routes.get("/imports/<uuid:run_id>", requires="imports.create")
def get_import(ctx: Context, run_id: UUID) -> ImportAnswer:
    """Get an import: how far it is, and what it found or did."""
    return ImportAnswer.of(import_runs.get(ctx, run_id))


@routes.get("/imports/<uuid:run_id>/columns", requires="imports.create")
def list_import_columns(ctx: Context, run_id: UUID) -> Page[ColumnAnswer]:
    """List the columns of a file with a few of their values, and what they are taken for."""
    found = import_runs.columns_of(ctx, run_id)
    return Page(data=[ColumnAnswer.of(one) for one in found], next=None)


@routes.post("/imports/<uuid:run_id>/check", requires="imports.create")
def check_import(ctx: Context, run_id: UUID, body: ImportCheck, key: str | None) -> ImportAnswer:
    """Try a file: all of it is read, and nothing stored.

    Up to 2,000 rows are read at once; more by a job: ask for the import again until its
    stage is `checked` or `failed`.
    """
    source = import_runs.get(ctx, run_id).options.source
    options = Options(explicit=body.columns, source=source)
    import_runs.check(ctx, run_id, options, key=key)
    return ImportAnswer.of(import_runs.get(ctx, run_id))


@routes.post("/imports/<uuid:run_id>/store", requires="imports.create")
def store_import(ctx: Context, run_id: UUID, body: ImportStart, key: str | None) -> ImportAnswer:
    """Store the rows of a file that was tried: all or, if you say so, the good ones.

    Rows that are there already are changed, or left where they are the same. The stage
    ends as `stored`, `stopped` (by bad rows) or `failed`.
    """
    import_runs.store(ctx, run_id, skip_bad=body.skip_bad, key=key)
    return ImportAnswer.of(import_runs.get(ctx, run_id))


@routes.get("/imports/<uuid:run_id>/errors", requires="imports.create")
def list_import_errors(ctx: Context, run_id: UUID, query: RowErrorsQuery) -> Page[RowErrorAnswer]:
    """List why rows are bad, in the order of the file: the first thousand, on one page."""
    result = import_runs.get(ctx, run_id).result
    found = result.errors if query.severity == "error" else result.warnings
    return Page(data=[RowErrorAnswer.of(one) for one in found], next=None)


@routes.get("/imports/<uuid:run_id>/bad-rows", requires="imports.create")
def get_bad_rows(ctx: Context, run_id: UUID) -> Download:
    """Load the bad rows as CSV with what to do about each: to be mended and brought in again."""
    header, rows = import_runs.bad_rows(ctx, run_id)
    out = io.BytesIO()
    write(out, "csv", header, rows)
    return Download(name="bad-rows.csv", content_type=CSV, content=out.getvalue())


@routes.get("/import-kinds/<kind>/fields", requires="imports.create")
def list_import_fields(ctx: Context, kind: str) -> Page[ImportFieldAnswer]:
    """List the fields that a file of customers, products or charges can bring."""
    found = import_runs.fields_of(_kind(kind))
    return Page(data=[ImportFieldAnswer.of(one) for one in found], next=None)


@routes.get("/import-kinds/<kind>/template", requires="imports.create")
def get_import_template(ctx: Context, kind: str) -> Download:
    """Load an empty CSV file with the header of customers, products or charges."""
    name = _kind(kind)
    return Download(name=f"{name}.csv", content_type=CSV, content=import_runs.template(name))


def _kind(text: str) -> ImportKind:
    """Raises NotFound."""
    for kind in KINDS:
        if kind == text:
            return kind
    raise NotFound(_("kind of import"), text)
