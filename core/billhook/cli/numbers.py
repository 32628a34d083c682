"""``billhook numbers``: the auditor's report."""

from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context


@click.group()
def numbers() -> None:
    """Show that no number is missing.

    \b
    billhook numbers report --year 2026 --tenant shop
    """


@tenant_command(numbers, "report")
@click.option("--year", type=click.IntRange(1, 9999), help="One year alone.")
def report(ctx: "Context", year: int | None) -> Answer:
    """Report each series' numbers by year: first, last, count, missing, void.

    \b
    billhook numbers report --tenant shop

    Exit status 1 where a number is missing. Next: billhook verify
    """
    from billhook.services import series_reports

    found = series_reports.report(ctx, year)
    titles = (
        *(_("series"), _("year"), _("first"), _("last")),
        *(">" + _("count"), ">" + _("missing"), _("void")),
    )
    rows = [
        (
            *(one.series, one.year, one.first_printed, one.last_printed),
            *(one.count, one.missing, ", ".join(one.voided)),
        )
        for one in found
    ]
    content = [{**record(one), "missing": one.missing} for one in found]
    is_short = any(one.missing for one in found)
    return Answer({"runs": content}, [Table(titles, rows)], exit_status=1 if is_short else 0)
