"""``billhook bill-run``: waiting charges become documents."""

from datetime import date
from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table
from billhook.cli.progress import progress
from billhook.cli.values import DAY
from billhook.domain.states import RunMode
from billhook.i18n import gettext as _
from billhook.money import amount_text

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.billed import RunSummary

PARKED = 3
"""Exit status of a run that set somebody aside."""


@tenant_command(None, "bill-run", causes_jobs=True)
@click.option("--until", type=DAY, required=True, help="Bill charges up to and with this day.")
@click.option("--issue-date", type=DAY, help="Date of the documents; today otherwise.")
@click.option("--draft", is_flag=True, help="Stop at drafts, to be looked at and issued.")
@click.option("--dry-run", is_flag=True, help="Compute everything, write nothing.")
def bill_run(
    ctx: "Context", until: date, issue_date: date | None, draft: bool, dry_run: bool
) -> Answer:
    """Price, tax, number, issue and post what waits to be billed.

    \b
    billhook bill-run --until 2026-11-30 --dry-run --tenant shop
    billhook bill-run --until 2026-11-30 --tenant shop

    Customers that cannot be billed are parked with the reason while the rest goes on;
    a later run tries them again. Exit status: 0 all was billed, 3 some are parked,
    1 the run failed. It can be started again at any point and bills nothing twice.

    Next: billhook documents list; billhook parked list
    """
    from billhook.services import billing

    issue_on = issue_date or ctx.today()
    with progress(_("Billing")) as tell:
        if dry_run:
            summary = billing.preview(ctx, until=until, issue_on=issue_on, progress=tell)
        else:
            mode = RunMode.DRAFT if draft else RunMode.ISSUE
            summary = billing.run(ctx, until=until, issue_on=issue_on, mode=mode, progress=tell)
    return run_answer(summary)


def run_answer(summary: "RunSummary") -> Answer:
    """Return what a run prints."""
    result = summary.result
    parts: list[Table | str] = [_sums(summary)] if result.currencies else [_("Nothing to bill.")]
    if result.parked:
        reasons = [(one.customer, one.reason) for one in result.parked]
        parts.append(Table((_("parked"), _("reason")), reasons))
    if result.skipped:
        titles = (_("waiting"), ">" + _("charges"), _("reason"))
        rows = [(one.customer, one.charges, one.reason) for one in result.skipped]
        parts.append(Table(titles, rows))
    return Answer(summary.as_json(), parts, exit_status=PARKED if result.parked else 0)


def _sums(summary: "RunSummary") -> Table:
    titles = (
        *(_("currency"), ">" + _("documents"), ">" + _("credit notes")),
        *(">" + _("net"), ">" + _("tax"), ">" + _("gross")),
    )
    rows = [
        (
            *(currency, sums.documents, sums.credit_notes),
            *(amount_text(amount, currency) for amount in (sums.net, sums.tax, sums.gross)),
        )
        for currency, sums in sorted(summary.result.currencies.items())
    ]
    return Table(titles, rows)
