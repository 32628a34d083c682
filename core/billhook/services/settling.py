"""Credits settle what is owed: allocation rows, and the two balances that bound them."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from billhook.db import db
from billhook.ids import new_id
from billhook.models.ledger import Allocation, Credit, Receivable
from billhook.sdk.context import Context


def settle_by_credit(
    ctx: Context, session: Session, *, invoice_id: UUID, note_id: UUID, on: date
) -> int:
    """Let a credit note settle its invoice as far as both are open; return how much.

    Inside a transaction. Both stand in the receivable account of one payer, so
    that nothing is posted.
    """
    receivable = session.scalar(
        select(Receivable).where(Receivable.document_id == invoice_id).with_for_update()
    )
    credit = session.scalar(select(Credit).where(Credit.document_id == note_id).with_for_update())
    if receivable is None or credit is None:
        return 0
    amount = min(receivable.amount - receivable.allocated, credit.amount - credit.allocated)
    if amount <= 0:
        return 0
    receivable.allocated += amount
    credit.allocated += amount
    db.session.add(
        Allocation(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            receivable_id=receivable.id,
            credit_id=credit.id,
            amount=amount,
            allocated_on=on,
            created_at=ctx.now(),
        )
    )
    session.flush()
    return amount
