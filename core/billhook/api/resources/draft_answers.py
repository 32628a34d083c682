"""What stands beside drafts in answers, looked up for a page at once."""

from collections.abc import Collection, Sequence
from uuid import UUID

from billhook.api.resources import customer_answers
from billhook.api.schemas.customers import CustomerAnswer
from billhook.api.schemas.drafts import DraftAnswer, DraftLineAnswer, Expansion
from billhook.api.schemas.families import FamilyAnswer
from billhook.domain.states import DraftState
from billhook.sdk.context import Context
from billhook.services import customers, draft_sheets, drafting, links
from billhook.services.draft_sheets import DraftSheet

WHOLE: Sequence[Expansion] = ("lines",)
"""What stands beside a draft that was just made or changed."""


def answers(
    ctx: Context, sheets: Sequence[DraftSheet], expand: Collection[Expansion]
) -> list[DraftAnswer]:
    """Return drafts with what is asked for beside them."""
    ids = [one.id for one in sheets]
    alive = [one.id for one in sheets if one.state is not DraftState.DISCARDED]
    outcomes = drafting.outcomes(ctx, alive) if "document" in expand and alive else {}
    families = links.families(ctx, ids) if "links" in expand else {}
    buyers = _customers(ctx, sheets) if "customer" in expand else {}
    return [
        DraftAnswer.of(
            one,
            lines=[DraftLineAnswer.of(line, one.currency) for line in one.lines]
            if "lines" in expand
            else None,
            outcome=outcomes.get(one.id),
            customer=buyers.get(one.customer_id),
            links=FamilyAnswer.of(families[one.id]) if one.id in families else None,
        )
        for one in sheets
    ]


def answer(ctx: Context, draft_id: UUID, expand: Collection[Expansion]) -> DraftAnswer:
    """Return a draft as it is stored now."""
    [found] = answers(ctx, [draft_sheets.get(ctx, draft_id)], expand)
    return found


def made(ctx: Context, draft_id: UUID) -> DraftAnswer:
    """Return a draft that was just made or changed, to whoever was allowed to do that."""
    [found] = answers(ctx, [draft_sheets.stored(draft_id)], WHOLE)
    return found


def _customers(ctx: Context, sheets: Sequence[DraftSheet]) -> dict[UUID, CustomerAnswer]:
    found = customers.of_ids(ctx, {one.customer_id for one in sheets})
    return {one.id: one for one in customer_answers.answers(ctx, found, ())}
