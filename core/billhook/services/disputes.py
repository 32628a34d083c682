"""Which documents clients dispute: what they owe of them is not what they agree to."""

from collections.abc import Collection
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from billhook.columns import Id
from billhook.db import db
from billhook.models.questions import Question

DISPUTE = "dispute"
CLOSED = "closed"


def open_disputes(document_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of the documents about which a dispute is open, by one query."""
    if not document_ids:
        return frozenset()
    return frozenset(db.session.scalars(_among(), {"document_ids": list(document_ids)}))


def disputed() -> Select[tuple[UUID]]:
    """Select the ids of all disputed documents, to narrow a list by."""
    return select(Question.document_id).where(Question.kind == DISPUTE, Question.state != CLOSED)


@cache
def _among() -> Select[tuple[UUID]]:
    return disputed().where(
        Question.document_id.in_(bindparam("document_ids", expanding=True, type_=Id()))
    )
