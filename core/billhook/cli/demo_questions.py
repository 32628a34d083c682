"""What clients of the demo asked: a dispute that waits for finance, and a question that was answered."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.questions import QuestionKind
from billhook.models.customers import Contact
from billhook.sdk.context import Context
from billhook.services import documents, questions
from billhook.services.portal import clients
from billhook.services.portal import questions as client_questions
from billhook.services.portal.questions import NewQuestion
from billhook.services.questions import Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks about the first line of their first document, and what."""

    customer: str
    email: str
    kind: QuestionKind
    text: str
    reason: str = ""
    amount: str = ""
    file: Upload | None = None
    answer: str = ""
    line_no: int | None = None


ASKED = {
    "nimbus": (
        Asked(
            customer="lyon",
            email="camille@lumiere.example",
            kind=QuestionKind.DISPUTE,
            reason="wrong_amount",
            amount="90",
            line_no=2,
            text="Nos journaux comptent moins d’appels. Voici notre relevé par semaine.",
            file=Upload(name="appels.csv", content=b"semaine,appels\n1,271400\n2,289100\n"),
        ),
        Asked(
            customer="bath",
            email="ivy@bathbooks.example",
            kind=QuestionKind.QUESTION,
            text="Will you pay this out, or take it off the next invoice?",
            answer="We take it off your next invoice. If you would rather have it paid out, tell us "
            "your bank account here.",
        ),
    )
}
"""By tenant."""


def ask(ctx: Context) -> None:
    """Let clients ask, and finance answer what has an answer."""
    for asked in ASKED.get(ctx.tenant.slug, ()):
        question_id = _ask(ctx, asked)
        if asked.answer:
            questions.reply(ctx, question_id, asked.answer)


def _ask(ctx: Context, asked: Asked) -> UUID:
    document = documents.listing(ctx, customer=asked.customer)[-1]
    contact_id = db.session.scalars(select(Contact.id).where(Contact.email == asked.email)).one()
    client = clients.of_contact(ctx, contact_id)
    assert client is not None
    with client.ctx.acting():
        return client_questions.ask(
            client,
            NewQuestion(
                document_id=document.id,
                kind=asked.kind,
                reason=asked.reason,
                line_no=asked.line_no,
                amount=asked.amount,
                text=asked.text,
                uploads=[asked.file] if asked.file else [],
            ),
        )
