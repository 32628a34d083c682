"""Claims go from one holder to others, and charges are superseded, all in one transaction.

A charge never has two holders: its claim is one row. Between two transactions it is
never without one either, because giving up and claiming anew are one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, insert, select

from billhook.db import db
from billhook.domain.bills import BillLine
from billhook.domain.charges import Charge
from billhook.ids import new_id
from billhook.models.charges import ChargeClaim, ChargeRow
from billhook.sdk.context import Context
from billhook.services.charging.adding import content_hash, row_values
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedCharge:
    """A new charge that never waits: its holder claims it at once."""

    charge: Charge
    holder_id: UUID


def held(holder_ids: Collection[UUID]) -> list[UUID]:
    """Return the charges that drafts hold."""
    return list(
        db.session.scalars(
            select(ChargeClaim.charge_id)
            .where(one_of(ChargeClaim.holder_id, holder_ids))
            .order_by(ChargeClaim.charge_id)
        )
    )


def hand_over(ctx: Context, holder_ids: Collection[UUID], to: Mapping[UUID, UUID]) -> None:
    """Give up all claims of some drafts, and claim for each charge's new holder.

    Inside a transaction that has locked the drafts. A charge that `to` leaves out is
    superseded: it is billed by nobody any more.
    """
    db.session.execute(
        delete(ChargeClaim)
        .where(ChargeClaim.tenant_id == ctx.tenant.id, one_of(ChargeClaim.holder_id, holder_ids))
        .execution_options(synchronize_session=False)
    )
    _claim(ctx, to)


def claim_new(ctx: Context, charges: Sequence[ClaimedCharge]) -> None:
    """Write charges that were not there before, each claimed by its holder.

    Inside a transaction; the database refuses a source and reference that it knows.
    """
    if not charges:
        return
    now = ctx.now()
    db.session.execute(
        insert(ChargeRow),
        [row_values(ctx, one.charge, content_hash(one.charge), now) for one in charges],
    )
    _claim(ctx, {one.charge.id: one.holder_id for one in charges})


def _claim(ctx: Context, holders: Mapping[UUID, UUID]) -> None:
    if holders:
        db.session.execute(
            insert(ChargeClaim),
            [
                {"tenant_id": ctx.tenant.id, "charge_id": charge_id, "holder_id": holder_id}
                for charge_id, holder_id in holders.items()
            ],
        )


def charge_rows(charge_ids: Collection[UUID]) -> dict[UUID, ChargeRow]:
    """Return charges by id."""
    if not charge_ids:
        return {}
    rows = db.session.scalars(select(ChargeRow).where(one_of(ChargeRow.id, charge_ids)))
    return {row.id: row for row in rows}


def child_of(
    row: ChargeRow, line: BillLine, *, source: str, reference: str, payer_id: UUID
) -> Charge:
    """Return the charge of a line that comes of another charge: it costs what the line costs."""
    return Charge(
        id=new_id(),
        source=source,
        reference=reference,
        customer_id=row.customer_id,
        payer_id=payer_id,
        currency=row.currency,
        charged_on=row.charged_on if line.period else line.supplied_on,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        base_quantity=line.base_quantity,
        adjustments=line.adjustments,
        period=line.period,
        product_id=line.product_id,
        sku=line.sku,
        unit=line.unit,
        supply=line.supply,
        tax_category=line.tax_category,
        revenue_account=line.revenue_account,
        group_key=row.group_key,
        group_label=row.group_label,
        purchase_order=row.purchase_order,
        delivery_country=row.delivery_country,
    )
