"""Saved views of lists: filters, sort and columns under a name, for oneself or for all."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, or_, select

from billhook import limits
from billhook.db import db
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.people import SavedView
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit

MOST = 100
"""Of one person and list."""
_LONGEST_QUERY = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved view; `query` is what stands behind the question mark of the list's address."""

    id: UUID
    title: str
    query: str
    is_shared: bool
    is_own: bool


def listing(ctx: Context, list_name: str) -> list[View]:
    """Return the member's own views of a list and those that others share, by title."""
    rows = db.session.scalars(
        select(SavedView)
        .where(
            SavedView.list == list_name,
            or_(SavedView.is_shared, SavedView.person_id == ctx.actor.id),
        )
        .order_by(SavedView.title, SavedView.id)
    )
    return [
        View(
            id=row.id,
            title=row.title,
            query=row.query,
            is_shared=row.is_shared,
            is_own=row.person_id == ctx.actor.id,
        )
        for row in rows
    ]


def save(ctx: Context, list_name: str, *, title: str, query: str, is_shared: bool) -> None:
    """Keep a view of the member who acts. Raises ValidationFailed."""
    _refuse(ctx, list_name, title.strip(), query)
    with ctx.transaction() as session:
        row = SavedView(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            person_id=ctx.actor.id,
            list=list_name,
            title=title.strip(),
            query=query,
            is_shared=is_shared,
            made_at=ctx.now(),
        )
        session.add(row)
        session.flush()
        audit.record(ctx, "view.saved", "saved_view", row.id, list=list_name)


def drop(ctx: Context, view_id: UUID) -> None:
    """Delete one of the member's own views. Raises NotFound."""
    with ctx.transaction() as session:
        gone = session.execute(
            delete(SavedView)
            .where(
                SavedView.tenant_id == ctx.tenant.id,
                SavedView.id == view_id,
                SavedView.person_id == ctx.actor.id,
            )
            .returning(SavedView.id)
            .execution_options(synchronize_session=False)
        ).all()
        if not gone:
            raise NotFound(_("view"), view_id)
        audit.record(ctx, "view.dropped", "saved_view", view_id)


def _refuse(ctx: Context, list_name: str, title: str, query: str) -> None:
    problems = []
    if not title or len(title) > limits.NAME:
        message = _("Give the view a name of at most %(limit)s characters.", limit=limits.NAME)
        problems.append(Problem(code="view.title", path="title", message=message))
    if len(query) > _LONGEST_QUERY:
        message = _("These filters are too long to save. Use fewer.")
        problems.append(Problem(code="view.query", path="query", message=message))
    count = db.session.scalar(
        select(func.count())
        .select_from(SavedView)
        .where(SavedView.list == list_name, SavedView.person_id == ctx.actor.id)
    )
    if (count or 0) >= MOST:
        message = _("You have %(count)s views of this list. Delete one first.", count=MOST)
        problems.append(Problem(code="view.too_many", path="title", message=message))
    if problems:
        raise ValidationFailed(problems)
