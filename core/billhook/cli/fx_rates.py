"""``billhook fx-rates``: exchange rates."""

from datetime import date
from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.values import DAY
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.fx import Rate


@click.group(name="fx-rates")
def fx_rates() -> None:
    """See and enter exchange rates into the base currency.

    \b
    billhook fx-rates set USD 0.9213 --on 2026-11-30 --tenant shop
    """


@tenant_command(fx_rates, "list")
@click.option("--currency", help="Of one currency alone.")
def list_rates(ctx: "Context", currency: str | None) -> Answer:
    """List the rates, the newest first.

    \b
    billhook fx-rates list --currency USD --tenant shop
    """
    from billhook.services import fx

    found = fx.listing(ctx, currency=currency)
    return Answer({"rates": [record(one) for one in found]}, [_table(found)])


@tenant_command(fx_rates, "set")
@click.argument("currency")
@click.argument("rate")
@click.option("--on", type=DAY, help="Since when; today otherwise.")
@click.option("--source", default="manual", show_default=True, help="Where it comes from.")
def set_rate(ctx: "Context", currency: str, rate: str, on: date | None, source: str) -> Answer:
    """Enter a rate: what one unit of CURRENCY is worth in the base currency.

    \b
    billhook fx-rates set USD 0.9213 --on 2026-11-30 --tenant shop

    It holds until the next one. Issued documents keep the rate that they froze.
    """
    from billhook.money import parse_decimal
    from billhook.services import fx

    value = parse_decimal(rate, decimals=fx.DECIMALS)
    made = fx.set_rate(ctx, currency, value, on=on or ctx.today(), source=source)
    return Answer(record(made), [_table([made])])


def _table(found: "list[Rate]") -> Table:
    titles = (_("currency"), _("on"), ">" + _("rate"), _("source"))
    return Table(titles, [(one.currency, one.on, one.rate, one.source) for one in found])
