"""Work that is dead, by the many: whatever killed it is mended, and all of it goes on."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Row, select, update

from billhook import limits
from billhook.db import db, insert
from billhook.models.work import DueWork, Outbox
from billhook.sdk.context import Context
from billhook.services import audit, outbox
from billhook.services.delivering.parcels import ATTEMPT
from billhook.services.sets import one_of


def retry_all(ctx: Context, *, name: str | None = None) -> int:
    """Let all dead work, or that of a name, be tried again with all its attempts; return how much.

    In bounded transactions. What dies again meanwhile is not tried once more. Jobs that send
    are left to `reviving`.
    """
    ctx.require("outbox.retry")
    count = 0
    after = UUID(int=0)
    while dead := _retry_after(ctx, name, after):
        count += len(dead)
        after = dead[-1].id
    return count


def _retry_after(ctx: Context, name: str | None, after: UUID) -> list[Row[tuple[UUID, UUID]]]:
    wanted = select(Outbox.id, Outbox.batch_id).where(
        Outbox.state == "dead", Outbox.id > after, Outbox.name != ATTEMPT
    )
    if name is not None:
        wanted = wanted.where(Outbox.name == name)
    wanted = wanted.order_by(Outbox.id).limit(limits.PAGE_ROWS).with_for_update()
    with ctx.transaction() as session:
        dead = list(session.execute(wanted))
        if dead:
            session.execute(
                update(Outbox)
                .where(one_of(Outbox.id, [row.id for row in dead]))
                .values(state="waiting", attempts=0)
                .execution_options(synchronize_session=False)
            )
            _make_due(ctx, {row.batch_id for row in dead})
            audit.record(ctx, "outbox.retried", "outbox", name or "dead", count=len(dead))
            outbox.wake_when_committed()
    return dead


def _make_due(ctx: Context, batch_ids: Collection[UUID]) -> None:
    due_at = outbox.due(ctx)
    db.session.execute(
        insert(DueWork).on_conflict_do_update(
            index_elements=["tenant_id", "batch_id"], set_={"due_at": due_at}
        ),
        [
            {"tenant_id": ctx.tenant.id, "batch_id": batch_id, "due_at": due_at, "fence": 0}
            for batch_id in batch_ids
        ],
    )
