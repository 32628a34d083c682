"""``billhook documents send``: a document to its client, or to somebody else."""

from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, record
from billhook.domain.deliveries import Recipient, RecipientKind, Tone
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context


@tenant_command(None, "send", causes_jobs=True)
@click.argument("document", metavar="NUMBER_OR_ID")
@click.option(
    "--to", "to", multiple=True, metavar="ADDRESS", help="Instead of the customer's own."
)
@click.option("--cc", "cc", multiple=True, metavar="ADDRESS", help="Who gets a copy.")
@click.option("--bcc", "bcc", multiple=True, metavar="ADDRESS", help="Who gets one unseen.")
@click.option("--channel", default="", metavar="KEY", help="The customer's first one otherwise.")
@click.option(
    "--tone",
    type=click.Choice([tone.value for tone in Tone]),
    help="How the message speaks; the customer's otherwise.",
)
@click.option("--key", help="Idempotency key: a repeat has no second effect.")
def send(
    ctx: "Context",
    document: str,
    to: tuple[str, ...],
    cc: tuple[str, ...],
    bcc: tuple[str, ...],
    channel: str,
    tone: str | None,
    key: str | None,
) -> Answer:
    """Send a document, or send it again.

    \b
    billhook documents send INV-2026-00042 --tenant shop
    billhook documents send INV-2026-00042 --to ap@client.example --cc me@shop.example

    The files are those of the first time, to the byte. Next: billhook deliveries list
    """
    from billhook.services import delivering, documents

    delivery = delivering.send(
        ctx,
        documents.find(ctx, document),
        channel=channel,
        recipients=_recipients(to=to, cc=cc, bcc=bcc),
        tone=Tone(tone) if tone else None,
        key=key,
    )
    text = _("Delivery %(id)s by %(channel)s waits.", id=delivery.id, channel=delivery.channel)
    return Answer({"delivery": record(delivery)}, [text])


def _recipients(**by_kind: tuple[str, ...]) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(address=address, kind=RecipientKind(kind))
        for kind, addresses in by_kind.items()
        for address in addresses
    )
