"""Duplicates of customers by the API: found, compared, merged."""

from uuid import UUID

from billhook.api.resources.customer_answers import answer
from billhook.api.schemas.duplicates import (
    AlikeAnswer,
    DuplicatesAnswer,
    Merge,
    MergedAnswer,
    MergePreviewAnswer,
    WantedMerge,
)
from billhook.sdk.api import Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import customer_merging, customers
from billhook.services import duplicates as service

routes = Routes("duplicates", "Customers that may be one, and how they become one.")


@routes.get("/customers/duplicates", requires="customers.edit")
def list_duplicates(ctx: Context) -> Page[DuplicatesAnswer]:
    """List customers that may be one, in groups.

    At most 50 groups: merge those, and the next ones follow.
    """
    return Page(data=[DuplicatesAnswer.of(one) for one in service.groups(ctx)], next=None)


@routes.get("/customers/<uuid:customer_id>/duplicates", requires="customers.view")
def list_duplicates_of_customer(ctx: Context, customer_id: UUID) -> Page[AlikeAnswer]:
    """List who looks like a customer, the oldest first."""
    found = service.of_customer(ctx, customer_id)
    return Page(data=[AlikeAnswer.of(one) for one in found], next=None)


@routes.ask("/customers/<uuid:customer_id>/merge/preview", requires="customers.edit")
def preview_customer_merge(
    ctx: Context, customer_id: UUID, body: WantedMerge
) -> MergePreviewAnswer:
    """Tell what a merge of this duplicate would move; nothing is changed."""
    found = customer_merging.preview(ctx, duplicate_id=customer_id, kept_id=body.into_id)
    return MergePreviewAnswer.of(found)


@routes.post("/customers/<uuid:customer_id>/merge", requires="customers.edit")
def merge_customer(ctx: Context, customer_id: UUID, body: Merge, match: Match) -> MergedAnswer:
    """Let another customer take this duplicate's place, for good.

    What is under way moves to it; documents stay as they are issued. The duplicate stays
    under its reference, inactive, and names in `merged_into_id` who took its place. If-Match
    names the duplicate's version, `into_version` the kept one's.
    """
    duplicate, kept = customers.by_id(ctx, customer_id), customers.by_id(ctx, body.into_id)
    versions = (match.require(duplicate.version), body.into_version or kept.version)
    merged = customer_merging.merge(
        ctx, duplicate_id=customer_id, kept_id=body.into_id, versions=versions
    )
    return MergedAnswer(
        customer=answer(ctx, customers.by_id(ctx, merged.kept_id)), moves=dict(merged.moves)
    )
