"""Templates by the API: what a brand's documents of one type show."""

from billhook.api.resources.brands import HTML
from billhook.api.schemas.templates import TemplateAnswer, TemplateChanges
from billhook.domain.brands import Template
from billhook.domain.states import DocumentType
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.sdk.api import Download, Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import brands, design_previews, templates
from billhook.services.design_previews import Design

routes = Routes("templates", "Which parts, columns and texts a brand's documents have.")


@routes.get("/brands/<code>/templates", requires="brands.view")
def list_templates(ctx: Context, code: str) -> Page[TemplateAnswer]:
    """List a brand's templates, one for each type of document."""
    found = [TemplateAnswer.of(_template(ctx, code, kind)) for kind in DocumentType]
    return Page(data=found, next=None)


@routes.get("/brands/<code>/templates/<document_type>", requires="brands.view")
def get_template(ctx: Context, code: str, document_type: str) -> TemplateAnswer:
    """Get a brand's template for a type of document, such as `invoice`."""
    return TemplateAnswer.of(_template(ctx, code, _type(document_type)))


@routes.patch("/brands/<code>/templates/<document_type>", requires="brands.manage")
def change_template(
    ctx: Context, code: str, document_type: str, body: TemplateChanges, match: Match
) -> TemplateAnswer:
    """Change a template; fields that are left out stay, and so do texts of other languages.

    Documents that are issued from now on follow it. Needs `brands.view`, too.
    """
    kind = _type(document_type)
    version = match.require(_template(ctx, code, kind).version)
    return TemplateAnswer.of(templates.save(ctx, body.as_input(code, kind, version)))


@routes.ask("/brands/<code>/templates/<document_type>/preview", requires="brands.view")
def preview_template(
    ctx: Context, code: str, document_type: str, body: TemplateChanges
) -> Download:
    """Show a sample as HTML, with a change of a template of which nothing is kept."""
    page = design_previews.document_page(ctx, _design(ctx, code, document_type, body))
    return Download(name="preview.html", content_type=HTML, content=page.encode())


@routes.ask("/brands/<code>/templates/<document_type>/preview-file", requires="brands.view")
def preview_template_file(
    ctx: Context, code: str, document_type: str, body: TemplateChanges
) -> Download:
    """Show a sample as the real file, with a change of a template of which nothing is kept."""
    made = design_previews.file(ctx, _design(ctx, code, document_type, body))
    return Download(name=made.name, content_type=made.content_type, content=made.content)


def _template(ctx: Context, code: str, kind: DocumentType) -> Template:
    """Raises NotFound."""
    return templates.template(ctx, brands.get(ctx, code).id, kind)


def _design(ctx: Context, code: str, document_type: str, body: TemplateChanges) -> Design:
    return design_previews.of_template(ctx, body.as_input(code, _type(document_type), None))


def _type(word: str) -> DocumentType:
    """Raises NotFound."""
    if word not in set(DocumentType):
        raise NotFound(_("template"), word)
    return DocumentType(word)
