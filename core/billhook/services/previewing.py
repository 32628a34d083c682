"""Drafts as they would go out: rendered by the path of issued documents, and kept nowhere."""

from uuid import UUID

from billhook.domain.publications import Publication
from billhook.errors import ValidationFailed
from billhook.sdk.context import Context
from billhook.services import drafting, publishing
from billhook.services.rendering import RenderedFile, rendered


def preview(ctx: Context, draft_id: UUID) -> RenderedFile:
    """Render a draft as its client would get it today.

    Raises NotFound, AlreadyIssued, ValidationFailed where it could not be issued,
    and what `rendering.rendered` raises.
    """
    return rendered(ctx, draft_publication(ctx, draft_id))


def draft_publication(ctx: Context, draft_id: UUID) -> Publication:
    """Return a draft as it would go out today.

    Raises NotFound, AlreadyIssued, ValidationFailed where it could not be issued.
    """
    outcome = drafting.get(ctx, draft_id).outcome
    if outcome.document is None:
        raise ValidationFailed(outcome.refused.problems if outcome.refused else ())
    return publishing.publications(ctx, [outcome.document])[0]
