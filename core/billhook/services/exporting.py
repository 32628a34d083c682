"""Export lists as CSV or XLSX, row by row, whatever their length."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO, Literal, Protocol, get_args

from billhook.ids import new_id
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.exports import charges, customers, documents, products
from billhook.services.exports.sheets import FORMATS, Cell, SheetFormat, counted, write

ExportKind = Literal["customers", "products", "charges", "documents"]
KINDS: tuple[ExportKind, ...] = get_args(ExportKind)


__all__ = ["FORMATS", "KINDS", "ExportKind", "SheetFormat", "permission", "run"]


class _Kind(Protocol):
    """A list that can be exported."""

    PERMISSION: str

    def header(self, ctx: Context) -> Sequence[str]: ...

    def count(self, ctx: Context) -> int: ...

    def rows(self, ctx: Context) -> Iterator[Sequence[Cell]]: ...


_MODULES: Mapping[ExportKind, _Kind] = {
    "customers": customers,
    "products": products,
    "charges": charges,
    "documents": documents,
}


def permission(kind: ExportKind) -> str:
    """Return what a member needs besides `exports.create`."""
    return _MODULES[kind].PERMISSION


def run(
    ctx: Context,
    kind: ExportKind,
    out: BinaryIO,
    *,
    sheet_format: SheetFormat = "csv",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Write all rows of a kind; return how many there are. Raises TooManyRows."""
    module = _MODULES[kind]
    ctx.require("exports.create")
    ctx.require(module.PERMISSION)
    rows = counted(module.rows(ctx), module.count(ctx), progress)
    written = write(out, sheet_format, module.header(ctx), rows)
    with ctx.transaction():
        audit.record(ctx, "export.finished", "export", new_id(), kind=kind, rows=written)
    return written
