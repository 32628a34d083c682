"""What plugins show at the portal: pages of their own, and panels on the core's.

They are asked inside the client's scope, each behind its own fence: one that fails or
hangs costs its own contribution, and is named in the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from billhook.errors import NotFound
from billhook.i18n import current_language
from billhook.i18n import gettext as _
from billhook.plugins.runtime import relay
from billhook.sdk.portal import (
    FileLink,
    PageLink,
    Panel,
    PortalDocument,
    PortalPage,
    PortalVisitor,
    Slot,
)
from billhook.services.portal.clients import Client

log = structlog.get_logger("billhook.portal")

WAITING = timedelta(seconds=3)
"""How long a page waits for a plugin's panels."""
MOST_PANELS = 5
"""Of one plugin in one slot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedPage:
    """A page of a plugin that the client may go to."""

    plugin: str
    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPanel:
    """A panel, and whose it is."""

    plugin: str
    panel: Panel


def pages(client: Client) -> list[OfferedPage]:
    """List the pages of the tenant's plugins that the client may see."""
    return [
        OfferedPage(plugin=plugin, name=page.name, title=str(page.title))
        for plugin, page in relay(client.ctx).portal_pages()
        if client.may(page.permission)
    ]


def shown(client: Client, plugin: str, name: str) -> tuple[str, list[ShownPanel]]:
    """Return the title and the panels of a plugin's page.

    Raises NotFound where there is none, Forbidden, PluginFailed, Retryable, Rejected.
    """
    page = _page(client, plugin, name)
    client.require(page.permission)
    panels = relay(client.ctx).portal_page(plugin, page, client.ctx, visitor(client))
    return str(page.title), _kept(client, plugin, panels, None)


def _page(client: Client, plugin: str, name: str) -> PortalPage:
    for of, page in relay(client.ctx).portal_pages():
        if (of, page.name) == (plugin, name):
            return page
    raise NotFound(_("page"), f"{plugin}/{name}")


def panels(client: Client, slot: Slot, document: PortalDocument | None = None) -> list[ShownPanel]:
    """Return what plugins add to a page; what fails is left out and logged."""
    if not is_asked(client):
        return []
    found = relay(client.ctx).gather(
        "portal_panels",
        within=WAITING,
        ctx=client.ctx,
        slot=slot,
        visitor=visitor(client),
        document=document,
    )
    return [
        panel
        for plugin, told in found.contributions
        for panel in _kept(client, plugin, told[:MOST_PANELS], document)
    ]


def is_asked(client: Client) -> bool:
    """Tell whether any plugin of the tenant adds to pages."""
    return relay(client.ctx).is_heard("portal_panels")


def visitor(client: Client) -> PortalVisitor:
    """Return the client as plugins know it."""
    return PortalVisitor(
        customer_id=client.customer_id,
        customer_name=client.customer_name,
        currency=client.currency or client.ctx.tenant.currency,
        language=current_language(),
        permissions=client.ctx.permissions or frozenset(),
    )


def _kept(
    client: Client, plugin: str, panels: Sequence[Panel], document: PortalDocument | None
) -> list[ShownPanel]:
    """Leave out panels that lead to what is not there."""
    known = {
        name
        for of, page in relay(client.ctx).portal_pages()
        if of == plugin
        for name in [page.name]
    }
    files = {file.format for file in document.files} if document else set()
    kept = []
    for panel in panels:
        wrong = [
            block
            for block in panel.blocks
            if (isinstance(block, PageLink) and block.page not in known)
            or (isinstance(block, FileLink) and block.format not in files)
        ]
        if wrong:
            log.error(
                "portal.panel_dropped", plugin=plugin, panel=panel.title, leads_to=str(wrong[0])
            )
        else:
            kept.append(ShownPanel(plugin=plugin, panel=panel))
    return kept
