"""``billhook deliveries``: what was sent to whom, and what came of it."""

from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.domain.deliveries import DeliveryState
from billhook.i18n import gettext as _
from billhook.ids import parse_id

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.delivering import DeliveryEntry, DeliveryView


@click.group()
def deliveries() -> None:
    """See what was sent to whom, and send again what failed.

    \b
    billhook deliveries list --state failed --tenant shop
    """


@tenant_command(deliveries, "list")
@click.option(
    "--state",
    type=click.Choice([state.value for state in DeliveryState]),
    help="Of one state, the delivery's or a recipient's.",
)
@click.option("--document", help="Number or id of one document.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="How many at most.",
)
def list_deliveries(ctx: "Context", state: str | None, document: str | None, limit: int) -> Answer:
    """List deliveries, the newest first. Failed is what somebody must see to.

    \b
    billhook deliveries list --state failed --tenant shop
    billhook deliveries list --document INV-2026-00042 --tenant shop

    Next: billhook deliveries show ID; billhook deliveries retry ID
    """
    from billhook.services import delivering, documents

    wanted = DeliveryState(state) if state else None
    if not document:
        return _answer(delivering.listing(ctx, state=wanted, limit=limit))
    found = delivering.of_document(ctx, documents.find(ctx, document))
    return _answer([one for one in found if wanted in (None, one.state)][:limit])


@tenant_command(deliveries, "show")
@click.argument("delivery", metavar="ID")
def show_delivery(ctx: "Context", delivery: str) -> Answer:
    """Show a delivery: what it says and carries, and each step that it took.

    \b
    billhook deliveries show 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    """
    from billhook.services import delivering

    view = delivering.get(ctx, parse_id(delivery, _("delivery")))
    parts: list[Table | str] = [_table([view.entry]), _recipients(view), _steps(view)]
    return Answer({"delivery": record(view)}, [*parts, "", view.text])


@tenant_command(deliveries, "retry", causes_jobs=True)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--all-failed",
    is_flag=True,
    help="All that failed and that certainly nobody has, such as after an outage.",
)
def retry(ctx: "Context", ids: tuple[str, ...], all_failed: bool) -> Answer:
    """Try failed or bounced deliveries again now, for those who do not have them.

    \b
    billhook deliveries retry 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    billhook deliveries retry --all-failed --tenant shop

    Where it is not known whether a delivery arrived, look first: this sends it again.
    """
    from billhook.services import delivering

    if bool(ids) is all_failed:
        raise click.UsageError(_("Name deliveries by their ids, or all by --all-failed."))
    if all_failed:
        return _answer(delivering.retry_all(ctx))
    return _answer([delivering.retry(ctx, parse_id(one, _("delivery"))) for one in ids])


def _answer(found: "list[DeliveryEntry]") -> Answer:
    return Answer({"deliveries": [record(one) for one in found]}, [_table(found)])


def _table(found: "list[DeliveryEntry]") -> Table:
    titles = (
        *(_("id"), _("document"), _("customer"), _("channel"), _("to"), _("state")),
        *(_("next try"), _("problem")),
    )
    rows = [
        (
            *(one.id, one.number, one.customer, one.channel),
            ", ".join(person.address for person in one.recipients),
            _("captured") if one.is_captured else one.state,
            *(one.next_try_at, one.last_error),
        )
        for one in found
    ]
    return Table(titles, rows)


def _recipients(view: "DeliveryView") -> Table:
    titles = (_("recipient"), _("kind"), _("state"), _("reason"))
    rows = [
        (person.address, person.kind, person.state, person.reason)
        for person in view.entry.recipients
    ]
    return Table(titles, rows)


def _steps(view: "DeliveryView") -> Table:
    titles = (_("when"), _("step"), _("recipient"), _("answer"))
    rows = [(step.happened_at, step.kind, step.address, step.detail) for step in view.steps]
    return Table(titles, rows)
