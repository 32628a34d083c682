"""Drafts: what will be issued, and how it would look."""

from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from billhook.domain.publications import FileContent
from billhook.services import drafting, previewing
from billhook.web import downloads
from billhook.web.access import context, requires

blueprint = Blueprint("drafts", __name__, url_prefix="/drafts")


@blueprint.get("")
@requires("drafts.view")
def listing() -> str:
    """List the open drafts, the oldest first."""
    return render_template("drafts.html", drafts=drafting.listing(context()))


@blueprint.get("/<uuid:draft_id>/preview")
@requires("drafts.view")
def preview(draft_id: UUID) -> Response:
    """Render a draft as it would be issued today. Nothing of it is kept."""
    made = previewing.preview(context(), draft_id)
    return downloads.passing(
        FileContent(name=made.name, content_type=made.content_type, content=made.content)
    )
