"""``billhook import``: files in."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.progress import progress
from billhook.cli.values import PAIR
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.importing import ImportKind, ImportReport, RowError

_ERRORS_SHOWN = 20


@click.group(name="import")
def imports() -> None:
    """Import customers, products and charges from CSV or XLSX.

    \b
    billhook import customers customers.csv --tenant shop
    billhook import charges charges.csv --dry-run --tenant shop

    Columns are found by their headers; each command's --help names them. A bad row
    is named by its line and field and stops all, unless --skip-bad. Running the same
    file again is safe.
    """


class _ImportCommand(click.Command):
    """Lists the columns, which the service knows, in its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from billhook.services.importing import columns

        with formatter.section(_("Columns")):
            formatter.write_dl(
                [
                    (column.field + ("" if not column.is_required else " *"), _hint(column))
                    for column in columns(self.name)  # type: ignore[arg-type]
                ]
            )


def _hint(column: Any) -> str:
    also = _("Also: %(names)s.", names=", ".join(column.synonyms)) if column.synonyms else ""
    return f"{column.hint} {also}".strip()


def _options(function: Any) -> Any:
    for option in (
        click.option("--skip-bad", is_flag=True, help="Leave out bad rows and take the others."),
        click.option("--dry-run", is_flag=True, help="Check everything, write nothing."),
        click.option(
            "--map",
            "explicit",
            type=PAIR,
            multiple=True,
            metavar="COLUMN=FIELD",
            help="Which field a column is, where its header does not say so.",
        ),
        click.argument("file", type=click.Path(allow_dash=True, dir_okay=False)),
    ):
        function = option(function)
    return function


@tenant_command(imports, "customers", causes_jobs=True, cls=_ImportCommand)
@_options
def customers(ctx: "Context", **values: Any) -> Answer:
    """Create customers, or change those of the same reference.

    \b
    billhook import customers customers.csv --tenant shop
    billhook import customers kunden.csv --map "Kd-Nr=reference" --dry-run --tenant shop

    Next: billhook import charges
    """
    return _import(ctx, "customers", **values)


@tenant_command(imports, "products", causes_jobs=True, cls=_ImportCommand)
@_options
def products(ctx: "Context", **values: Any) -> Answer:
    """Create products, or change those of the same SKU; a new price makes a new version.

    \b
    billhook import products products.csv --tenant shop

    Price versions never change: a new price needs a later valid_from, or none for today.
    """
    return _import(ctx, "products", **values)


@tenant_command(imports, "charges", causes_jobs=True, cls=_ImportCommand)
@_options
@click.option("--source", default="", help="Where the charges come from; csv otherwise.")
def charges(ctx: "Context", source: str, **values: Any) -> Answer:
    """Take in what is to be billed. Each charge is billed once.

    \b
    billhook import charges charges.csv --tenant shop

    A charge is priced by its amount, its unit price, or the product that it names. A
    known reference is left as it is; with other content it is a bad row.

    Next: billhook bill-run --until 2026-11-30
    """
    return _import(ctx, "charges", source=source, **values)


def _import(
    ctx: "Context",
    kind: "ImportKind",
    *,
    file: str,
    explicit: tuple[tuple[str, str], ...],
    dry_run: bool,
    skip_bad: bool,
    source: str = "",
) -> Answer:
    from billhook.services import importing

    with _opened(file) as opened, progress(_("Importing")) as tell:
        report = importing.run(
            ctx,
            kind,
            opened,
            explicit=dict(explicit),
            source=source,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=tell,
        )
    return _answer(report, skip_bad=skip_bad)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """Open a file that can be read twice; - is stdin."""
    if file == "-":
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
            yield copy
        return
    try:
        opened = Path(file).open("rb")  # noqa: SIM115
    except OSError as error:
        raise click.FileError(file, error.strerror) from error
    with opened:
        yield opened


def _answer(report: "ImportReport", *, skip_bad: bool) -> Answer:
    failed = report.bad > 0 and not skip_bad
    errors = [_told(one) for one in report.errors]
    if not report.bad or len(errors) <= _ERRORS_SHOWN:
        told = errors
    else:
        rest = _("… and %(count)s more: see all by --json", count=len(errors) - _ERRORS_SHOWN)
        told = [*errors[:_ERRORS_SHOWN], rest]
    counts = Table(
        (
            ">" + _("rows"),
            ">" + _("new"),
            ">" + _("changed"),
            ">" + _("unchanged"),
            ">" + _("bad"),
        ),
        [(report.rows, report.new, report.changed, report.unchanged, report.bad)],
    )
    parts: list[Table | str] = [counts, _verdict(report, failed=failed)]
    if report.ignored_columns:
        names = ", ".join(report.ignored_columns)
        parts.append(_("Columns that were not read: %(names)s", names=names))
    told += [_told(one) for one in report.warnings[:_ERRORS_SHOWN]]
    return Answer(record(report), parts, exit_status=1 if failed else 0, warnings=told)


def _told(error: "RowError") -> str:
    return _(
        "Line %(line)s, %(field)s: %(reason)s",
        line=error.line,
        field=error.column or error.field,
        reason=error.message,
    )


def _verdict(report: "ImportReport", *, failed: bool) -> str:
    if failed:
        return _("Nothing was written. Correct the rows, or leave them out by --skip-bad.")
    if report.is_dry_run:
        return _("Nothing was written: this was a dry run.")
    return _("Done.")
