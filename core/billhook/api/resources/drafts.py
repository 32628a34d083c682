"""Drafts by the API: made, read, changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from billhook.api.resources import draft_answers
from billhook.api.schemas.draft_totals import DraftTotals
from billhook.api.schemas.drafts import (
    DraftAnswer,
    DraftChanges,
    DraftQuery,
    DraftsQuery,
    NewDraft,
    placed,
)
from billhook.errors import ValidationFailed
from billhook.sdk.api import Download, Made, Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import draft_editing, draft_sheets, previewing
from billhook.services.draft_search import DraftOrder

routes = Routes("drafts", "What is not issued yet: it has no number, and can be changed.")


@routes.get("/drafts", requires="drafts.view")
def list_drafts(ctx: Context, query: DraftsQuery) -> Page[DraftAnswer]:
    """List drafts, the latest first."""
    found = draft_sheets.search(
        ctx,
        query.wanted(),
        by=DraftOrder(query.sort.removeprefix("-")),
        is_descending=query.sort.startswith("-"),
        after=query.after,
        limit=query.limit,
    )
    return Page(data=draft_answers.answers(ctx, found.rows, query.expand), next=found.next or None)


@routes.post("/drafts", requires="drafts.edit")
def create_draft(ctx: Context, body: NewDraft, key: str | None) -> Made[DraftAnswer]:
    """Make a draft.

    A line names a product by its `sku`, and takes its name, unit and prices where you send
    no others; or it brings `description` and `unit_price` along. Pricing models work out
    the rest, and each line says why it costs what it costs.
    """
    with _placing():
        saved = draft_editing.create(ctx, body.whole(), key=key)
    return Made(draft_answers.made(ctx, saved.draft_id), at=f"/drafts/{saved.draft_id}")


@routes.get("/drafts/<uuid:draft_id>", requires="drafts.view")
def get_draft(ctx: Context, draft_id: UUID, query: DraftQuery) -> DraftAnswer:
    """Get a draft, with its lines.

    Its version is the ETag: send it as If-Match with a change, and nobody's work is lost.
    """
    return draft_answers.answer(ctx, draft_id, query.expand)


@routes.put("/drafts/<uuid:draft_id>", requires="drafts.edit")
def replace_draft(
    ctx: Context, draft_id: UUID, body: NewDraft, match: Match, key: str | None
) -> DraftAnswer:
    """Replace all of a draft; what is left out is emptied.

    A line keeps what it stands on, such as its charge, by its `key`. A charge whose line
    is left out waits for the next bill.
    """
    with _placing():
        draft_editing.revise(
            ctx,
            draft_id,
            lambda _stored: body.whole(),
            asked=f"put {match.version} {body!r}",
            expected=match.require,
            key=key,
        )
    return draft_answers.made(ctx, draft_id)


@routes.patch("/drafts/<uuid:draft_id>", requires="drafts.edit")
def change_draft(
    ctx: Context, draft_id: UUID, body: DraftChanges, match: Match, key: str | None
) -> DraftAnswer:
    """Change a draft; fields that are left out stay. Lines are replaced as a whole."""
    with _placing():
        draft_editing.revise(
            ctx,
            draft_id,
            body.over,
            asked=f"patch {match.version} {body!r}",
            expected=match.require,
            key=key,
        )
    return draft_answers.made(ctx, draft_id)


@routes.ask("/drafts/totals", requires="drafts.edit")
def total_new_draft(ctx: Context, body: NewDraft) -> DraftTotals:
    """Work out what a draft would come to: prices, sums and taxes. Nothing is saved."""
    return DraftTotals.of(draft_editing.totals(ctx, body.whole()))


@routes.ask("/drafts/<uuid:draft_id>/totals", requires="drafts.edit")
def total_draft(ctx: Context, draft_id: UUID, body: DraftChanges) -> DraftTotals:
    """Work out what a draft would come to with a change. Nothing is saved."""
    return DraftTotals.of(draft_editing.totals_of_change(ctx, draft_id, body.over))


@routes.get("/drafts/<uuid:draft_id>/preview", requires="drafts.view")
def preview_draft(ctx: Context, draft_id: UUID) -> Download:
    """Get a draft as its client would get it today, usually as PDF. Nothing is kept."""
    made = previewing.preview(ctx, draft_id)
    return Download(name=made.name, content_type=made.content_type, content=made.content)


@contextmanager
def _placing() -> Iterator[None]:
    """Let problems name the fields of the request."""
    try:
        yield
    except ValidationFailed as error:
        raise ValidationFailed(placed(error.problems)) from error
