"""How far many invitations are, and what came of them."""

from uuid import UUID

from flask import Response, make_response, render_template

from billhook.services import client_invitations
from billhook.web.access import context, requires
from billhook.web.customers.rooms import blueprint


@blueprint.get("/invitations/<uuid:batch_id>")
@requires("portal.invite")
def invitations(batch_id: UUID) -> str:
    """Show how far a batch of invitations is, and which did not go out."""
    return _page("customers/invitations.html", batch_id)


@blueprint.get("/invitations/<uuid:batch_id>/progress")
@requires("portal.invite")
def invitations_progress(batch_id: UUID) -> Response:
    """Tell how far a batch is; once it is through, its page is loaded anew."""
    response = make_response(_page("customers/invitations_progress.html", batch_id))
    if client_invitations.progress(context(), batch_id).is_over:
        response.headers["HX-Refresh"] = "true"
    return response


def _page(template: str, batch_id: UUID) -> str:
    found = client_invitations.progress(context(), batch_id)
    return render_template(template, batch_id=batch_id, progress_of=found)
