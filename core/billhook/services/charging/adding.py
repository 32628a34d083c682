"""Charges come in: each once, by its source and reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert, select

from billhook.db import db
from billhook.domain.adjusting import adjustment_json
from billhook.domain.charges import Charge
from billhook.domain.events import MOST_IDS, ChargesAdded
from billhook.domain.sealing import canonical
from billhook.kernel.statistics import refresh_statistics
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.money import plain
from billhook.sdk.context import Context
from billhook.services import outbox
from billhook.services.sets import insert_missing

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of a charge that a source sent."""

    id: UUID
    reference: str
    state: Literal["new", "unchanged", "different"]
    """`different`: the reference is known with other content; nothing was written."""


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
        answers = [
            answer
            for start in range(0, len(charges), _BATCH)
            for answer in _add(
                ctx, charges[start : start + _BATCH], hashes[start : start + _BATCH]
            )
        ]
        outbox.publish_all(ctx, _events(charges, answers))
    return answers


def _events(charges: Sequence[Charge], answers: Sequence[Added]) -> list[ChargesAdded]:
    """Say once for each source what came in, however many they are."""
    new: dict[str, dict[UUID, None]] = {}
    for charge, answer in zip(charges, answers, strict=True):
        if answer.state == "new":
            new.setdefault(charge.source, {})[answer.id] = None
    return [
        ChargesAdded(source=source, count=len(ids), charge_ids=tuple(islice(ids, MOST_IDS)))
        for source, ids in new.items()
    ]


def _add(ctx: Context, charges: Sequence[Charge], hashes: Sequence[bytes]) -> list[Added]:
    known = _known(charges)
    fresh: dict[tuple[str, str], tuple[Charge, bytes]] = {}
    for charge, content in zip(charges, hashes, strict=True):
        key = (charge.source, charge.reference)
        if key not in known:
            fresh.setdefault(key, (charge, content))
    now = ctx.now()
    insert_missing(
        ChargeRow, [row_values(ctx, charge, content, now) for charge, content in fresh.values()]
    )
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


def row_values(ctx: Context, charge: Charge, content: bytes, now: datetime) -> dict[str, Any]:
    """Return a charge as its row holds it, taken in now."""
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
        "created_at": now,
    }


def _waiting(ctx: Context, charge: Charge) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "charge_id": charge.id,
        "payer_id": charge.payer_id,
        "charged_on": charge.charged_on,
        "is_held": False,
    }
