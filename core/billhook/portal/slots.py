"""Where plugins show something: their own pages, and the slots of the core's pages.

Templates write `{% set panels = slot("home") %}{% include "portal/panels.html" %}`.
"""

from collections.abc import Sequence

from flask import Blueprint

from billhook.portal.access import client, here, visitor
from billhook.portal.rendering import page
from billhook.sdk.portal import PortalDocument, PortalFile, Slot
from billhook.services import artefacts
from billhook.services.portal import clients, slots
from billhook.services.portal.papers import Paper
from billhook.services.portal.slots import ShownPanel

blueprint = Blueprint("slots", __name__, url_prefix="/x")


@blueprint.get("/<plugin>/<name>")
@client(clients.SEE)
def show(plugin: str, name: str) -> str:
    """Show a plugin's page; 404 while the plugin is off."""
    title, panels = slots.shown(here(), plugin, name)
    return page("portal/plugin_page.html", title=title, heading=title, panels=panels, files={})


def slot(name: Slot) -> Sequence[ShownPanel]:
    """Return what plugins add to the page; nothing where nobody is known."""
    found = visitor()
    return slots.panels(found, name) if found else []


def document_slot(paper: Paper) -> Sequence[ShownPanel]:
    """Return what plugins add beside a document."""
    found = visitor()
    if found is None or not slots.is_asked(found):
        return []
    return slots.panels(found, "document", _document(paper))


def file_addresses(paper: Paper, xml: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return where each e-invoice of a document is found, by its format's key."""
    return {file.key: address for file, (_name, address) in zip(paper.xml_files, xml, strict=True)}


def _document(paper: Paper) -> PortalDocument:
    kept = {one.provider: one for one in artefacts.kept_of(paper.document.id)}
    files = [(file.key, kept.get(file.key)) for file in paper.xml_files]
    return PortalDocument(
        id=paper.document.id,
        number=paper.document.number,
        type=paper.document.type,
        issue_on=paper.document.issue_on,
        files=tuple(
            PortalFile(format=key, name=made.name, size=made.size, sha256=made.sha256)
            if made
            else PortalFile(format=key)
            for key, made in files
        ),
    )
