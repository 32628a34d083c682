"""What plugins add to the pages of clients. Pages are registered: `register_portal_pages`."""

from collections.abc import Sequence

from billhook.sdk.context import Context
from billhook.sdk.hookspecs.markers import Failure, hookspec
from billhook.sdk.portal import Panel, PortalDocument, PortalVisitor, Slot


@hookspec(failure=Failure.ISOLATED, since="0.1")
def portal_panels(
    ctx: Context, slot: Slot, visitor: PortalVisitor, document: PortalDocument | None
) -> Sequence[Panel]:
    """Return what the plugin adds to a page of the portal, in the slot that is named.

    Asked while a client waits for the page, within the client's scope: rows of other
    customers are not there. After three seconds the page goes on without the plugin.
    In the slot `document` stands which one; it is None elsewhere. The visitor may be a
    guest, who has the link to that document and nothing else.
    """
