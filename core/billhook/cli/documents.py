"""``billhook documents``: what was issued, and its correction."""

from datetime import date
from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.document_files import pdf, preview, xml
from billhook.cli.document_links import link
from billhook.cli.document_page import page
from billhook.cli.document_sending import send
from billhook.cli.document_statement import statement
from billhook.cli.drafts import issued_answer
from billhook.cli.output import Answer, Table, record
from billhook.cli.values import DAY
from billhook.domain.states import DocumentType
from billhook.i18n import gettext as _
from billhook.money import amount_text, parse_amount

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.documents import DocumentEntry

_MONEY = ("net", "tax", "gross", "payable", "open")


@click.group()
def documents() -> None:
    """See, save, send, credit and void documents.

    \b
    billhook documents list --customer 17850 --tenant shop
    billhook documents pdf INV-2026-00042 --tenant shop
    billhook documents credit INV-2026-00042 --reason "returned" --tenant shop
    """


for command in (pdf, xml, preview, send, link, statement):
    documents.add_command(command)


@tenant_command(documents, "list")
@click.option(
    "--type",
    "kind",
    type=click.Choice([kind.value for kind in DocumentType]),
    help="Of one type alone.",
)
@click.option("--customer", help="Reference of one customer.")
@click.option("--number", help="The printed number.")
@click.option("--since", type=DAY, help="First day of issue.")
@click.option("--until", type=DAY, help="Last day of issue.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="How many at most.",
)
def list_documents(
    ctx: "Context",
    kind: str | None,
    customer: str | None,
    number: str | None,
    since: date | None,
    until: date | None,
    limit: int,
) -> Answer:
    """List documents, the newest first.

    \b
    billhook documents list --since 2026-11-01 --type invoice --tenant shop

    Next: billhook documents show NUMBER; billhook export documents for all.
    """
    from billhook.services import customers
    from billhook.services import documents as service

    if customer:
        customers.get(ctx, customer)  # one that is not there is told from one without documents
    found = service.listing(
        ctx,
        kind=DocumentType(kind) if kind else None,
        customer=customer,
        number=number,
        since=since,
        until=until,
        limit=limit,
    )
    content = [record(one, money=_MONEY) for one in found]
    return Answer({"documents": content}, [_table(found)])


def _table(found: "list[DocumentEntry]") -> Table:
    titles = (
        *(_("number"), _("type"), _("customer"), _("issued"), _("due"), ">" + _("net")),
        *(">" + _("tax"), ">" + _("gross"), ">" + _("open"), _("currency"), _("void")),
    )
    rows = [
        (
            *(one.number, one.type, one.customer, one.issue_on, one.due_on),
            *(
                amount_text(amount, one.currency)
                for amount in (one.net, one.tax, one.gross, one.open)
            ),
            *(one.currency, one.is_void),
        )
        for one in found
    ]
    return Table(titles, rows)


@tenant_command(documents, "show")
@click.argument("document")
def show_document(ctx: "Context", document: str) -> Answer:
    """Show a document by its number or id: what was sealed, and what came after.

    \b
    billhook documents show INV-2026-00042 --tenant shop --json
    """
    from billhook.services import documents as service

    view = service.get(ctx, service.find(ctx, document))
    content = {
        **record(view.entry, money=_MONEY),
        "content": view.content,
        "seller": view.seller,
        "buyer": view.buyer,
        "hash": view.hash,
        "credits": view.credits,
        "happenings": [record(one) for one in view.happenings],
    }
    return Answer(content, [_table([view.entry]), *page(view)])


@tenant_command(documents, "credit", causes_jobs=True)
@click.argument("document")
@click.option("--reason", required=True, help="Printed on the credit note.")
@click.option(
    "--line",
    "lines",
    multiple=True,
    metavar="NO[=NET]",
    help="Credit this line, or so much of its net; the whole document where none is given.",
)
@click.option("--issue-date", type=DAY, help="Date of the credit note; today otherwise.")
@click.option("--key", help="Idempotency key: a repeat has no second effect.")
def credit(
    ctx: "Context",
    document: str,
    reason: str,
    lines: tuple[str, ...],
    issue_date: date | None,
    key: str | None,
) -> Answer:
    """Issue a credit note against an invoice: all that is left of it, or some lines.

    \b
    billhook documents credit INV-2026-00042 --reason "returned" --tenant shop
    billhook documents credit INV-2026-00042 --line 2 --line 5=10.00 --reason "broken"
    """
    from billhook.services import crediting
    from billhook.services import documents as service

    document_id = service.find(ctx, document)
    currency = service.get(ctx, document_id).entry.currency
    wanted = dict(_line(text, currency) for text in lines)
    issued = crediting.credit(
        ctx, document_id, lines=wanted or None, reason=reason, issue_on=issue_date, key=key
    )
    return issued_answer([issued])


def _line(text: str, currency: str) -> tuple[int, int | None]:
    number, equals, net = text.partition("=")
    if not (number.isascii() and number.isdigit() and len(number) <= 6):
        raise click.BadParameter(
            _("“%(text)s” is not a line. Write its number, or 2=10.00.", text=text),
            param_hint="--line",
        )
    return int(number), parse_amount(net.strip(), currency) if equals else None


@tenant_command(documents, "void", causes_jobs=True)
@click.argument("document")
@click.option("--reason", required=True, help="Why, for the number report.")
@click.option("--issue-date", type=DAY, help="Date of the reversal; today otherwise.")
def void(ctx: "Context", document: str, reason: str, issue_date: date | None) -> Answer:
    """Take a fresh invoice back whole. Its number stays and shows as void.

    \b
    billhook documents void INV-2026-00042 --reason "wrong customer" --tenant shop

    Only while nothing of it is paid or credited; later, credit it.
    """
    from billhook.services import crediting
    from billhook.services import documents as service

    document_id = service.find(ctx, document)
    return issued_answer([crediting.void(ctx, document_id, reason=reason, issue_on=issue_date)])
