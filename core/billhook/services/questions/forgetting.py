"""What clients said goes with what is known of them: texts and files; that something was said stays.

Each is called inside the erasure's transaction.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update

from billhook.db import db
from billhook.domain.questions import QuestionState, Side
from billhook.models.questions import Question, QuestionFile, QuestionMessage
from billhook.sdk.context import Context
from billhook.services import files


def forget_customers(ctx: Context, family: Sequence[UUID]) -> None:
    """Empty what people of customers said, let all files go, and close what is open."""
    asked = _asked(family)
    _empty(
        ctx,
        select(QuestionMessage.id).where(
            QuestionMessage.question_id.in_(asked), QuestionMessage.author == Side.CLIENT.value
        ),
    )
    _erase_files(ctx, select(QuestionMessage.id).where(QuestionMessage.question_id.in_(asked)))
    db.session.execute(
        update(Question)
        .where(
            Question.tenant_id == ctx.tenant.id,
            Question.customer_id.in_(family),
            Question.state != QuestionState.CLOSED.value,
        )
        .values(
            state=QuestionState.CLOSED.value, closed_at=ctx.now(), version=Question.version + 1
        )
        .execution_options(synchronize_session=False)
    )


def forget_answers(ctx: Context, family: Sequence[UUID]) -> None:
    """Empty what the company answered, too: it may name people."""
    _empty(ctx, select(QuestionMessage.id).where(QuestionMessage.question_id.in_(_asked(family))))


def forget_contact(ctx: Context, contact_id: UUID) -> None:
    """Empty what one person said, and let their files go."""
    said = select(QuestionMessage.id).where(QuestionMessage.contact_id == contact_id)
    _empty(ctx, said)
    _erase_files(ctx, said)


def _asked(family: Sequence[UUID]) -> Select[tuple[UUID]]:
    return select(Question.id).where(Question.customer_id.in_(family))


def _empty(ctx: Context, messages: Any) -> None:
    db.session.execute(
        update(QuestionMessage)
        .where(QuestionMessage.tenant_id == ctx.tenant.id, QuestionMessage.id.in_(messages))
        .values(text="")
        .execution_options(synchronize_session=False)
    )


def _erase_files(ctx: Context, messages: Any) -> None:
    found = db.session.scalars(
        select(QuestionFile.file_id).where(QuestionFile.message_id.in_(messages))
    )
    files.erase(ctx, set(found))
