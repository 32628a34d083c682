"""Whose task a question is."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.customers import Customer
from billhook.models.people import Member, Person
from billhook.models.questions import Question
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, merged
from billhook.services.notifications import NoticeKind, holders, notify
from billhook.services.questions import saying, threads
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """A member who answers questions."""

    person_id: UUID
    name: str


def assign(
    ctx: Context, question_id: UUID, person_id: UUID | None, *, version: int | None = None
) -> None:
    """Give a question to a member, or to nobody. Raises NotFound, ValidationFailed, QuestionMoved."""
    ctx.require("questions.answer")
    with ctx.transaction():
        row = saying.lock(question_id, version=version)
        if row.assignee_id == person_id:
            return
        if person_id is not None and person_id not in _able(ctx, row):
            raise ValidationFailed([_unable()])
        row.assignee_id = person_id
        row.version += 1
        audit.record(ctx, "question.assigned", "question", question_id, person=person_id or "")
        if person_id not in (None, ctx.actor.id):
            _tell(ctx, row)


def _tell(ctx: Context, row: Question) -> None:
    assert row.assignee_id is not None
    notify(
        ctx,
        [row.assignee_id],
        NoticeKind.QUESTION_ASSIGNED,
        facts={"number": threads.number_of(row.document_id), "kind": row.kind},
        object_kind="question",
        object_id=row.id,
        key=f"question.assigned:{row.id}:{row.version}",
    )


def _unable() -> Problem:
    return Problem(
        code="question.assignee_unable",
        path="assignee_id",
        message=_(
            "They may not answer questions of this customer. Choose a member who may, or let an "
            "administrator change their role."
        ),
    )


def _able(ctx: Context, row: Question) -> list[UUID]:
    return holders(ctx, "questions.answer", customer_id=row.customer_id)


def answerers(ctx: Context, question_id: UUID) -> list[Answerer]:
    """Return the members who may answer a question, by name. Raises NotFound."""
    ctx.require("questions.view")
    customer_id = threads.found(Question.id == question_id).entry.customer_id
    return _named(holders(ctx, "questions.answer", customer_id=customer_id))


def assignees(ctx: Context) -> list[Answerer]:
    """Return the members who have questions as their task."""
    ctx.require("questions.view")
    given = db.session.scalars(
        select(Question.assignee_id).where(Question.assignee_id.is_not(None)).distinct()
    ).all()
    return _named([person_id for person_id in given if person_id])


def responsible(ctx: Context, row: Question) -> list[UUID]:
    """Return who is told that a client waits: who has it as a task, else the customer's owner,
    else everybody who may answer."""
    able = _able(ctx, row)
    kept_id = merged.kept(row.customer_id)
    owner_id = db.session.scalar(select(Customer.owner_id).where(Customer.id == kept_id))
    for person_id in (row.assignee_id, owner_id):
        if person_id in able:
            return [person_id]
    return able


def _named(person_ids: Collection[UUID]) -> list[Answerer]:
    rows = db.session.execute(
        select(Person.id, Person.name)
        .join(Member, Member.person_id == Person.id)
        .where(one_of(Person.id, person_ids))
        .order_by(Person.name, Person.id)
    )
    return [Answerer(person_id=person_id, name=name) for person_id, name in rows]
