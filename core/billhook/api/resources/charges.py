"""Charges by the API."""

from collections.abc import Sequence
from uuid import UUID

from billhook.api.schemas.charges import (
    ChargeAnswer,
    ChargeIds,
    ChargeIdsAndReason,
    ChargeQuery,
    ChargesDone,
    ChargesQuery,
    ChargeSum,
    ChargeSums,
    ChargesWanted,
    Expansion,
    NewCharges,
    TakenCharges,
)
from billhook.sdk.api import Page, Routes
from billhook.sdk.context import Context
from billhook.services import charging
from billhook.services.charging import batches, viewing
from billhook.services.charging.viewing import ChargeView

routes = Routes("charges", "What waits to be billed: who, what, when, how much, why.")


@routes.post("/charges", requires="charges.edit")
def create_charges(ctx: Context, body: NewCharges) -> TakenCharges:
    """Send charges, up to 1,000 at once.

    Each is answered at its place. The good ones are taken; the others say what is
    wrong, and can be sent again when it is mended. A charge is unique by `source` and
    `reference`: what was sent before is answered with `unchanged` and its id, so that a
    request can be repeated without fear, with an idempotency key or without.
    Charges never change. One that stands with other content is answered with `different`.
    """
    found = batches.take(ctx, [one.row() for one in body.charges])
    return TakenCharges.of(body.charges, found)


@routes.get("/charges", requires="charges.view")
def list_charges(ctx: Context, query: ChargesQuery) -> Page[ChargeAnswer]:
    """List charges, the latest first."""
    found = viewing.search(
        ctx,
        query.wanted(),
        sort=query.sort.removeprefix("-"),
        is_descending=query.sort.startswith("-"),
        after=query.after,
        limit=query.limit,
    )
    return Page(data=_answers(ctx, found.rows, query.expand), next=found.next or None)


@routes.get("/charges/sums", requires="charges.view")
def sum_charges(ctx: Context, query: ChargesWanted) -> ChargeSums:
    """Count and sum all charges that the filters let through, by currency."""
    return ChargeSums(data=[ChargeSum.of(one) for one in charging.counts(ctx, query.wanted())])


@routes.get("/charges/<uuid:charge_id>", requires="charges.view")
def get_charge(ctx: Context, charge_id: UUID, query: ChargeQuery) -> ChargeAnswer:
    """Get a charge."""
    return _answers(ctx, [viewing.get(ctx, charge_id)], query.expand)[0]


@routes.post("/charges/hold", requires="charges.edit")
def hold_charges(ctx: Context, body: ChargeIdsAndReason) -> ChargesDone:
    """Keep charges out of bill runs until they are released: all that are named, or none."""
    return ChargesDone(count=charging.hold(ctx, body.ids, reason=body.reason))


@routes.post("/charges/release", requires="charges.edit")
def release_charges(ctx: Context, body: ChargeIds) -> ChargesDone:
    """Let held charges be billed by the next run: all that are named, or none."""
    return ChargesDone(count=charging.release(ctx, body.ids))


@routes.post("/charges/withdraw", requires="charges.edit")
def withdraw_charges(ctx: Context, body: ChargeIdsAndReason) -> ChargesDone:
    """Take charges away for good: all that are named, or none.

    They are never billed; their rows stay for the record, and their references taken.
    A charge on a draft or document is refused with 409.
    """
    return ChargesDone(count=charging.withdraw(ctx, body.ids, reason=body.reason))


def _answers(
    ctx: Context, views: Sequence[ChargeView], expand: Sequence[Expansion]
) -> list[ChargeAnswer]:
    costs = viewing.costs(ctx, [view.entry.id for view in views]) if "cost" in expand else {}
    return [
        ChargeAnswer.of(
            view,
            cost=costs.get(view.entry.id),
            history=view.acts if "history" in expand else None,
        )
        for view in views
    ]
