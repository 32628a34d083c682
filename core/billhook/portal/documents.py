"""Documents: found, read, understood, downloaded."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from flask import Blueprint, request, send_file
from flask import Response as Answer
from werkzeug.wrappers import Response

from billhook import downloads
from billhook.domain.states import DocumentType
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.portal import addresses
from billhook.portal.access import client, here
from billhook.portal.rendering import page
from billhook.services.portal import clients, documents, papers
from billhook.services.portal.documents import ClientFilter, Wanted
from billhook.services.portal.papers import Paper
from billhook.throttling import limiter

E = TypeVar("E", bound=StrEnum)

blueprint = Blueprint("documents", __name__, url_prefix="/documents")

PER_CLIENT = "30 per minute"
"""How often a client can have a whole list written."""
CODE_KEPT = "private, max-age=300"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperAddresses:
    """Where a page leads that shows a document; `paper.html` takes them from whoever shows it."""

    pdf: str
    lines: str
    code: str
    xml: tuple[tuple[str, str], ...]
    """Each format's name and address."""
    attachments: tuple[str, ...]
    """In the order of the document's attachments."""


@blueprint.get("/")
@client(clients.SEE)
def listing() -> str:
    """List what the address asks for."""
    wanted = _wanted()
    try:
        found = documents.search(here(), wanted, after=request.args.get("after", ""))
    except ValidationFailed:  # an old link, or one that somebody changed
        found = documents.search(here(), wanted)
    asked = {name: text for name, text in request.args.items() if name in _FILTERS and text}
    return page(
        "portal/documents.html",
        title=_("Documents"),
        found=found,
        wanted=wanted,
        asked=asked,
        is_first="after" not in request.args,
        is_narrowed=wanted != ClientFilter(),
    )


_FILTERS = ("number", "type", "state", "since", "until")


@blueprint.get("/list.csv")
@client(clients.SEE)
def sheet() -> Response:
    """Load all that was found as a sheet."""
    with limiter.limit(PER_CLIENT, key_func=lambda: f"list {here().customer_id}"):
        return downloads.written(
            partial(documents.sheet, here(), _wanted()),
            name=f"{_('documents')}.csv",
            content_type="text/csv; charset=utf-8",
        )


@blueprint.get("/<uuid:document_id>")
@client(clients.SEE)
def show(document_id: UUID) -> str:
    """Show a document, and all that makes its amount."""
    paper = papers.read(here(), document_id)
    return page(
        "portal/document.html",
        title=f"{paper.view.title} {paper.document.number}",
        paper=paper,
        addresses=addresses_of(paper, "documents", document_id=paper.document.id),
    )


def addresses_of(paper: Paper, room: str, **known: object) -> PaperAddresses:
    """Return where a document's files are in a room, which knows the document by what is given."""

    def at(name: str, **more: object) -> str:
        return addresses.at(f"{room}.{name}", **known, **more)

    return PaperAddresses(
        pdf=at("pdf"),
        lines=at("lines"),
        code=at("code"),
        xml=tuple((one.own_name, at("xml", key=one.key)) for one in paper.xml_files),
        attachments=tuple(
            at("attachment", position=place) for place in range(1, len(paper.view.attachments) + 1)
        ),
    )


@blueprint.get("/<uuid:document_id>/pdf")
@client(clients.SEE)
def pdf(document_id: UUID) -> Response:
    """Load the file for people."""
    entry, content = papers.pdf(here(), document_id)
    return downloads.kept(content, sha256=entry.sha256)


@blueprint.get("/<uuid:document_id>/xml/<key>")
@client(clients.SEE)
def xml(document_id: UUID, key: str) -> Response:
    """Load an e-invoice."""
    entry, content = papers.xml(here(), document_id, key)
    return downloads.kept(content, sha256=entry.sha256)


@blueprint.get("/<uuid:document_id>/lines.csv")
@client(clients.SEE)
def lines(document_id: UUID) -> Response:
    """Load the lines as a sheet."""
    name, sheet = papers.lines(here(), document_id)
    return send_file(sheet, mimetype="text/csv", as_attachment=True, download_name=name)


@blueprint.get("/<uuid:document_id>/attachments/<int:position>")
@client(clients.SEE)
def attachment(document_id: UUID, position: int) -> Response:
    """Load a file that went out with the document."""
    content = papers.attachment(here(), document_id, position)
    return downloads.kept(content, sha256=sha256(content.content).hexdigest())


@blueprint.get("/<uuid:document_id>/payment-code.png")
@client(clients.SEE)
def code(document_id: UUID) -> Response:
    """Return the picture that a banking app reads."""
    response = Answer(papers.payment_code(here(), document_id), content_type="image/png")
    response.headers["Cache-Control"] = CODE_KEPT
    return response


def _wanted() -> ClientFilter:
    """Read the filters; one that makes no sense narrows nothing, and the form shows what does."""
    return ClientFilter(
        text=request.args.get("number", "").strip(),
        kind=_choice("type", DocumentType),
        state=_choice("state", Wanted),
        since=_day("since"),
        until=_day("until"),
    )


def _choice(name: str, known: type[E]) -> E | None:
    try:
        return known(request.args.get(name, ""))
    except ValueError:
        return None


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, "").strip())
    except ValueError:
        return None
