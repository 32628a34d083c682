"""A customer's statement of open items, for whoever sends or discusses it."""

from uuid import UUID

from werkzeug.wrappers import Response

from billhook import downloads
from billhook.domain.publications import FileContent
from billhook.services import statement_papers, statements
from billhook.web.access import context, requires
from billhook.web.customers.rooms import blueprint, page


@blueprint.get("/<uuid:customer_id>/statement")
@requires("documents.view")
def statement(customer_id: UUID) -> str:
    """Show what is open of what a customer pays, and for how long."""
    found = statements.of_customer(context(), customer_id)
    return page("customers/statement.html", customer_id, statement=found)


@blueprint.get("/<uuid:customer_id>/statement.pdf")
@requires("documents.view")
def statement_file(customer_id: UUID) -> Response:
    """Print it as the customer gets it, in the customer's language."""
    found = statements.of_customer(context(), customer_id)
    made = statement_papers.rendered(context(), found)
    return downloads.passing(
        FileContent(name=made.name, content_type=made.content_type, content=made.content)
    )
