"""``billhook series``: how documents are numbered."""

from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.domain.states import DocumentType
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.series import SeriesEntry


@click.group()
def series() -> None:
    """See and change how documents are numbered.

    \b
    billhook series list --tenant shop
    billhook series set invoice --pattern "INV-{yyyy}-{number:5}" --tenant shop
    """


@tenant_command(series, "list")
def list_series(ctx: "Context") -> Answer:
    """List the number series.

    \b
    billhook series list --tenant shop
    """
    from billhook.services import series as service

    found = service.listing(ctx)
    return Answer({"series": [record(one) for one in found]}, [_table(found)])


@tenant_command(series, "set")
@click.argument("code")
@click.option("--pattern", help="Such as INV-{yyyy}-{number:5}; {yy} and {number} do, too.")
@click.option(
    "--restart", type=click.Choice(["yearly", "never"]), help="Whether each year begins anew."
)
@click.option("--first-number", type=int, help="Where it begins, until it has begun.")
def set_series(
    ctx: "Context",
    code: str,
    pattern: str | None,
    restart: str | None,
    first_number: int | None,
) -> Answer:
    """Change how a series numbers from now on. Issued numbers stay.

    \b
    billhook series set invoice --pattern "R{yy}-{number:4}" --first-number 1000 --tenant shop
    """
    from billhook.services import series as service

    if pattern is None and restart is None and first_number is None:
        raise click.UsageError(_("Say what to change, such as --pattern."))
    changed = service.change(
        ctx,
        code,
        pattern=pattern,
        restarts_yearly=None if restart is None else restart == "yearly",
        first_number=first_number,
    )
    return Answer(record(changed), [_table([changed])])


@tenant_command(series, "add")
@click.argument("brand")
@click.option(
    "--type",
    "kind",
    type=click.Choice([one.value for one in DocumentType]),
    default=DocumentType.INVOICE.value,
    show_default=True,
    help="What it numbers.",
)
@click.option("--pattern", required=True, help="Unlike that of every other series.")
def add_series(ctx: "Context", brand: str, kind: str, pattern: str) -> Answer:
    """Give a brand a series of its own. Documents issued from now on count by it.

    \b
    billhook series add north --pattern "N{yyyy}-{number:5}" --tenant shop
    """
    from billhook.services import series as service

    added = service.create(ctx, brand, DocumentType(kind), pattern=pattern)
    return Answer(record(added), [_table([added])])


def _table(found: "list[SeriesEntry]") -> Table:
    titles = (_("series"), _("type"), _("pattern"), _("restarts yearly"), ">" + _("begins at"))
    return Table(
        titles,
        [
            (one.code, one.document_type, one.pattern, one.restarts_yearly, one.first_number)
            for one in found
        ],
    )
