"""``billhook mail``: whether messages leave."""

from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context


@click.group()
def mail() -> None:
    """Try out how documents are sent, before a client is written to.

    \b
    billhook mail test --to me@example.com --tenant shop
    """


@tenant_command(mail, "test")
@click.option("--to", "address", required=True, metavar="ADDRESS", help="Who gets the test.")
@click.option("--channel", default="", metavar="KEY", help="The tenant's first one otherwise.")
def try_out(ctx: "Context", address: str, channel: str) -> Answer:
    """Send a test message, and show each step of the conversation with the server.

    \b
    billhook mail test --to me@example.com --tenant shop

    Exit status 1 where a step failed; the last line says what to do about it.
    """
    from billhook.services import delivering

    told = delivering.trial(ctx, address, channel=channel)
    rows = [(step.what, step.is_good, step.answer) for step in told.steps]
    advice = [step.advice for step in told.steps if not step.is_good]
    end = advice or [_("The server has taken it. See whether it arrives.")]
    return Answer(
        {"is_good": told.is_good, "steps": [record(step) for step in told.steps]},
        [Table((_("step"), _("good"), _("answer")), rows), "", *end],
        exit_status=0 if told.is_good else 1,
    )
