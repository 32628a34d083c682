"""``billhook documents statement``: what is open of what a customer pays."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.i18n import gettext as _
from billhook.money import amount_text

if TYPE_CHECKING:
    from billhook.domain.statements import CurrencyStatement
    from billhook.sdk.context import Context


@tenant_command(None, "statement")
@click.argument("customer", metavar="CUSTOMER")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Save it as PDF, too, as the customer gets it.",
)
def statement(ctx: "Context", customer: str, out: Path | None) -> Answer:
    """Show what a customer has to pay as of today, and save it as PDF.

    \b
    billhook documents statement 17850 --tenant shop
    billhook documents statement 17850 --out statement.pdf --tenant shop
    """
    from billhook.services import customers, statement_papers, statements

    found = statements.of_customer(ctx, customers.get(ctx, customer).id)
    content = {
        "customer": customer,
        "as_of": found.as_of,
        "currencies": [_told(one) for one in found.currencies],
    }
    titles = (
        *(_("number"), _("date"), _("due"), ">" + _("days overdue")),
        *(">" + _("amount"), ">" + _("settled"), ">" + _("open"), _("currency")),
    )
    rows = [
        (
            *(item.number, item.issue_on, item.due_on, item.days_overdue),
            *(
                amount_text(amount, one.currency)
                for amount in (item.amount, item.settled, item.open)
            ),
            one.currency,
        )
        for one in found.currencies
        for item in one.items
    ]
    parts: list[Table | str] = [Table(titles, rows)]
    parts += [
        _(
            "Balance: %(amount)s %(currency)s",
            amount=amount_text(one.balance, one.currency),
            currency=one.currency,
        )
        for one in found.currencies
    ]
    if out is not None:
        made = statement_papers.rendered(ctx, found)
        out.write_bytes(made.content)
        parts.append(_("%(path)s, %(size)s bytes", path=out, size=len(made.content)))
        content["file"] = str(out)
    return Answer(content, parts)


def _told(one: "CurrencyStatement") -> dict[str, object]:
    sums = {"owed": one.owed, "overdue": one.overdue, "credit": one.credit}
    return {
        "currency": one.currency,
        "balance": amount_text(one.balance, one.currency),
        **{name: amount_text(amount, one.currency) for name, amount in sums.items()},
        "items": [
            {
                **record(item, money=["amount", "settled"]),
                "open": amount_text(item.open, one.currency),
            }
            for item in one.items
        ],
    }
