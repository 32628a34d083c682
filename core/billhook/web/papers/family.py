"""What a draft came from and what it became: a page, and a fragment of the draft's own."""

from uuid import UUID

from flask import Blueprint, render_template

from billhook.services import links
from billhook.web.access import context, requires
from billhook.web.objects import address_of

blueprint = Blueprint("family", __name__)


@blueprint.get("/drafts/<uuid:draft_id>/family")
@requires("drafts.view")
def draft(draft_id: UUID) -> str:
    """Show the drafts and documents that belong together with a draft."""
    return render_template(
        "papers/family.html",
        family=links.family(context(), draft_id),
        back=address_of("draft", draft_id),
        address_of=address_of,
    )
