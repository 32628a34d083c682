"""Statements of open items by the API."""

from uuid import UUID

from billhook.api.schemas.statements import StatementAnswer
from billhook.sdk.api import Download, Routes
from billhook.sdk.context import Context
from billhook.services import statement_papers, statements

routes = Routes("statements", "What is open of what a customer pays, as of today.")


@routes.get("/customers/<uuid:customer_id>/statement", requires="documents.view")
def get_statement(ctx: Context, customer_id: UUID) -> StatementAnswer:
    """Get what is open of what a customer pays, by currency, with how long it is overdue.

    Documents of others for which the customer pays are in it; documents that somebody
    else pays are not.
    """
    return StatementAnswer.of(statements.of_customer(ctx, customer_id))


@routes.get("/customers/<uuid:customer_id>/statement/pdf", requires="documents.view")
def get_statement_pdf(ctx: Context, customer_id: UUID) -> Download:
    """Download the statement as the customer gets it, in the customer's language.

    It is made for this request and kept nowhere.
    """
    made = statement_papers.rendered(ctx, statements.of_customer(ctx, customer_id))
    return Download(name=made.name, content_type=made.content_type, content=made.content)
