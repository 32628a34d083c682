"""``billhook documents link``: addresses that show a document without a log-in."""

from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.ids import parse_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billhook.sdk.context import Context
    from billhook.services.document_links import LinkEntry

_DOCUMENT = click.argument("document", metavar="NUMBER_OR_ID")


@click.group()
def link() -> None:
    """Show a document to whoever has a link, and end that again.

    \b
    billhook documents link make INV-2026-00042 --tenant shop
    billhook documents link list INV-2026-00042 --tenant shop
    """


@tenant_command(link, "list")
@_DOCUMENT
def list_links(ctx: "Context", document: str) -> Answer:
    """List the links to a document, the newest first: those in mails and those made by hand.

    \b
    billhook documents link list INV-2026-00042 --tenant shop

    Programs that look through mails for harm open links, too.
    """
    from billhook.services import document_links, documents

    found = document_links.listing(ctx, documents.find(ctx, document))
    return Answer({"links": [record(one) for one in found]}, [_table(found)])


@tenant_command(link, "make")
@_DOCUMENT
@click.option("--key", help="Idempotency key: a repeat has no second effect.")
def make(ctx: "Context", document: str, key: str | None) -> Answer:
    """Make a link to pass on. Whoever has it sees the document and its files.

    \b
    billhook documents link make INV-2026-00042 --tenant shop

    It holds as long as the portal's settings say. To end it: billhook documents link revoke
    """
    from billhook.services import document_links, documents

    made = document_links.make(ctx, documents.find(ctx, document), key=key)
    content = {"link": record(made.entry), "address": made.address}
    return Answer(content, [_table([made.entry]), made.address])


@tenant_command(link, "revoke")
@_DOCUMENT
@click.argument("link_id", metavar="LINK", required=False)
@click.option("--all", "is_all", is_flag=True, help="All links to the document.")
def revoke(ctx: "Context", document: str, link_id: str | None, is_all: bool) -> Answer:
    """End a link, or all of a document. It cannot be brought back.

    \b
    billhook documents link revoke INV-2026-00042 01890a5d-ac96-774b-bcce-b302099a8057
    billhook documents link revoke INV-2026-00042 --all --tenant shop
    """
    from billhook.services import document_links, documents

    if is_all == bool(link_id):
        raise click.UsageError(_("Name one link, or say --all."))
    document_id = documents.find(ctx, document)
    if link_id:
        ended = document_links.revoke(ctx, document_id, parse_id(link_id, _("link")))
        return Answer({"links": [record(ended)]}, [_table([ended])])
    count = document_links.revoke_all(ctx, document_id)
    text = ngettext("%(count)s link was ended.", "%(count)s links were ended.", count)
    return Answer({"revoked": count}, [text])


def _table(found: "Sequence[LinkEntry]") -> Table:
    titles = (_("id"), _("made"), _("expires"), _("state"), _("opened"), _("delivery"))
    rows = [
        (
            *(one.id, one.made_at, one.expires_at, one.state.value),
            *(one.opened_at or "", one.delivery_id or ""),
        )
        for one in found
    ]
    return Table(titles, rows)
