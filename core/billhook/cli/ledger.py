"""``billhook ledger``: the books."""

from datetime import date
from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.values import DAY
from billhook.i18n import gettext as _
from billhook.money import amount_text

if TYPE_CHECKING:
    from billhook.sdk.context import Context


@click.group()
def ledger() -> None:
    """See accounts, journal and balances; close periods.

    \b
    billhook ledger trial-balance --as-of 2026-11-30 --tenant shop
    """


@tenant_command(ledger, "accounts")
def accounts(ctx: "Context") -> Answer:
    """List the chart of accounts, each in the currencies that it is used in.

    \b
    billhook ledger accounts --tenant shop
    """
    from billhook.services import ledgers

    found = ledgers.accounts(ctx)
    titles = (_("account"), _("currency"), _("type"), _("name"))
    rows = [(one.code, one.currency, one.type, one.name) for one in found]
    return Answer({"accounts": [record(one) for one in found]}, [Table(titles, rows)])


@tenant_command(ledger, "journal")
@click.option("--since", type=DAY, help="First day.")
@click.option("--until", type=DAY, help="Last day.")
@click.option("--account", help="Of one account alone.")
@click.option("--after", type=click.IntRange(0), default=0, help="Entry after which to go on.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=1_000,
    show_default=True,
    help="How many at most.",
)
def journal(
    ctx: "Context",
    since: date | None,
    until: date | None,
    account: str | None,
    after: int,
    limit: int,
) -> Answer:
    """List postings in the order of the journal. Debit is positive.

    \b
    billhook ledger journal --since 2026-11-01 --account 1200 --tenant shop
    """
    from billhook.services import ledgers

    found = ledgers.journal(
        ctx, since=since, until=until, account=account, after=after, limit=limit
    )
    base = ctx.tenant.currency
    content = [
        {
            **record(one, money=["amount"]),
            "base_currency": base,
            "base_amount": amount_text(one.base_amount, base),
        }
        for one in found
    ]
    titles = (
        *(">" + _("entry"), _("date"), _("kind"), _("account")),
        *(">" + _("amount"), _("currency"), _("source")),
    )
    rows = [
        (
            *(one.sequence, one.entry_on, one.kind, one.account),
            *(amount_text(one.amount, one.currency), one.currency, one.source_id),
        )
        for one in found
    ]
    return Answer({"postings": content}, [Table(titles, rows)])


@tenant_command(ledger, "trial-balance")
@click.option("--as-of", type=DAY, help="Up to and with this day; all otherwise.")
def trial_balance(ctx: "Context", as_of: date | None) -> Answer:
    """Sum each account's debits and credits. Per currency they are equal.

    \b
    billhook ledger trial-balance --as-of 2026-12-31 --tenant shop
    """
    from billhook.services import ledgers

    found = ledgers.trial_balance(ctx, as_of)
    base = ctx.tenant.currency
    content = [
        {
            **record(one, money=["debit", "credit"]),
            "balance": amount_text(one.balance, one.currency),
            "base_currency": base,
            "base_balance": amount_text(one.base_balance, base),
        }
        for one in found
    ]
    titles = (
        *(_("account"), _("name"), _("currency")),
        *(">" + _("debit"), ">" + _("credit"), ">" + _("balance")),
    )
    rows = [
        (
            *(one.code, one.name, one.currency),
            *(amount_text(sum_, one.currency) for sum_ in (one.debit, one.credit, one.balance)),
        )
        for one in found
    ]
    return Answer({"accounts": content}, [Table(titles, rows)])


@tenant_command(ledger, "close")
@click.option("--through", type=DAY, required=True, help="Last day of the period.")
def close(ctx: "Context", through: date) -> Answer:
    """Close the books through a day, for good: nothing is posted there any more.

    \b
    billhook ledger close --through 2026-10-31 --tenant shop
    """
    from billhook.services import ledgers

    ledgers.close(ctx, through)
    text = _("The books are closed through %(day)s.", day=through.isoformat())
    return Answer({"closed_through": through}, [text])
