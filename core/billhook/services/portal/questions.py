"""What clients ask and dispute: by their account, or as guests by the link in a mail.

A thread is seen by all contacts of the customer that asked; a guest sees those that were
begun at the same link. Who looks for the company sees them and writes none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from billhook.db import db
from billhook.domain.publications import FileContent
from billhook.domain.questions import (
    DisputeReason,
    QuestionKind,
    QuestionState,
    Side,
    ThreadAct,
)
from billhook.domain.typed_amounts import example_amount, read_amount
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import current_language
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.limits import PAGE_ROWS
from billhook.models.questions import Question
from billhook.money import amount_text
from billhook.services import files, idempotency
from billhook.services.fields import Fields
from billhook.services.paging import Order, Slice, cut
from billhook.services.portal import clients, documents, log, seen, standing
from billhook.services.portal.clients import Client, Way
from billhook.services.portal.documents import ClientDocument
from billhook.services.portal.log import PortalAct
from billhook.services.questions import attached, saying, threads
from billhook.services.questions.attached import Upload
from billhook.services.questions.threads import QuestionEntry, Thread

MOST_COUNTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewQuestion:
    """What a client typed; texts as they came."""

    document_id: UUID
    kind: QuestionKind
    reason: str = ""
    line_no: int | None = None
    amount: str = ""
    """As people write amounts in the language in force."""
    text: str
    uploads: Sequence[Upload] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The document that a question is about."""

    document: ClientDocument
    lines: Mapping[int, str]
    """What each line says."""
    example: str
    """How an amount is typed."""


def subject(client: Client, document_id: UUID) -> Subject:
    """Return what a client may ask about, and keep that it was seen: its lines are. Raises NotFound."""
    document = documents.get(client, document_id)
    if not document.is_seen:
        seen.keep(client, [document_id])
    return Subject(
        document=document,
        lines=threads.lines_of(document_id),
        example=example_amount(document.currency, language=current_language()),
    )


def ask(client: Client, new: NewQuestion, *, key: str | None = None) -> UUID:
    """Ask about a document, or dispute it; return the question's id. Once by a key.

    Raises NotFound, Forbidden, ValidationFailed, IdempotencyMismatch.
    """
    _require_pen(client)
    ctx = client.ctx
    question, text = _read(client, new)
    outcome = idempotency.computed_once(
        ctx,
        route="portal.questions.ask",
        key=key,
        request=[
            *(str(new.document_id), new.kind, question.reason, new.line_no, question.amount),
            *(text, [one.mark for one in new.uploads]),
        ],
        compute=lambda: attached.lay(ctx, new.uploads),
        effect=lambda laid: _ask(client, question, text, laid),
    )
    return UUID(outcome.answer["id"])


def _ask(
    client: Client, question: Question, text: str, uploads: Sequence[Upload]
) -> Mapping[str, Any]:
    standing.hold(client)
    saying.begin(client.ctx, question, text, uploads)
    _note(client, PortalAct.QUESTION_ASKED, question.id)
    return {"id": str(question.id)}


def _read(client: Client, new: NewQuestion) -> tuple[Question, str]:
    found = subject(client, new.document_id)
    fields = Fields()
    is_dispute = new.kind is QuestionKind.DISPUTE
    reason = fields.choice("reason", new.reason, DisputeReason) if is_dispute else None
    if is_dispute and reason is None and not fields.problems:
        fields.refuse("reason", "input.missing", _("Say what is wrong."))
    if new.line_no is not None and new.line_no not in found.lines:
        fields.refuse("line", "question.line_unknown", _("The document has no such line."))
    amount = _amount(fields, new.amount, found) if is_dispute else None
    text = saying.read_text(fields, new.text)
    if fields.problems:
        raise ValidationFailed(fields.problems)
    question = Question(
        tenant_id=client.ctx.tenant.id,
        id=new_id(),
        document_id=new.document_id,
        customer_id=client.customer_id,
        contact_id=client.contact_id,
        guest_link_id=client.guest_link_id,
        kind=new.kind.value,
        reason=reason.value if reason else "",
        line_no=new.line_no,
        amount=amount,
        state=QuestionState.OPEN.value,
        asked_at=client.ctx.now(),
        version=1,
    )
    return question, text


def _amount(fields: Fields, typed: str, found: Subject) -> int | None:
    if not typed.strip():
        return None
    document = found.document
    amount = read_amount(typed, document.currency, language=current_language())
    if amount is None:
        fields.refuse(
            "amount",
            "question.amount_unreadable",
            _("This is no amount. Write it like %(example)s.", example=found.example),
        )
    elif not 0 < amount <= document.gross:
        fields.refuse(
            "amount",
            "question.amount_beyond",
            _(
                "Write an amount above zero, and not more than the %(gross)s %(currency)s of the "
                "document.",
                gross=amount_text(document.gross, document.currency),
                currency=document.currency,
            ),
        )
    return amount


def listing(
    client: Client, *, document_id: UUID | None = None, after: str = "", limit: int = PAGE_ROWS
) -> Slice[QuestionEntry]:
    """Return the client's questions, the newest first; of one document where it is named.

    Raises ValidationFailed for a cursor that is none.
    """
    _require_sight(client)
    about = () if document_id is None else (Question.document_id == document_id,)
    return cut(
        threads.entries().where(*_theirs(client), *about),
        [Order(Question.id, UUID)],
        after=after,
        limit=limit,
        is_descending=True,
        make=threads.entry,
    )


def waiting(client: Client) -> int:
    """Return how many answers wait for the client, up to `MOST_COUNTED`."""
    client.require(clients.SEE)
    return db.session.scalar(_waiting()) or 0


@cache
def _waiting() -> Select[tuple[int]]:
    """Build the statement once: every page sends it."""
    found = (
        select(Question.id)
        .where(Question.state == QuestionState.ANSWERED.value)
        .limit(MOST_COUNTED)
        .subquery()
    )
    return select(func.count()).select_from(found)


def thread(client: Client, question_id: UUID) -> Thread:
    """Return a question and all that was said. Raises NotFound."""
    _require_sight(client)
    return threads.found(Question.id == question_id, *_theirs(client))


def file(client: Client, question_id: UUID, file_id: UUID) -> FileContent:
    """Return a file of a thread. Raises NotFound, FileErased, FileDamaged."""
    thread(client, question_id)
    if not threads.holds_file(question_id, file_id):
        raise NotFound(_("file"), file_id)
    kept, content = files.stored(client.ctx, file_id)
    return FileContent(name=kept.name, content_type=kept.content_type, content=content)


def reply(
    client: Client,
    question_id: UUID,
    text: str,
    *,
    uploads: Sequence[Upload] = (),
    key: str | None = None,
) -> None:
    """Say more; it waits for the company then. Once by a key.

    Raises NotFound, Forbidden, ValidationFailed, QuestionIsClosed, IdempotencyMismatch.
    """
    _require_pen(client)
    thread(client, question_id)
    said = _said(text)
    idempotency.computed_once(
        client.ctx,
        route="portal.questions.reply",
        key=key,
        request=[str(question_id), said, [one.mark for one in uploads]],
        compute=lambda: attached.lay(client.ctx, uploads),
        effect=lambda laid: _act(client, question_id, ThreadAct.SAID, said, laid),
    )


def settle(client: Client, question_id: UUID) -> None:
    """Close a question: for the client it is settled. Nothing happens to one that is closed.

    Raises NotFound, Forbidden.
    """
    _require_pen(client)
    thread(client, question_id)
    with client.ctx.transaction():
        if saying.lock(question_id).state != QuestionState.CLOSED:
            _act(client, question_id, ThreadAct.CLOSED, "")


def reopen(client: Client, question_id: UUID, text: str) -> None:
    """Open a closed question again, and say why. Raises NotFound, Forbidden, ValidationFailed, Conflict."""
    _require_pen(client)
    thread(client, question_id)
    said = _said(text)
    with client.ctx.transaction():
        _act(client, question_id, ThreadAct.REOPENED, said)


def _act(
    client: Client,
    question_id: UUID,
    act: ThreadAct,
    text: str,
    uploads: Sequence[Upload] = (),
) -> Mapping[str, Any]:
    standing.hold(client)
    row = saying.lock(question_id)
    saying.refuse_act(row, act)
    message_id = saying.say(client.ctx, row, Side.CLIENT, act, text, uploads)
    _note(client, PortalAct.QUESTION_ANSWERED, question_id)
    return {"id": str(message_id)}


def _said(text: str) -> str:
    fields = Fields()
    found = saying.read_text(fields, text)
    if fields.problems:
        raise ValidationFailed(fields.problems)
    return found


def _note(client: Client, act: PortalAct, question_id: UUID) -> None:
    log.note(client, act, object_kind="question", object_id=question_id)


def _theirs(client: Client) -> tuple[Any, ...]:
    """Return what narrows a guest to the threads of their link; the scope narrows all others."""
    if client.way is not Way.LINK:
        return ()
    return (
        Question.guest_link_id == client.guest_link_id,
        Question.document_id == client.document_id,
    )


def _require_sight(client: Client) -> None:
    client.require(clients.GUEST if client.way is Way.LINK else clients.SEE)


def _require_pen(client: Client) -> None:
    _require_sight(client)
    if client.way is not Way.LINK:
        client.require(clients.WRITE)
