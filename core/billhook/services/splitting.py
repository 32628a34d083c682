"""A draft becomes several: by line, by section, by percentage; no money and no charge is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from billhook.db import db
from billhook.domain.bills import Bill
from billhook.domain.events import MOST_IDS, DraftSplit
from billhook.domain.line_discounts import on_lines
from billhook.domain.links import LinkKind
from billhook.domain.splitting import Split
from billhook.domain.states import DraftState
from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.plugins.runtime import relay
from billhook.sdk.api import VersionMismatch
from billhook.sdk.context import Context
from billhook.services import (
    audit,
    claims,
    draft_locks,
    drafting,
    idempotency,
    links,
    outbox,
    parting,
)
from billhook.services.buyers import seller
from billhook.services.draft_rows import insert_drafts
from billhook.services.drafting import LoadedDraft
from billhook.services.merging import tax_groups
from billhook.services.parting import PartBill, Parting
from billhook.services.taxing import Outcome, documents_of

NO_PAYERS: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPart:
    """A part that was made: an open draft."""

    id: UUID
    part: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """A part as it would be issued, or why it cannot be."""

    part: str
    bill: Bill
    line_numbers: tuple[int, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitView:
    """A whole and the parts that it would make."""

    whole: Outcome
    parts: tuple[PartView, ...]


def preview(
    ctx: Context, draft_id: UUID, how: Split, *, payers: Mapping[int, str] = NO_PAYERS
) -> SplitView:
    """Return the parts that a draft would make; writes nothing.

    `payers` are references of customers by the number of the part, 0 the first. Raises
    NotFound, AlreadyIssued, Conflict, ValidationFailed.
    """
    ctx.require("drafts.view")
    loaded, whole, parts = _computed_parts(ctx, draft_id, how, payers)
    return SplitView(whole=whole, parts=views(ctx, parts, loaded))


def views(
    ctx: Context, parts: tuple[PartBill, ...], loaded: LoadedDraft | None = None
) -> tuple[PartView, ...]:
    """Return parts as they would be issued."""
    outcomes = documents_of(
        ctx,
        relay(ctx),
        [part.bill for part in parts],
        seller=seller(ctx),
        issue_on=(loaded and loaded.issue_on) or ctx.today(),
        stage="draft",
    )
    return tuple(
        PartView(part=part.part, bill=part.bill, line_numbers=part.line_numbers, outcome=outcome)
        for part, outcome in zip(parts, outcomes, strict=True)
    )


def split(
    ctx: Context,
    draft_id: UUID,
    how: Split,
    *,
    payers: Mapping[int, str] = NO_PAYERS,
    version: int | None = None,
    key: str | None = None,
) -> tuple[SplitPart, ...]:
    """Make several drafts of one, and discard it; each is its base's reference with a letter.

    `version` is that which the person saw. Raises NotFound, AlreadyIssued, Conflict,
    ValidationFailed, IdempotencyMismatch.
    """
    ctx.require("drafts.edit")
    outcome = idempotency.computed_once(
        ctx,
        route="drafts.split",
        key=key,
        request=[str(draft_id), repr(how), sorted(payers.items())],
        compute=lambda: _computed(ctx, draft_id, how, payers, version),
        effect=lambda computed: _split(ctx, *computed),
    )
    return made_parts(outcome.answer)


def made_parts(answer: Mapping[str, Any]) -> tuple[SplitPart, ...]:
    """Return the parts that an idempotency key remembers."""
    return tuple(
        SplitPart(id=UUID(one["id"]), part=one["part"], reference=one["reference"])
        for one in answer["parts"]
    )


def answer_of(parts: tuple[PartBill, ...]) -> dict[str, Any]:
    """Return parts in the form in which an idempotency key remembers them."""
    return {
        "parts": [
            {"id": str(one.bill.id), "part": one.part, "reference": one.bill.reference}
            for one in parts
        ]
    }


def _computed_parts(
    ctx: Context, draft_id: UUID, how: Split, payers: Mapping[int, str]
) -> tuple[LoadedDraft, Outcome, tuple[PartBill, ...]]:
    loaded = drafting.load(ctx, draft_id)
    if loaded.state is DraftState.DISCARDED:
        raise Conflict(drafting.given_up(draft_id))
    whole = loaded.bill
    (outcome,) = documents_of(
        ctx,
        relay(ctx),
        [whole],
        seller=seller(ctx),
        issue_on=loaded.issue_on or ctx.today(),
        stage="draft",
    )
    lines = on_lines(whole.lines, whole.adjustments, whole.currency, groups=tax_groups(outcome))
    parts = parting.parts_of(
        whole,
        dict(enumerate(lines, 1)),
        how,
        base=whole.reference or short_name(draft_id),
        payers=parting.payers_of(payers),
    )
    return loaded, outcome, parts


def short_name(draft_id: UUID) -> str:
    """Return how people tell a draft without reference from others."""
    return f"D-{draft_id.hex[-8:].upper()}"


def _computed(
    ctx: Context,
    draft_id: UUID,
    how: Split,
    payers: Mapping[int, str],
    version: int | None,
) -> tuple[LoadedDraft, Parting]:
    loaded, _whole, parts = _computed_parts(ctx, draft_id, how, payers)
    if version not in (None, loaded.version):
        raise VersionMismatch(_("The draft was changed since you looked at it. Look at it again."))
    return loaded, parting.shared_out(loaded.bill, parts, claims.held([draft_id]))


def _split(ctx: Context, loaded: LoadedDraft, made: Parting) -> dict[str, Any]:
    """Inside a transaction: the draft gives way to its parts."""
    session = db.session()
    (row,) = draft_locks.lock_unchanged(session, [loaded])
    claims.hand_over(ctx, [row.id], made.moved)
    claims.claim_new(ctx, made.superseding)
    insert_drafts(
        ctx, [one.bill for one in made.parts], run_id=row.run_id, issue_on=loaded.issue_on
    )
    for charge_id in made.superseded:
        audit.record(ctx, "charge.superseded", "charge", charge_id, draft=row.id)
    links.write(
        ctx,
        [
            links.Link(parent_id=row.id, child_id=one.bill.id, kind=LinkKind.SPLIT, part=one.part)
            for one in made.parts
        ],
    )
    parts = tuple(one.bill.id for one in made.parts[:MOST_IDS])
    outbox.publish(ctx, DraftSplit(draft_id=row.id, part_ids=parts))
    into = ", ".join(str(one.bill.id) for one in made.parts)
    draft_locks.give_way(ctx, session, [row], "draft.split", into=into)
    return answer_of(made.parts)
