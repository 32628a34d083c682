"""What both sides share when they say something: locked, written, announced. No permission is asked here."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain.events import (
    Event,
    QuestionAnswered,
    QuestionAsked,
    QuestionClosed,
    QuestionReopened,
)
from billhook.domain.questions import QuestionState, Side, ThreadAct, state_after
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.questions import Question, QuestionMessage
from billhook.sdk.context import ActorKind, Context
from billhook.services import outbox
from billhook.services.fields import Fields
from billhook.services.questions import attached
from billhook.services.questions.attached import Upload


class QuestionMoved(Conflict):
    """Somebody said or did something since the thread was read."""

    code = "question.moved"


class QuestionIsClosed(Conflict):
    """Nothing can be said about what is closed, until it is opened again."""

    code = "question.closed"


def read_text(fields: Fields, text: str) -> str:
    """Read what somebody says; it must not be empty."""
    found = fields.prose("text", text, limit=limits.QUESTION_TEXT)
    if not found and all(problem.path != "text" for problem in fields.problems):
        fields.refuse("text", "input.missing", _("Write something first."))
    return found


def lock(question_id: UUID, *, version: int | None = None) -> Question:
    """Return a question's row, locked; a version is that of the thread as somebody read it.

    Raises NotFound, QuestionMoved.
    """
    row = db.session.scalar(
        select(Question)
        .where(Question.id == question_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(_("question"), question_id)
    if version not in (None, row.version):
        raise QuestionMoved(
            _(
                "Something was said or done here while you were writing. Read it, then send what "
                "you wrote again."
            )
        )
    return row


def refuse_act(row: Question, act: ThreadAct) -> None:
    """Raises QuestionIsClosed, and Conflict where an open question is to be opened."""
    is_closed = row.state == QuestionState.CLOSED
    if is_closed and act is not ThreadAct.REOPENED:
        raise QuestionIsClosed(_("This is closed. Open it again to say something."))
    if not is_closed and act is ThreadAct.REOPENED:
        raise Conflict(_("This is open already."))


def begin(ctx: Context, question: Question, text: str, uploads: Sequence[Upload]) -> None:
    """Write a new question with its first message, inside a transaction, and announce it."""
    db.session.add(question)
    db.session.flush()
    _write(ctx, question, Side.CLIENT, ThreadAct.SAID, text, uploads)
    outbox.publish(
        ctx,
        QuestionAsked(
            question_id=question.id,
            document_id=question.document_id,
            customer_id=question.customer_id,
            kind=question.kind,
        ),
    )


def say(
    ctx: Context,
    question: Question,
    side: Side,
    act: ThreadAct,
    text: str,
    uploads: Sequence[Upload] = (),
) -> UUID:
    """Write a message to a locked question, inside a transaction, and announce it; return its id."""
    message_id = _write(ctx, question, side, act, text, uploads)
    question.state = state_after(act, side).value
    question.closed_at = ctx.now() if act is ThreadAct.CLOSED else None
    question.version += 1
    db.session.flush()
    outbox.publish(ctx, _event(question, message_id, side, act))
    return message_id


def _write(
    ctx: Context,
    question: Question,
    side: Side,
    act: ThreadAct,
    text: str,
    uploads: Sequence[Upload],
) -> UUID:
    message_id = new_id()
    db.session.add(
        QuestionMessage(
            tenant_id=ctx.tenant.id,
            id=message_id,
            question_id=question.id,
            author=side.value,
            contact_id=_actor(ctx, ActorKind.CLIENT),
            person_id=_actor(ctx, ActorKind.PERSON),
            text=text,
            act=act.value,
            written_at=ctx.now(),
        )
    )
    db.session.flush()
    attached.keep(ctx, message_id, uploads)
    return message_id


def _actor(ctx: Context, kind: ActorKind) -> UUID | None:
    return ctx.actor.id if ctx.actor.kind is kind else None


def _event(question: Question, message_id: UUID, side: Side, act: ThreadAct) -> Event:
    told = {"question_id": question.id, "message_id": message_id}
    match act:
        case ThreadAct.SAID:
            return QuestionAnswered(**told, side=side.value)
        case ThreadAct.CLOSED:
            return QuestionClosed(**told, side=side.value)
        case ThreadAct.REOPENED:
            return QuestionReopened(**told, side=side.value)
