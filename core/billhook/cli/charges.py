"""``billhook charges``: what waits to be billed."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.domain.states import ChargeState
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.ids import parse_id
from billhook.money import amount_text

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.charging import ChargeEntry


@click.group()
def charges() -> None:
    """See, hold, release and withdraw what waits to be billed.

    \b
    billhook charges list --state open --tenant shop
    billhook charges hold --customer 17850 --reason "price under review" --tenant shop
    """


@tenant_command(charges, "list")
@click.option(
    "--state",
    type=click.Choice([state.value for state in ChargeState]),
    help="Of one state alone.",
)
@click.option("--customer", help="Reference of one customer.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="How many at most.",
)
@click.option("--after", help="Id after which to go on.")
def list_charges(
    ctx: "Context", state: str | None, customer: str | None, limit: int, after: str | None
) -> Answer:
    """List charges in the order in which they came.

    \b
    billhook charges list --state open --customer 17850 --tenant shop

    Next: billhook bill-run, or billhook charges hold
    """
    from billhook.services import charging, customers

    if customer:
        customers.get(ctx, customer)  # one that is not there is told from one without charges
    found = charging.listing(
        ctx,
        state=ChargeState(state) if state else None,
        customer=customer,
        limit=limit,
        after=parse_id(after, _("charge")) if after else None,
    )
    titles = (
        *(_("id"), _("reference"), _("customer"), _("date"), _("state")),
        *(">" + _("quantity"), ">" + _("price"), _("currency"), _("description")),
    )
    rows = [
        (
            *(one.id, one.reference, one.customer, one.charged_on, one.state),
            *(one.quantity, _price(one), one.currency, one.description),
        )
        for one in found
    ]
    content = [record(one, money=["amount"]) for one in found]
    more = str(found[-1].id) if len(found) == limit else None
    return Answer({"charges": content, "after": more}, [Table(titles, rows)])


def _price(charge: "ChargeEntry") -> object:
    if charge.amount is not None:
        return amount_text(charge.amount, charge.currency)
    return charge.unit_price


def _options(function: Any) -> Any:
    function = click.argument("ids", nargs=-1, metavar="[ID]...")(function)
    return click.option("--customer", help="All charges of a customer, instead of ids.")(function)


@tenant_command(charges, "hold")
@_options
@click.option("--reason", required=True, help="Why, for the audit log.")
def hold(ctx: "Context", ids: tuple[str, ...], customer: str | None, reason: str) -> Answer:
    """Keep charges out of bill runs until they are released.

    \b
    billhook charges hold --customer 17850 --reason "price under review" --tenant shop

    Next: billhook charges release
    """
    from billhook.services import charging

    chosen = _chosen(ctx, ids, customer, ChargeState.OPEN)
    count = charging.hold(ctx, chosen, reason=reason)
    text = ngettext("%(count)s charge is held.", "%(count)s charges are held.", count)
    return _done(chosen, ChargeState.HELD, text)


@tenant_command(charges, "release")
@_options
@click.option("--reason", default="", help="Why, for the audit log.")
def release(ctx: "Context", ids: tuple[str, ...], customer: str | None, reason: str) -> Answer:
    """Let held charges be billed again.

    \b
    billhook charges release --customer 17850 --tenant shop
    """
    from billhook.services import charging

    chosen = _chosen(ctx, ids, customer, ChargeState.HELD)
    count = charging.release(ctx, chosen, reason=reason)
    text = ngettext("%(count)s charge is released.", "%(count)s charges are released.", count)
    return _done(chosen, ChargeState.OPEN, text)


@tenant_command(charges, "withdraw")
@_options
@click.option("--reason", required=True, help="Why, for the audit log.")
def withdraw(ctx: "Context", ids: tuple[str, ...], customer: str | None, reason: str) -> Answer:
    """Take waiting charges away for good. Their rows stay, and are never billed.

    \b
    billhook charges withdraw 01890a5d-ac96-774b-bcce-b302099a8057 --reason "entered twice"
    """
    from billhook.services import charging

    chosen = _chosen(ctx, ids, customer, ChargeState.OPEN)
    count = charging.withdraw(ctx, chosen, reason=reason)
    text = ngettext("%(count)s charge is withdrawn.", "%(count)s charges are withdrawn.", count)
    return _done(chosen, ChargeState.WITHDRAWN, text)


def _chosen(
    ctx: "Context", ids: tuple[str, ...], customer: str | None, state: ChargeState
) -> list[UUID]:
    """Return the ids, or those of a customer's charges in a state."""
    from billhook.services import charging, customers

    if bool(ids) == bool(customer):
        raise click.UsageError(_("Name charges by their ids, or a customer by --customer."))
    if not customer:
        return [parse_id(text, _("charge")) for text in ids]
    customers.get(ctx, customer)
    found: list[UUID] = []
    page = charging.listing(ctx, state=state, customer=customer)
    while page:
        found += [one.id for one in page]
        page = charging.listing(ctx, state=state, customer=customer, after=found[-1])
    return found


def _done(chosen: list[UUID], state: ChargeState, text: str) -> Answer:
    content = {"state": state, "charges": chosen, "count": len(chosen)}
    return Answer(content, [text])
