"""The queue of charges: what waits is held, released, withdrawn, or taken for a bill."""

from collections.abc import Collection, Iterable
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update

from billhook.db import db
from billhook.domain.events import MOST_IDS, ChargesWithdrawn
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.sdk.context import Context
from billhook.services import audit, outbox
from billhook.services.sets import one_of


def hold(ctx: Context, charge_ids: Iterable[UUID], *, reason: str) -> int:
    """Keep waiting charges out of bill runs; return how many. Raises Conflict, NotFound."""
    return _set_held(ctx, charge_ids, is_held=True, reason=reason)


def release(ctx: Context, charge_ids: Iterable[UUID], *, reason: str = "") -> int:
    """Let held charges be billed again. Raises Conflict, NotFound."""
    return _set_held(ctx, charge_ids, is_held=False, reason=reason)


def _set_held(ctx: Context, charge_ids: Iterable[UUID], *, is_held: bool, reason: str) -> int:
    ctx.require("charges.edit")
    with ctx.transaction() as session:
        waiting = _lock_waiting(ctx, charge_ids)
        session.execute(
            update(ChargeOpen)
            .where(ChargeOpen.tenant_id == ctx.tenant.id, one_of(ChargeOpen.charge_id, waiting))
            .values(is_held=is_held)
        )
        action = "charge.held" if is_held else "charge.released"
        audit.record_all(ctx, action, "charge", waiting, reason=reason)
        return len(waiting)


def withdraw(ctx: Context, charge_ids: Iterable[UUID], *, reason: str) -> int:
    """Take waiting charges away for good; the rows stay, the queue forgets them.

    Raises Conflict where one is on a draft or document, NotFound.
    """
    ctx.require("charges.edit")
    with ctx.transaction() as session:
        waiting = _lock_waiting(ctx, charge_ids)
        session.execute(
            delete(ChargeOpen).where(
                ChargeOpen.tenant_id == ctx.tenant.id, one_of(ChargeOpen.charge_id, waiting)
            )
        )
        if waiting:
            ids = tuple(waiting[:MOST_IDS])
            outbox.publish(ctx, ChargesWithdrawn(count=len(waiting), charge_ids=ids))
        audit.record_all(ctx, "charge.withdrawn", "charge", waiting, reason=reason)
        return len(waiting)


def take(ctx: Context, charge_ids: Collection[UUID]) -> bool:
    """Take charges out of the queue for a bill; tell whether every one still waited.

    Inside the transaction that claims them; where it is False, roll that back.
    """
    if not charge_ids:
        return True
    taken = db.session.execute(
        delete(ChargeOpen)
        .where(
            ChargeOpen.tenant_id == ctx.tenant.id,
            one_of(ChargeOpen.charge_id, charge_ids),
            ~ChargeOpen.is_held,
        )
        .execution_options(synchronize_session=False)
    )
    return cast(CursorResult[Any], taken).rowcount == len(charge_ids)


def _lock_waiting(ctx: Context, charge_ids: Iterable[UUID]) -> list[UUID]:
    """Return the ids, each proved to wait. Raises Conflict, NotFound."""
    wanted = list(dict.fromkeys(charge_ids))
    found = set(
        db.session.scalars(
            select(ChargeOpen.charge_id)
            .where(one_of(ChargeOpen.charge_id, wanted))
            .with_for_update()
        )
    )
    for charge_id in wanted:
        if charge_id not in found:
            _refuse_not_waiting(charge_id)
    return wanted


def _refuse_not_waiting(charge_id: UUID) -> None:
    row = db.session.scalar(select(ChargeRow).where(ChargeRow.id == charge_id))
    if row is None:
        raise NotFound(_("charge"), charge_id)
    raise Conflict(
        _(
            "Charge %(reference)s does not wait any more: it is on a draft or document, or "
            "withdrawn. Discard the draft or credit the document first.",
            reference=row.reference,
        )
    )
