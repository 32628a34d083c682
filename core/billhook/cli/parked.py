"""``billhook parked``: customers whom a bill run set aside."""

from datetime import date
from typing import TYPE_CHECKING

import click

from billhook.cli.bill_run import run_answer
from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.progress import progress
from billhook.cli.values import DAY
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context


@click.group()
def parked() -> None:
    """See customers that could not be billed, and try again.

    \b
    billhook parked list --tenant shop
    """


@tenant_command(parked, "list")
def list_parked(ctx: "Context") -> Answer:
    """List the parked customers, each with the reason.

    \b
    billhook parked list --tenant shop

    Next: remove the reason, then billhook parked retry
    """
    from billhook.services import parking

    found = parking.listing(ctx)
    titles = (_("customer"), _("name"), _("since"), _("reason"))
    rows = [(one.customer, one.name, one.parked_at, one.reason) for one in found]
    return Answer({"parked": [record(one) for one in found]}, [Table(titles, rows)])


@tenant_command(parked, "retry", causes_jobs=True)
@click.option("--until", type=DAY, help="Charges up to this day; as in the run that parked them.")
@click.option("--issue-date", type=DAY, help="Date of the documents; today otherwise.")
def retry(ctx: "Context", until: date | None, issue_date: date | None) -> Answer:
    """Run billing again as the run that parked them did, now that the reason is gone.

    \b
    billhook parked retry --tenant shop

    Bills nothing twice. Exit status as of bill-run: 3 where some are still parked.
    """
    from billhook.services import billing, parking, run_parts
    from billhook.services.billed import RunSummary

    runs = {one.run_id for one in parking.listing(ctx)}
    if not runs:
        return run_answer(RunSummary())
    last = until or max(run_parts.get(ctx, run_id).until for run_id in runs)
    with progress(_("Billing")) as tell:
        summary = billing.run(ctx, until=last, issue_on=issue_date or ctx.today(), progress=tell)
    return run_answer(summary)
