"""Previews of designs that are not saved: a page for the frame, and the real file."""

from dataclasses import replace
from enum import StrEnum

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from billhook import downloads
from billhook.bounds import takes
from billhook.domain.publications import FileContent
from billhook.domain.states import DocumentType
from billhook.i18n import current_language
from billhook.i18n import gettext as _
from billhook.services import brands, design_previews, portal_previews
from billhook.services.brand_changes import BrandInput
from billhook.services.brands import NEW
from billhook.services.design_previews import Design
from billhook.services.rendering import RenderedFile
from billhook.web.access import context, requires
from billhook.web.brands.forms import LARGEST_FORM, BrandForm
from billhook.web.brands.rooms import blueprint, framed


class Shown(StrEnum):
    """What of a design is shown."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    MAIL = "mail"
    PORTAL_HOME = "portal_home"
    PORTAL_DOCUMENT = "portal_document"
    PORTAL_LOG_IN = "portal_log_in"

    @property
    def kind(self) -> DocumentType:
        return DocumentType.CREDIT_NOTE if self is Shown.CREDIT_NOTE else DocumentType.INVOICE


@blueprint.get("/<code>/preview")
@requires("brands.view")
def preview(code: str) -> Response:
    """Show a sample as the brand stands, by its own theme or another."""
    theme = request.args.get("theme")
    wanted = BrandInput(code=code, theme=theme if theme else None)
    shown = chosen(request.args.get("shown", ""))
    return framed(page(design_previews.of_brand(context(), wanted, shown.kind), shown))


@blueprint.post("/_preview")
@requires("brands.view")
@takes(body=LARGEST_FORM)
def preview_typed() -> Response:
    """Show a sample with what was typed, of which nothing is saved."""
    shown = chosen(request.form.get("shown", ""))
    return framed(page(_typed(shown), shown))


@blueprint.post("/_file")
@requires("brands.view")
@takes(body=LARGEST_FORM)
def file_typed() -> Response:
    """Open the real file of a sample with what was typed."""
    shown = chosen(request.form.get("shown", ""))
    return passing(design_previews.file(context(), _typed(shown)))


def chosen(text: str) -> Shown:
    """Return what is to be shown; an invoice where nothing is named."""
    return Shown(text) if text in set(Shown) else Shown.INVOICE


def page(design: Design, shown: Shown) -> str:
    """Return the sample as a page."""
    match shown:
        case Shown.MAIL:
            return design_previews.mail_page(context(), design)
        case Shown.PORTAL_HOME:
            return _portal(design, "home", title=_("Overview"), room="home")
        case Shown.PORTAL_DOCUMENT:
            return _portal(design, "document", title=_("Documents"), room="documents")
        case Shown.PORTAL_LOG_IN:
            return _portal(design, "log_in", title=_("Log in"))
    return design_previews.document_page(context(), design)


def _portal(design: Design, name: str, *, title: str, room: str = "") -> str:
    """Return a page of the portal that says made-up things in the language of whoever looks."""
    ctx = context()
    view = design_previews.sample_view(ctx, replace(design, language=current_language()))
    content = Markup(render_template(f"brands/portal/{name}.html", view=view))
    return portal_previews.page(
        ctx, design, portal_previews.Sample(title=title, content=content, room=room)
    )


def passing(made: RenderedFile) -> Response:
    """Answer with a file that is kept nowhere."""
    return downloads.passing(
        FileContent(name=made.name, content_type=made.content_type, content=made.content)
    )


def _typed(shown: Shown) -> Design:
    """Return the design of the form, which names its brand; without a name it is a new one.

    Raises NotFound.
    """
    ctx, code = context(), request.form.get("of", "")
    given = BrandForm.of(ctx, brands.get(ctx, code)).change(code)
    if not code:
        given = replace(given, version=NEW)
    return design_previews.of_brand(ctx, given, shown.kind)
