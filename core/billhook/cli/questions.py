"""``billhook questions``: what clients ask about documents, and what they dispute."""

from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.domain.questions import QuestionKind, QuestionState
from billhook.i18n import gettext as _
from billhook.ids import parse_id
from billhook.money import amount_text

if TYPE_CHECKING:
    from uuid import UUID

    from billhook.sdk.context import Context
    from billhook.services.questions import QuestionEntry, Said


@click.group()
def questions() -> None:
    """Answer what clients ask and dispute, and close it.

    \b
    billhook questions list --tenant shop
    """


@tenant_command(questions, "list")
@click.option("--state", type=click.Choice([one.value for one in QuestionState]), help="Of one.")
@click.option("--kind", type=click.Choice([one.value for one in QuestionKind]), help="Of one.")
@click.option("--customer", default="", help="Of one customer, by its reference.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="How many at most.",
)
def list_questions(
    ctx: "Context", state: str | None, kind: str | None, customer: str, limit: int
) -> Answer:
    """List questions and disputes, the newest first. What is open waits for the company.

    \b
    billhook questions list --state open --kind dispute --tenant shop

    Next: billhook questions show ID
    """
    from billhook.services import customers
    from billhook.services import questions as service

    if customer:
        customers.get(ctx, customer)  # one that is not there is told from one without questions
    wanted = service.QuestionFilter(
        state=QuestionState(state) if state else None,
        kind=QuestionKind(kind) if kind else None,
        customer=customer,
    )
    found = service.search(ctx, wanted, limit=limit).rows
    return Answer({"questions": [record(one) for one in found]}, [_table(list(found))])


@tenant_command(questions, "show")
@click.argument("question")
def show_question(ctx: "Context", question: str) -> Answer:
    """Show a question and all that was said.

    \b
    billhook questions show 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    """
    return _shown(ctx, parse_id(question, _("question")))


@tenant_command(questions, "reply", causes_jobs=True)
@click.argument("question")
@click.argument("text")
def reply(ctx: "Context", question: str, text: str) -> Answer:
    """Answer the client, who is told by mail and at the portal.

    \b
    billhook questions reply 01890a5d-ac96-774b-bcce-b302099a8057 "We look into it." --tenant shop
    """
    from billhook.services import questions as service

    question_id = parse_id(question, _("question"))
    service.reply(ctx, question_id, text)
    return _shown(ctx, question_id)


@tenant_command(questions, "close", causes_jobs=True)
@click.argument("question")
@click.argument("text")
def close(ctx: "Context", question: str, text: str) -> Answer:
    """Close a question with a final word. The client may open it again.

    \b
    billhook questions close 01890a5d-ac96-774b-bcce-b302099a8057 "Corrected." --tenant shop
    """
    from billhook.services import questions as service

    question_id = parse_id(question, _("question"))
    service.close(ctx, question_id, text)
    return _shown(ctx, question_id)


def _shown(ctx: "Context", question_id: "UUID") -> Answer:
    from billhook.services import questions as service

    found = service.get(ctx, question_id)
    return Answer(
        {**record(found.entry), "said": [record(one) for one in found.said]},
        [_table([found.entry]), _thread(found.said)],
    )


def _table(found: "list[QuestionEntry]") -> Table:
    titles = (
        *(_("id"), _("kind"), _("number"), _("customer"), _("state")),
        *(_("reason"), ">" + _("amount"), _("currency"), _("answered by"), _("asked")),
    )
    rows = [
        (
            *(one.id, one.kind, one.number, one.customer, one.state, one.reason or ""),
            "" if one.amount is None else amount_text(one.amount, one.currency),
            *(one.currency, one.assignee, one.asked_at),
        )
        for one in found
    ]
    return Table(titles, rows)


def _thread(said: "tuple[Said, ...]") -> Table:
    titles = (_("when"), _("side"), _("who"), _("act"), _("text"))
    rows = [(one.written_at, one.side, one.name, one.act, one.text) for one in said]
    return Table(titles, rows)
