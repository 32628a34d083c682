"""What members do with questions: read, answer, close, open again.

A version is that of the thread as it was read; None takes it as it is now. Each act
raises NotFound, and QuestionMoved where something was said since.
"""

from collections.abc import Sequence
from uuid import UUID

from billhook.domain.publications import FileContent
from billhook.domain.questions import Side, ThreadAct
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.questions import Question
from billhook.sdk.context import ActorKind, Context
from billhook.services import audit, files, idempotency
from billhook.services.fields import Fields
from billhook.services.questions import attached, saying, threads
from billhook.services.questions.attached import Upload
from billhook.services.questions.threads import Thread


def get(ctx: Context, question_id: UUID) -> Thread:
    """Return a question and all that was said. Raises NotFound."""
    ctx.require("questions.view")
    return threads.found(Question.id == question_id)


def file(ctx: Context, question_id: UUID, file_id: UUID) -> FileContent:
    """Return a file that came with a message. Raises NotFound, FileErased, FileDamaged."""
    ctx.require("questions.view")
    if not threads.holds_file(question_id, file_id):
        raise NotFound(_("file"), file_id)
    entry, content = files.stored(ctx, file_id)
    return FileContent(name=entry.name, content_type=entry.content_type, content=content)


def reply(
    ctx: Context,
    question_id: UUID,
    text: str,
    *,
    version: int | None = None,
    uploads: Sequence[Upload] = (),
    key: str | None = None,
) -> UUID:
    """Answer the client; return the message's id. Whoever answers first has it as their task.

    Raises NotFound, ValidationFailed, QuestionMoved, QuestionIsClosed, IdempotencyMismatch.
    """
    ctx.require("questions.answer")
    return _say(ctx, question_id, ThreadAct.SAID, text, version, uploads, key)


def close(
    ctx: Context,
    question_id: UUID,
    text: str,
    *,
    version: int | None = None,
    uploads: Sequence[Upload] = (),
    key: str | None = None,
) -> UUID:
    """Close a question with a final word; return the message's id. Raises what `reply` raises."""
    ctx.require("questions.answer")
    return _say(ctx, question_id, ThreadAct.CLOSED, text, version, uploads, key)


def reopen(
    ctx: Context,
    question_id: UUID,
    text: str,
    *,
    version: int | None = None,
    uploads: Sequence[Upload] = (),
    key: str | None = None,
) -> UUID:
    """Open a closed question again and say why; return the message's id. It waits for the client.

    Raises what `reply` raises, and Conflict for one that is open.
    """
    ctx.require("questions.answer")
    return _say(ctx, question_id, ThreadAct.REOPENED, text, version, uploads, key)


def _say(
    ctx: Context,
    question_id: UUID,
    act: ThreadAct,
    text: str,
    version: int | None,
    uploads: Sequence[Upload],
    key: str | None,
) -> UUID:
    said = _read(text)
    outcome = idempotency.computed_once(
        ctx,
        route="questions.say",
        key=key,
        request=[str(question_id), act, said, [one.mark for one in uploads]],
        compute=lambda: attached.lay(ctx, uploads),
        effect=lambda laid: {"id": str(_act(ctx, question_id, version, act, said, laid))},
    )
    return UUID(outcome.answer["id"])


_AUDITED = {
    ThreadAct.SAID: "question.replied",
    ThreadAct.CLOSED: "question.closed",
    ThreadAct.REOPENED: "question.reopened",
}


def _act(
    ctx: Context,
    question_id: UUID,
    version: int | None,
    act: ThreadAct,
    text: str,
    uploads: Sequence[Upload],
) -> UUID:
    row = saying.lock(question_id, version=version)
    saying.refuse_act(row, act)
    if row.assignee_id is None and ctx.actor.kind is ActorKind.PERSON:
        row.assignee_id = ctx.actor.id
    message_id = saying.say(ctx, row, Side.COMPANY, act, text, uploads)
    audit.record(ctx, _AUDITED[act], "question", question_id, message=message_id)
    return message_id


def _read(text: str) -> str:
    fields = Fields()
    said = saying.read_text(fields, text)
    if fields.problems:
        raise ValidationFailed(fields.problems)
    return said
