"""Exports by the API: each kind of thing as one CSV or XLSX file."""

from collections.abc import Iterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Any

from billhook.api.schemas.exports import ExportKindAnswer, ExportQuery
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.sdk.api import Download, Page, Routes
from billhook.sdk.context import Context
from billhook.services import exporting
from billhook.services.exporting import ExportKind
from billhook.services.exports.sheets import TooManyRows

routes = Routes("exports", "Everything out: each kind of thing as one CSV or XLSX file.")

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_IN_MEMORY = 4 * 1024 * 1024
_PIECE = 64 * 1024


@routes.get("/exports", requires="exports.create")
def list_exports(ctx: Context) -> Page[ExportKindAnswer]:
    """List what can be exported."""
    found = [
        ExportKindAnswer(
            kind=kind, requires=exporting.permission(kind), formats=list(exporting.FORMATS)
        )
        for kind in exporting.KINDS
    ]
    return Page(data=found, next=None)


@routes.get("/exports/<kind>", requires="exports.create")
def export(ctx: Context, kind: str, query: ExportQuery) -> Download:
    """Load all of a kind as one file, such as `customers`.

    It needs the scope that shows the kind, too: see the list of exports. Each export is
    noted in the audit log.
    """
    wanted = _kind(kind)
    file: Any = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed once it is sent
    try:
        exporting.run(ctx, wanted, file, sheet_format=query.format)
    except TooManyRows as error:
        file.close()
        raise Conflict(error.message) from error
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Download(
        name=f"{wanted}.{query.format}",
        content_type=CONTENT_TYPES[query.format],
        content=_pieces(file),
    )


def _pieces(file: Any) -> Iterator[bytes]:
    with file:
        yield from iter(partial(file.read, _PIECE), b"")


def _kind(text: str) -> ExportKind:
    """Raises NotFound."""
    for kind in exporting.KINDS:
        if kind == text:
            return kind
    raise NotFound(_("kind of export"), text)
