"""``billhook export``: files out."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer
from billhook.cli.progress import progress
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.exporting import ExportKind


@click.group(name="export")
def exports() -> None:
    """Export lists as CSV or XLSX.

    \b
    billhook export documents --output documents.xlsx --tenant shop
    billhook export customers --tenant shop > customers.csv

    The import reads what these write. Cells that a spreadsheet would run as a formula
    begin with an apostrophe.
    """


def _options(function: Any) -> Any:
    for option in (
        click.option(
            "--format",
            "sheet_format",
            type=click.Choice(["csv", "xlsx"]),
            help="By the file's ending, else csv.",
        ),
        click.option(
            "--output",
            "-o",
            type=click.Path(dir_okay=False, path_type=Path),
            help="File to write; stdout otherwise. Needed with --json.",
        ),
    ):
        function = option(function)
    return function


@tenant_command(exports, "customers")
@_options
def customers(ctx: "Context", **values: Any) -> Answer:
    """Export all customers, with the columns that the import reads.

    \b
    billhook export customers -o customers.csv --tenant shop
    """
    return _export(ctx, "customers", **values)


@tenant_command(exports, "products")
@_options
def products(ctx: "Context", **values: Any) -> Answer:
    """Export all products, a row for each price version.

    \b
    billhook export products -o products.csv --tenant shop
    """
    return _export(ctx, "products", **values)


@tenant_command(exports, "charges")
@_options
def charges(ctx: "Context", **values: Any) -> Answer:
    """Export all charges, with the state of each and the document that billed it.

    \b
    billhook export charges -o charges.xlsx --tenant shop
    """
    return _export(ctx, "charges", **values)


@tenant_command(exports, "documents")
@_options
def documents(ctx: "Context", **values: Any) -> Answer:
    """Export all issued documents, a row each. Sums of credit notes are negative.

    \b
    billhook export documents -o documents.xlsx --tenant shop
    """
    return _export(ctx, "documents", **values)


def _export(
    ctx: "Context", kind: "ExportKind", *, output: Path | None, sheet_format: str | None
) -> Answer:
    is_json = click.get_current_context().params["as_json"]
    if output is None and is_json:
        raise click.UsageError(_("With --json, name the file: --output FILE."))
    if output is None:
        _write(ctx, kind, sys.stdout.buffer, sheet_format or "csv")
        return Answer({})
    chosen = sheet_format or ("xlsx" if output.suffix.lower() == ".xlsx" else "csv")
    count = _write_file(ctx, kind, output, chosen)
    content = {"kind": kind, "file": str(output), "format": chosen, "rows": count}
    return Answer(content, [_("Wrote %(count)s rows to %(file)s.", count=count, file=output)])


def _write_file(ctx: "Context", kind: "ExportKind", output: Path, chosen: str) -> int:
    """Write beside the file and move it there once it is whole."""
    try:
        with tempfile.TemporaryDirectory(dir=output.parent) as folder:
            written = Path(folder) / output.name
            with written.open("wb") as out:
                count = _write(ctx, kind, out, chosen)
            written.replace(output)
    except OSError as error:
        raise click.FileError(str(output), error.strerror) from error
    return count


def _write(ctx: "Context", kind: "ExportKind", out: BinaryIO, chosen: str) -> int:
    from billhook.services import exporting

    with progress(_("Exporting")) as tell:
        return exporting.run(ctx, kind, out, sheet_format=chosen, progress=tell)  # type: ignore[arg-type]
