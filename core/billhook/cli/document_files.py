"""``billhook documents pdf|xml|preview``: documents as files."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, record
from billhook.i18n import gettext as _
from billhook.ids import parse_id

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.artefacts import ArtefactEntry

_FILE = click.Path(dir_okay=False, path_type=Path)
_OUT = click.option(
    "--out", type=_FILE, metavar="FILE", help="Where to; in this folder by its own name otherwise."
)


@tenant_command(None, "pdf")
@click.argument("document", metavar="NUMBER_OR_ID")
@_OUT
def pdf(ctx: "Context", document: str, out: Path | None) -> Answer:
    """Save a document's PDF, the very bytes that its client gets.

    \b
    billhook documents pdf INV-2026-00042 --tenant shop
    billhook documents pdf INV-2026-00042 --out invoice.pdf --tenant shop

    It is made once, by the first who asks or by the first delivery, and kept.
    """
    from billhook.services import artefacts, documents

    return _saved(ctx, artefacts.printed(ctx, documents.find(ctx, document)), out)


@tenant_command(None, "xml")
@click.argument("document", metavar="NUMBER_OR_ID")
@click.option(
    "--format",
    "format_key",
    default="",
    metavar="KEY",
    help="Such as einvoice_ubl.ubl; the customer's first one otherwise.",
)
@_OUT
def xml(ctx: "Context", document: str, format_key: str, out: Path | None) -> Answer:
    """Save a document's e-invoice, once its rules have passed it.

    \b
    billhook documents xml INV-2026-00042 --tenant shop
    billhook documents xml INV-2026-00042 --format einvoice_ubl.ubl --out invoice.xml

    Says which rules were run, and what they found. Like the PDF it is made once, and kept.
    """
    from billhook.services import artefacts, documents

    found = artefacts.e_invoice(ctx, documents.find(ctx, document), format_key=format_key)
    return _saved(ctx, found, out)


def _saved(ctx: "Context", entry: "ArtefactEntry", out: Path | None) -> Answer:
    from billhook.services import artefacts

    path = out or Path(entry.name)
    path.write_bytes(artefacts.content(ctx, entry.id).content)
    parts = [
        _(
            "%(path)s, %(size)s bytes, SHA-256 %(hash)s",
            path=path,
            size=entry.size,
            hash=entry.sha256,
        )
    ]
    if entry.rules:
        parts.append(_("It passed %(rules)s.", rules=entry.rules))
    return Answer(
        {**record(entry), "file": str(path)},
        parts,
        warnings=[f"{one.code}: {one.message}" for one in entry.findings],
    )


@tenant_command(None, "preview")
@click.argument("draft", metavar="DRAFT_ID")
@click.option("--out", type=_FILE, metavar="FILE", required=True, help="Where to.")
def preview(ctx: "Context", draft: str, out: Path) -> Answer:
    """Save a draft as the PDF that it would be today. Nothing of it is kept.

    \b
    billhook documents preview 01890a5d-ac96-774b-bcce-b302099a8057 --out draft.pdf --tenant shop

    Next: billhook drafts issue ID
    """
    from billhook.services import previewing

    draft_id = parse_id(draft, _("draft"))
    made = previewing.preview(ctx, draft_id)
    out.write_bytes(made.content)
    return Answer(
        {
            "draft": draft_id,
            "file": str(out),
            "content_type": made.content_type,
            "size": len(made.content),
            "problems": [record(problem) for problem in made.problems],
        },
        [_("%(path)s, %(size)s bytes", path=out, size=len(made.content))],
        warnings=[f"{one.code}: {one.message}" for one in made.problems],
    )
