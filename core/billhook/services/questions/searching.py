"""Finding questions as finance works through them: by state, kind, customer, who answers, age."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from billhook.db import db
from billhook.domain.questions import QuestionKind, QuestionState
from billhook.limits import NAME, PAGE_ROWS
from billhook.models.questions import Question
from billhook.sdk.context import Context
from billhook.services import merged
from billhook.services.document_search import mentions
from billhook.services.paging import Order, Slice, cut
from billhook.services.questions.threads import QuestionEntry, Said, entries, entry, said

MOST_COUNTED = 100
"""Nobody reads a larger number on a badge."""


class Taken(StrEnum):
    """Who answers."""

    MINE = "mine"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFilter:
    """Which questions are wanted; what is empty narrows nothing."""

    text: str = ""
    """A part of the document's number, or of the customer's name or reference."""
    state: QuestionState | None = None
    is_unsettled: bool = False
    """Open or answered."""
    kind: QuestionKind | None = None
    customer: str = ""
    """The customer's reference; questions of its duplicates are its questions."""
    customer_id: UUID | None = None
    document_id: UUID | None = None
    assignee_id: UUID | None = None
    taken: Taken | None = None
    older_than_days: int | None = None
    """Asked longer ago than so many days."""


def search(
    ctx: Context,
    wanted: QuestionFilter,
    *,
    is_descending: bool = True,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Slice[QuestionEntry]:
    """Return the page that follows a cursor, by when it was asked.

    Raises ValidationFailed for a cursor that is none.
    """
    ctx.require("questions.view")
    return cut(
        entries().where(*_conditions(ctx, wanted)),
        [Order(Question.id, UUID)],
        after=after,
        limit=limit,
        is_descending=is_descending,
        make=entry,
    )


def messages(ctx: Context, found: Sequence[QuestionEntry]) -> Mapping[UUID, tuple[Said, ...]]:
    """Return what was said about each of some questions, by two queries."""
    ctx.require("questions.view")
    return said([one.id for one in found])


def of_document(ctx: Context, document_id: UUID) -> Sequence[QuestionEntry]:
    """Return what was asked about a document, the newest first."""
    return search(ctx, QuestionFilter(document_id=document_id), limit=PAGE_ROWS).rows


def waiting(ctx: Context) -> int:
    """Return how many questions wait for the company, up to `MOST_COUNTED`."""
    ctx.require("questions.view")
    found = (
        select(Question.id)
        .where(Question.state == QuestionState.OPEN.value)
        .limit(MOST_COUNTED)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(found)) or 0


def _conditions(ctx: Context, wanted: QuestionFilter) -> list[Any]:
    conditions: list[Any] = []
    if text := wanted.text.strip()[:NAME]:
        conditions.append(mentions(text))
    if wanted.state:
        conditions.append(Question.state == wanted.state.value)
    if wanted.is_unsettled:
        conditions.append(Question.state != QuestionState.CLOSED.value)
    if wanted.kind:
        conditions.append(Question.kind == wanted.kind.value)
    if wanted.customer:
        conditions.append(Question.customer_id.in_(merged.family_of(wanted.customer)))
    if wanted.customer_id:
        conditions.append(Question.customer_id.in_(merged.family(wanted.customer_id)))
    if wanted.document_id:
        conditions.append(Question.document_id == wanted.document_id)
    if wanted.assignee_id:
        conditions.append(Question.assignee_id == wanted.assignee_id)
    match wanted.taken:
        case Taken.MINE:
            conditions.append(Question.assignee_id == ctx.actor.id)
        case Taken.NOBODY:
            conditions.append(Question.assignee_id.is_(None))
    if wanted.older_than_days is not None:
        until = ctx.now() - timedelta(days=wanted.older_than_days)
        conditions.append(Question.asked_at < until)
    return conditions
