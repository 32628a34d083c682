"""Questions and disputes of clients by the API."""

from collections.abc import Callable
from uuid import UUID

from billhook.api.schemas.questions import (
    LARGEST_BODY,
    AssignInput,
    MessageInput,
    QuestionAnswer,
    QuestionQuery,
    QuestionsQuery,
)
from billhook.sdk.api import Download, Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import questions as service
from billhook.services.questions import QuestionMoved

routes = Routes("questions", "What clients ask about documents, and what they dispute.")


@routes.get("/questions", requires="questions.view")
def list_questions(ctx: Context, query: QuestionsQuery) -> Page[QuestionAnswer]:
    """List questions and disputes, the newest first; with `state=open` those that wait for you."""
    page = service.search(
        ctx,
        query.wanted(),
        is_descending=query.direction == "desc",
        after=query.after,
        limit=query.limit,
    )
    said = service.messages(ctx, page.rows) if "messages" in query.expand else {}
    return Page(
        data=[QuestionAnswer.of(one, said.get(one.id)) for one in page.rows],
        next=page.next or None,
    )


@routes.get("/questions/<uuid:question_id>", requires="questions.view")
def get_question(ctx: Context, question_id: UUID, query: QuestionQuery) -> QuestionAnswer:
    """Get a question.

    Its version is the ETag: send it as If-Match with an answer, and nobody talks past
    what was said meanwhile.
    """
    found = service.get(ctx, question_id)
    return QuestionAnswer.of(found.entry, found.said if "messages" in query.expand else None)


@routes.get("/questions/<uuid:question_id>/files/<uuid:file_id>", requires="questions.view")
def get_question_file(ctx: Context, question_id: UUID, file_id: UUID) -> Download:
    """Get a file that came with a message. A stranger may have written it: do not run it."""
    found = service.file(ctx, question_id, file_id)
    return Download(name=found.name, content_type=found.content_type, content=found.content)


@routes.post(
    "/questions/<uuid:question_id>/reply", requires="questions.answer", largest_body=LARGEST_BODY
)
def reply_to_question(
    ctx: Context, question_id: UUID, body: MessageInput, match: Match, key: str | None
) -> QuestionAnswer:
    """Answer the client, who is told by mail and at the portal."""
    return _say(ctx, service.reply, question_id, body, match, key)


@routes.post(
    "/questions/<uuid:question_id>/close", requires="questions.answer", largest_body=LARGEST_BODY
)
def close_question(
    ctx: Context, question_id: UUID, body: MessageInput, match: Match, key: str | None
) -> QuestionAnswer:
    """Close a question with a final word. The client may open it again."""
    return _say(ctx, service.close, question_id, body, match, key)


@routes.post(
    "/questions/<uuid:question_id>/reopen", requires="questions.answer", largest_body=LARGEST_BODY
)
def reopen_question(
    ctx: Context, question_id: UUID, body: MessageInput, match: Match, key: str | None
) -> QuestionAnswer:
    """Open a closed question again, and say why."""
    return _say(ctx, service.reopen, question_id, body, match, key)


@routes.post("/questions/<uuid:question_id>/assign", requires="questions.answer")
def assign_question(
    ctx: Context, question_id: UUID, body: AssignInput, match: Match
) -> QuestionAnswer:
    """Say whose task a question is."""
    match.require(service.get(ctx, question_id).entry.version)
    service.assign(ctx, question_id, body.assignee_id)
    return QuestionAnswer.of(service.get(ctx, question_id).entry)


def _say(
    ctx: Context,
    act: Callable[..., UUID],
    question_id: UUID,
    body: MessageInput,
    match: Match,
    key: str | None,
) -> QuestionAnswer:
    try:
        act(ctx, question_id, body.text, version=match.version, uploads=body.uploads(), key=key)
    except QuestionMoved:
        match.require(service.get(ctx, question_id).entry.version)
        raise
    return QuestionAnswer.of(service.get(ctx, question_id).entry)
