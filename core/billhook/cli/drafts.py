"""``billhook drafts``: what may become a document."""

import mimetypes
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.values import DAY
from billhook.domain.states import DraftState
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.i18n import gettext as _
from billhook.ids import parse_id
from billhook.money import RATE_DECIMALS, amount_text, parse_amount, parse_decimal

if TYPE_CHECKING:
    from uuid import UUID

    from billhook.sdk.context import Context
    from billhook.services.drafting import DraftView
    from billhook.services.issuing import Issued


@click.group()
def drafts() -> None:
    """Look at drafts, issue or discard them. A bill run with --draft makes them.

    \b
    billhook drafts list --tenant shop
    billhook drafts issue 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    """


@tenant_command(drafts, "list")
@click.option(
    "--state",
    type=click.Choice([state.value for state in DraftState]),
    default=DraftState.OPEN.value,
    show_default=True,
    help="Of one state alone.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="How many at most.",
)
def list_drafts(ctx: "Context", state: str, limit: int) -> Answer:
    """List drafts, the oldest first.

    \b
    billhook drafts list --tenant shop

    Next: billhook drafts show ID
    """
    from billhook.services import drafting

    found = drafting.listing(ctx, state=DraftState(state), limit=limit)
    titles = (
        *(_("id"), _("customer"), _("name"), ">" + _("lines")),
        *(">" + _("net"), _("currency"), _("state")),
    )
    rows = [
        (
            *(one.id, one.customer, one.customer_name, one.lines),
            *(amount_text(one.net, one.currency), one.currency, one.state),
        )
        for one in found
    ]
    content = [record(one, money=["net"]) for one in found]
    return Answer({"drafts": content}, [Table(titles, rows)])


@tenant_command(drafts, "show")
@click.argument("draft")
@click.option(
    "--issue-date",
    type=DAY,
    help="Taxed as if issued on this day; its run's day otherwise, else today.",
)
def show_draft(ctx: "Context", draft: str, issue_date: date | None) -> Answer:
    """Show a draft's lines and taxes, or why it cannot be issued.

    \b
    billhook drafts show 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop

    Next: billhook drafts issue ID
    """
    from billhook.services import drafting

    view = drafting.get(ctx, parse_id(draft, _("draft")), issue_on=issue_date)
    bill = view.bill
    titles = (_("description"), ">" + _("quantity"), ">" + _("unit price"), ">" + _("amount"))
    lines = [
        (
            *(line.description, line.quantity, line.unit_price),
            amount_text(line.amount, bill.currency),
        )
        for line in bill.lines
    ]
    refused = view.outcome.refused
    problems = [problem.message for problem in refused.problems] if refused else []
    sums = _sums(view)
    parts = [Table(titles, lines), *([_table(sums)] if sums else [])]
    return Answer(_content(view, sums), parts, warnings=problems)


def _sums(view: "DraftView") -> dict[str, str]:
    document = view.outcome.document
    if document is None:
        return {}
    names = ("net", "tax", "gross", "payable")
    return {name: amount_text(getattr(document, name), document.currency) for name in names}


def _table(sums: dict[str, str]) -> Table:
    return Table([">" + name for name in sums], [list(sums.values())])


def _content(view: "DraftView", sums: dict[str, str]) -> dict[str, Any]:
    bill, outcome = view.bill, view.outcome
    refused = outcome.refused.problems if outcome.refused else ()
    return {
        "id": view.id,
        "state": view.state,
        "version": view.version,
        "type": outcome.document.type if outcome.document else None,
        "customer": bill.buyer.reference,
        "currency": bill.currency,
        "purchase_order": bill.purchase_order,
        "lines": [
            {
                "description": line.description,
                "sku": line.sku,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "base_quantity": line.base_quantity,
                "amount": amount_text(line.amount, bill.currency),
                "supplied_on": line.supplied_on,
                "section": line.section_label,
                "explanation": line.explanation,
            }
            for line in bill.lines
        ],
        **sums,
        "problems": [
            {"code": found.code, "path": found.path, "message": found.message} for found in refused
        ],
    }


@tenant_command(drafts, "issue", causes_jobs=True)
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--issue-date", type=DAY, help="The run's or today otherwise.")
@click.option("--key", help="Idempotency key: a repeat has no second effect. For one draft.")
def issue(
    ctx: "Context", ids: tuple[str, ...], issue_date: date | None, key: str | None
) -> Answer:
    """Number drafts and post them to the ledger, for good.

    \b
    billhook drafts issue 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop

    Next: billhook documents show NUMBER
    """
    from billhook.services import issuing

    if key and len(ids) > 1:
        raise click.UsageError(_("A key stands for one draft. Issue them one by one."))
    wanted = [parse_id(text, _("draft")) for text in ids]
    found = [issuing.issue(ctx, one, issue_on=issue_date, key=key) for one in wanted]
    return issued_answer(found)


def issued_answer(found: "list[Issued]") -> Answer:
    """Return what a command prints that issued documents."""
    titles = (
        *(_("number"), _("type"), ">" + _("net"), ">" + _("tax")),
        *(">" + _("gross"), _("currency"), _("id")),
    )
    rows = [
        (
            *(one.number, one.type),
            *(amount_text(amount, one.currency) for amount in (one.net, one.tax, one.gross)),
            *(one.currency, one.id),
        )
        for one in found
    ]
    return Answer({"documents": [one.as_json() for one in found]}, [Table(titles, rows)])


@tenant_command(drafts, "attach")
@click.argument("draft")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def attach(ctx: "Context", draft: str, file: Path) -> Answer:
    """Put a file on a draft; it goes out with the document.

    \b
    billhook drafts attach 01890a5d-ac96-774b-bcce-b302099a8057 timesheet.pdf --tenant shop

    Takes PDF, PNG, JPEG, CSV, text, XML, XLSX and DOCX.
    """
    from billhook.services import attachments

    made = attachments.attach(
        ctx,
        parse_id(draft, _("draft")),
        name=file.name,
        content_type=mimetypes.guess_type(file.name)[0] or "",
        content=file.read_bytes(),
    )
    return Answer(record(made), [_("Attached %(name)s.", name=made.name)])


@tenant_command(drafts, "detach")
@click.argument("draft")
@click.argument("name")
def detach(ctx: "Context", draft: str, name: str) -> Answer:
    """Take a file off a draft, by its name.

    \b
    billhook drafts detach 01890a5d-ac96-774b-bcce-b302099a8057 timesheet.pdf --tenant shop
    """
    from billhook.services import attachments

    attachments.detach(ctx, parse_id(draft, _("draft")), name)
    return Answer({"detached": name}, [_("Took off %(name)s.", name=name)])


@tenant_command(drafts, "discard", causes_jobs=True)
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--reason", default="", help="Why, for the audit log.")
def discard(ctx: "Context", ids: tuple[str, ...], reason: str) -> Answer:
    """Give drafts up; their charges wait again.

    \b
    billhook drafts discard 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    """
    from billhook.services import drafting

    wanted: list[UUID] = [parse_id(text, _("draft")) for text in ids]
    with ctx.transaction():
        for draft_id in wanted:
            drafting.discard(ctx, draft_id, reason=reason)
    return Answer({"discarded": wanted}, [_("Discarded. The charges wait again.")])


@tenant_command(drafts, "adjust")
@click.argument("draft")
@click.option("--percent", help="Percent of the lines' sum: 10 for 10 %.")
@click.option("--amount", help="Net amount in the draft's currency.")
@click.option("--surcharge", is_flag=True, help="Add it instead of taking it off.")
@click.option("--reason", required=True, help="Printed beside it.")
def adjust(
    ctx: "Context",
    draft: str,
    percent: str | None,
    amount: str | None,
    surcharge: bool,
    reason: str,
) -> Answer:
    """Give a discount on a whole draft, or a surcharge.

    \b
    billhook drafts adjust 01890a5d-ac96-774b-bcce-b302099a8057 --percent 10 --reason "Autumn"

    Tax groups share it in proportion to their sums. Next: billhook drafts issue ID
    """
    from billhook.services import drafting

    if (percent is None) == (amount is None):
        raise click.UsageError(_("Give either --percent or --amount."))
    draft_id = parse_id(draft, _("draft"))
    currency = drafting.get(ctx, draft_id).bill.currency
    adjustment = Adjustment(
        kind=AdjustmentKind.SURCHARGE if surcharge else AdjustmentKind.ALLOWANCE,
        reason=reason,
        percent=None if percent is None else parse_decimal(percent, decimals=RATE_DECIMALS),
        amount=None if amount is None else parse_amount(amount, currency),
    )
    sums = _sums(view := drafting.adjust(ctx, draft_id, adjustment))
    return Answer(_content(view, sums), [_table(sums)] if sums else [])
