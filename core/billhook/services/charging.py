"""Charges come in, wait, are held, released or withdrawn."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import CursorResult, and_, delete, insert, select, update
from sqlalchemy.orm import aliased

from billhook.db import db
from billhook.domain.adjusting import adjustment_json
from billhook.domain.charges import Charge
from billhook.domain.sealing import canonical
from billhook.domain.states import ChargeState
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.kernel.statistics import refresh_statistics
from billhook.limits import PAGE_ROWS
from billhook.models.charges import ChargeClaim, ChargeOpen, ChargeRow
from billhook.models.customers import Customer
from billhook.models.documents import DocumentRow
from billhook.money import plain
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.sets import insert_missing, one_of

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of a charge that a source sent."""

    id: UUID
    reference: str
    state: Literal["new", "unchanged", "different"]
    """`different`: the reference is known with other content; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeEntry:
    """A charge as people see it."""

    id: UUID
    source: str
    reference: str
    customer: str
    charged_on: date
    description: str
    quantity: Decimal
    unit_price: Decimal | None
    amount: int | None
    currency: str
    state: ChargeState


def add(
    ctx: Context, charges: Sequence[Charge], *, sent: Sequence[Charge] | None = None
) -> list[Added]:
    """Take charges in; each answer stands at its charge's place.

    Safe to repeat: a charge that stands already with the same content is left. Where
    the caller filled in fields from other rows, which may change between two tries,
    `sent` holds the charges as the source sent them. Joins the caller's transaction.
    """
    ctx.require("charges.edit")
    hashes = [content_hash(charge) for charge in sent or charges]
    with ctx.transaction():
        return [
            answer
            for start in range(0, len(charges), _BATCH)
            for answer in _add(
                ctx, charges[start : start + _BATCH], hashes[start : start + _BATCH]
            )
        ]


def _add(ctx: Context, charges: Sequence[Charge], hashes: Sequence[bytes]) -> list[Added]:
    known = _known(charges)
    fresh: dict[tuple[str, str], tuple[Charge, bytes]] = {}
    for charge, content in zip(charges, hashes, strict=True):
        key = (charge.source, charge.reference)
        if key not in known:
            fresh.setdefault(key, (charge, content))
    insert_missing(ChargeRow, [_row(ctx, charge, content) for charge, content in fresh.values()])
    if fresh:
        known |= _known([charge for charge, _content in fresh.values()])
    ours = [charge for key, (charge, _content) in fresh.items() if known[key][0] == charge.id]
    if ours:
        db.session.execute(insert(ChargeOpen), [_waiting(ctx, charge) for charge in ours])
        refresh_statistics(db.session())
    new = {charge.id for charge in ours}
    return [
        _answer(charge, content, known[(charge.source, charge.reference)], new)
        for charge, content in zip(charges, hashes, strict=True)
    ]


def _answer(charge: Charge, content: bytes, stored: tuple[UUID, bytes], new: set[UUID]) -> Added:
    charge_id, stored_content = stored
    state: Literal["new", "unchanged", "different"] = "unchanged"
    if charge.id in new:
        state = "new"
    elif content != stored_content:
        state = "different"
    return Added(id=charge_id, reference=charge.reference, state=state)


def _known(charges: Sequence[Charge]) -> dict[tuple[str, str], tuple[UUID, bytes]]:
    by_source: dict[str, list[str]] = {}
    for charge in charges:
        by_source.setdefault(charge.source, []).append(charge.reference)
    return {
        (source, row.reference): (row.id, row.content_hash)
        for source, references in by_source.items()
        for row in db.session.execute(
            select(ChargeRow.reference, ChargeRow.id, ChargeRow.content_hash).where(
                ChargeRow.source == source, ChargeRow.reference.in_(references)
            )
        )
    }


def content_hash(charge: Charge) -> bytes:
    """Return the SHA-256 of what the source said; the payer is ours, not the source's."""
    return sha256(
        canonical(
            {
                "customer": str(charge.customer_id),
                "currency": charge.currency,
                "charged_on": charge.charged_on.isoformat(),
                "description": charge.description,
                "quantity": plain(charge.quantity),
                "unit_price": "" if charge.unit_price is None else plain(charge.unit_price),
                "base_quantity": plain(charge.base_quantity),
                "amount": "" if charge.amount is None else str(charge.amount),
                "adjustments": [adjustment_json(item) for item in charge.adjustments],
                "period": (
                    [charge.period.start.isoformat(), charge.period.end.isoformat()]
                    if charge.period
                    else []
                ),
                "product": str(charge.product_id or ""),
                "sku": charge.sku,
                "unit": charge.unit,
                "supply": charge.supply.value if charge.supply else "",
                "tax_category": charge.tax_category,
                "revenue_account": charge.revenue_account,
                "group": [charge.group_key, charge.group_label],
                "purchase_order": charge.purchase_order,
                "delivery_country": charge.delivery_country,
            }
        )
    ).digest()


def _row(ctx: Context, charge: Charge, content: bytes) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "id": charge.id,
        "source": charge.source,
        "reference": charge.reference,
        "customer_id": charge.customer_id,
        "payer_id": charge.payer_id,
        "currency": charge.currency,
        "charged_on": charge.charged_on,
        "period_start": charge.period.start if charge.period else None,
        "period_end": charge.period.end if charge.period else None,
        "description": charge.description,
        "sku": charge.sku,
        "unit": charge.unit,
        "product_id": charge.product_id,
        "quantity": charge.quantity,
        "unit_price": charge.unit_price,
        "base_quantity": charge.base_quantity,
        "amount": charge.amount,
        "adjustments": [adjustment_json(item) for item in charge.adjustments],
        "supply": charge.supply.value if charge.supply else "",
        "tax_category": charge.tax_category,
        "revenue_account": charge.revenue_account,
        "group_key": charge.group_key,
        "group_label": charge.group_label,
        "purchase_order": charge.purchase_order,
        "delivery_country": charge.delivery_country,
        "content_hash": content,
        "created_at": ctx.now(),
    }


def _waiting(ctx: Context, charge: Charge) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "charge_id": charge.id,
        "payer_id": charge.payer_id,
        "charged_on": charge.charged_on,
        "is_held": False,
    }


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
            .where(ChargeOpen.tenant_id == ctx.tenant.id, ChargeOpen.charge_id.in_(waiting))
            .values(is_held=is_held)
        )
        action = "charge.held" if is_held else "charge.released"
        for charge_id in waiting:
            audit.record(ctx, action, "charge", charge_id, reason=reason)
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
                ChargeOpen.tenant_id == ctx.tenant.id, ChargeOpen.charge_id.in_(waiting)
            )
        )
        for charge_id in waiting:
            audit.record(ctx, "charge.withdrawn", "charge", charge_id, reason=reason)
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
            select(ChargeOpen.charge_id).where(ChargeOpen.charge_id.in_(wanted)).with_for_update()
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


def listing(
    ctx: Context,
    *,
    state: ChargeState | None = None,
    customer: str | None = None,
    limit: int = PAGE_ROWS,
    after: UUID | None = None,
) -> list[ChargeEntry]:
    """Return charges in the order in which they came, each with its state."""
    ctx.require("charges.view")
    query = _with_state().order_by(ChargeRow.id).limit(limit)
    if after:
        query = query.where(ChargeRow.id > after)
    if customer:
        query = query.where(Customer.reference == customer)
    if state:
        query = query.where(_in_state(state))
    return [_entry(*row) for row in db.session.execute(query)]


_billed = aliased(DocumentRow)


def _with_state() -> Any:
    def on(row: Any, left: Any, right: Any) -> Any:
        return and_(row.tenant_id == ChargeRow.tenant_id, left == right)

    return (
        select(
            ChargeRow, Customer.reference, ChargeOpen.is_held, ChargeClaim.holder_id, _billed.id
        )
        .join(Customer, on(Customer, Customer.id, ChargeRow.customer_id))
        .outerjoin(ChargeOpen, on(ChargeOpen, ChargeOpen.charge_id, ChargeRow.id))
        .outerjoin(ChargeClaim, on(ChargeClaim, ChargeClaim.charge_id, ChargeRow.id))
        .outerjoin(_billed, on(_billed, _billed.id, ChargeClaim.holder_id))
    )


def _in_state(state: ChargeState) -> Any:
    match state:
        case ChargeState.OPEN:
            return ~ChargeOpen.is_held
        case ChargeState.HELD:
            return ChargeOpen.is_held
        case ChargeState.BILLED:
            return _billed.id.is_not(None)
        case ChargeState.CLAIMED:
            return and_(ChargeClaim.holder_id.is_not(None), _billed.id.is_(None))
        case ChargeState.WITHDRAWN:
            return and_(ChargeOpen.charge_id.is_(None), ChargeClaim.holder_id.is_(None))


def _entry(
    row: ChargeRow,
    customer: str,
    is_held: bool | None,
    holder_id: UUID | None,
    document_id: UUID | None,
) -> ChargeEntry:
    return ChargeEntry(
        id=row.id,
        source=row.source,
        reference=row.reference,
        customer=customer,
        charged_on=row.charged_on,
        description=row.description,
        quantity=row.quantity,
        unit_price=row.unit_price,
        amount=row.amount,
        currency=row.currency,
        state=_state(is_held, holder_id, document_id),
    )


def _state(is_held: bool | None, holder_id: UUID | None, document_id: UUID | None) -> ChargeState:
    if is_held is not None:
        return ChargeState.HELD if is_held else ChargeState.OPEN
    if document_id is not None:
        return ChargeState.BILLED
    return ChargeState.CLAIMED if holder_id is not None else ChargeState.WITHDRAWN
