"""Open items by the API: what clients owe, and what they have coming back."""

from uuid import UUID

from billhook.api.schemas.receivables import ItemAnswer, ItemsQuery
from billhook.sdk.api import Page, Routes
from billhook.sdk.context import Context
from billhook.services import open_items

routes = Routes("receivables", "What each invoice asks for and each credit note gives back.")


@routes.get("/receivables", requires="documents.view")
def list_receivables(ctx: Context, query: ItemsQuery) -> Page[ItemAnswer]:
    """List what is owed, the first due first; with `state=open` what is not settled yet.

    Sums by customer stand at the customer: `GET /customers/{id}?expand=balances`.
    """
    found = open_items.receivables(ctx, query.wanted(), after=query.after, limit=query.limit)
    return Page(data=[ItemAnswer.of(one) for one in found.rows], next=found.next or None)


@routes.get("/receivables/<uuid:receivable_id>", requires="documents.view")
def get_receivable(ctx: Context, receivable_id: UUID) -> ItemAnswer:
    """Get what is owed for an invoice."""
    return ItemAnswer.of(open_items.receivable(ctx, receivable_id))


@routes.get("/credits", requires="documents.view")
def list_credits(ctx: Context, query: ItemsQuery) -> Page[ItemAnswer]:
    """List what credit notes give back; what settled an invoice is settled."""
    found = open_items.credits_given(ctx, query.wanted(), after=query.after, limit=query.limit)
    return Page(data=[ItemAnswer.of(one) for one in found.rows], next=found.next or None)


@routes.get("/credits/<uuid:credit_id>", requires="documents.view")
def get_credit(ctx: Context, credit_id: UUID) -> ItemAnswer:
    """Get what a credit note gives back."""
    return ItemAnswer.of(open_items.credit_given(ctx, credit_id))
