"""Designs before they are saved: a sample document and its mail, as clients would get them."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from billhook.domain.brands import Brand, Template
from billhook.domain.deliveries import Tone
from billhook.domain.document_view import DocumentView
from billhook.domain.publications import Publication, Stage
from billhook.domain.states import DocumentType
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services import brands, rendering, templates
from billhook.services.brand_changes import BrandInput
from billhook.services.design_samples import sample
from billhook.services.messages import message_view
from billhook.services.portal import guest_links
from billhook.services.presenting import present
from billhook.services.rendering import RenderedFile
from billhook.services.standalone import standalone
from billhook.services.templates import TemplateInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a brand and a template would be, with the brand's pictures."""

    brand: Brand
    pictures: Mapping[str, bytes]
    template: Template
    language: str = ""
    """Of the sample; empty for the tenant's."""


def of_brand(ctx: Context, given: BrandInput, kind: DocumentType) -> Design:
    """Return the design that a change of a brand would make. Raises NotFound, FileDamaged."""
    brand, pictures = brands.previewed(ctx, given)
    return Design(brand=brand, pictures=pictures, template=templates.template(ctx, brand.id, kind))


def of_template(ctx: Context, given: TemplateInput) -> Design:
    """Return the design that a change of a template would make. Raises NotFound, FileDamaged."""
    brand = brands.get(ctx, given.brand)
    present = templates.template(ctx, brand.id, given.document_type)
    return Design(
        brand=brand,
        pictures=brands.pictures(ctx, brand),
        template=templates.previewed(present, given),
        language=given.language,
    )


def document_page(ctx: Context, design: Design) -> str:
    """Return the sample document as a page that loads nothing.

    Raises ThemeMissing, PluginFailed.
    """
    publication = _publication(ctx, design, Stage.ISSUED)
    return standalone(rendering.page(ctx, publication, pictures=design.pictures))


def sample_view(ctx: Context, design: Design) -> DocumentView:
    """Return what the sample document says."""
    return present(_publication(ctx, design, Stage.ISSUED))


def mail_page(ctx: Context, design: Design, tone: Tone = Tone.FORMAL) -> str:
    """Return the mail about the sample as a page that loads nothing.

    Raises ThemeMissing, PluginFailed.
    """
    publication = _publication(ctx, design, Stage.ISSUED)
    view = message_view(publication, tone, link=guest_links.example(ctx))
    html = runtime().themes.get(design.brand.theme).mail(view, design.brand, design.pictures).html
    for name, content in design.pictures.items():
        kind = "image/png" if name.endswith(".png") else "image/jpeg"
        address = f"data:{kind};base64,{b64encode(content).decode()}"
        html = html.replace(f"cid:{name}", address)
    return html


def file(ctx: Context, design: Design) -> RenderedFile:
    """Return the sample document as its renderer prints it, marked as a draft.

    Raises what `rendering.rendered` raises.
    """
    publication = _publication(ctx, design, Stage.DRAFT)
    return rendering.rendered(ctx, publication, pictures=design.pictures)


def _publication(ctx: Context, design: Design, stage: Stage) -> Publication:
    return sample(
        ctx,
        design.template.document_type,
        design.brand,
        design.template,
        words=design.language,
        stage=stage,
    )
