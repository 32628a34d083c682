"""Several drafts at once: locked in the order of their ids, so that nobody waits in a circle."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from billhook.domain.states import DraftState
from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.models.drafts import Draft
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.drafting import LoadedDraft, refuse_issued


def lock_unchanged(session: Session, loaded: Collection[LoadedDraft]) -> list[Draft]:
    """Lock drafts as they were read, inside a transaction, in the order of their ids.

    Raises AlreadyIssued, Conflict where one was changed, discarded or issued since.
    """
    versions = {one.bill.id: one.version for one in loaded}
    rows = session.scalars(
        select(Draft)
        .where(Draft.id.in_(versions))
        .order_by(Draft.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for draft_id in versions.keys() - {row.id for row in rows}:
        refuse_issued(draft_id)
    if {row.id: row.version for row in rows} != versions:
        raise Conflict(_("One of the drafts was changed meanwhile. Look at them, then try again."))
    return list(rows)


def give_way(
    ctx: Context, session: Session, rows: Iterable[Draft], action: str, **to: str
) -> None:
    """Discard locked drafts whose charges went on to others, and say to which."""
    for row in rows:
        row.state = DraftState.DISCARDED.value
        row.version += 1
        audit.record(ctx, action, "draft", row.id, **to)
    session.flush()
