"""Brands by the API: how documents and mails look, and from whom they come."""

from billhook.api.schemas.brands import (
    BrandAnswer,
    BrandChanges,
    BrandChoicesAnswer,
    BrandTrial,
    NewBrand,
    Shown,
    ThemeAnswer,
)
from billhook.domain.placeholders import PLACEHOLDERS
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.plugins import portal_styles
from billhook.plugins.registries import RENDERERS
from billhook.plugins.runtime import relay, runtime
from billhook.sdk.api import Download, Made, Match, Page, Routes, Upload
from billhook.sdk.context import Context
from billhook.services import brands, design_previews
from billhook.services.brand_changes import BrandInput
from billhook.services.brands import NEW

routes = Routes("brands", "How documents and mails look, and from whom they come.")

HTML = "text/html; charset=utf-8"


@routes.get("/brands", requires="brands.view")
def list_brands(ctx: Context) -> Page[BrandAnswer]:
    """List the brands: all of them, on one page, by code."""
    return Page(data=[BrandAnswer.of(one) for one in brands.listing(ctx)], next=None)


@routes.get("/brand-choices", requires="brands.view")
def list_brand_choices(ctx: Context) -> BrandChoicesAnswer:
    """List the themes, their colours and typefaces, what makes PDFs, and placeholders of texts."""
    themes = [
        ThemeAnswer(
            name=name,
            title=str(theme.info.title),
            colours=dict(theme.info.colours),
            fonts={key: one.title for key, one in portal_styles.choices(theme).items()},
        )
        for name, theme in sorted(runtime().themes.installed.items())
    ]
    return BrandChoicesAnswer(
        themes=themes,
        renderers=list(relay(ctx).keys(RENDERERS)),
        placeholders=sorted(PLACEHOLDERS),
    )


@routes.post("/brands", requires="brands.manage")
def create_brand(ctx: Context, body: NewBrand) -> Made[BrandAnswer]:
    """Add a brand; what is left out is as the default brand has it, but for logo and colours."""
    made = brands.save(ctx, body.as_input(body.code, NEW))
    return Made(BrandAnswer.of(made), at=f"/brands/{made.code}")


@routes.get("/brands/<code>", requires="brands.view")
def get_brand(ctx: Context, code: str) -> BrandAnswer:
    """Get a brand by its code."""
    return BrandAnswer.of(brands.get(ctx, code))


@routes.patch("/brands/<code>", requires="brands.manage")
def change_brand(ctx: Context, code: str, body: BrandChanges, match: Match) -> BrandAnswer:
    """Change a brand; fields that are left out stay.

    Documents that are issued from now on wear it; the files of issued ones stay. Needs
    `brands.view`, too.
    """
    version = match.require(brands.get(ctx, code).version)
    return BrandAnswer.of(brands.save(ctx, body.as_input(code, version)))


@routes.get("/brands/<code>/logo", requires="brands.view")
def get_logo(ctx: Context, code: str) -> Download:
    """Load a brand's logo."""
    brand = brands.get(ctx, code)
    found = brands.logo(ctx, brand)
    if found is None or brand.logo is None:
        raise NotFound(_("logo"), code)
    return Download(
        name=found.name,
        content_type=found.content_type,
        content=found.content,
        digest=brand.logo.sha256,
    )


@routes.put("/brands/<code>/logo", requires="brands.manage")
def set_logo(ctx: Context, code: str, upload: Upload, match: Match) -> BrandAnswer:
    """Give a brand a logo, a PNG or JPEG. Needs `brands.view` and `files.store`, too."""
    version = match.require(brands.get(ctx, code).version)
    given = BrandInput(code=code, logo=upload.content or b"-", version=version)
    return BrandAnswer.of(brands.save(ctx, given))


@routes.delete("/brands/<code>/logo", requires="brands.manage")
def remove_logo(ctx: Context, code: str, match: Match) -> BrandAnswer:
    """Take a brand's logo away. Needs `brands.view`, too."""
    version = match.require(brands.get(ctx, code).version)
    return BrandAnswer.of(brands.save(ctx, BrandInput(code=code, logo=b"", version=version)))


@routes.get("/brands/<code>/favicon", requires="brands.view")
def get_favicon(ctx: Context, code: str) -> Download:
    """Load the icon that browsers show in tabs of a brand's portal."""
    icon = brands.get(ctx, code).favicon
    if icon is None:
        raise NotFound(_("icon"), code)
    found = brands.picture(ctx, icon)
    extension = found.name.rpartition(".")[2]
    return Download(
        name=f"{brands.FAVICON}.{extension}",
        content_type=found.content_type,
        content=found.content,
        digest=icon.sha256,
    )


@routes.put("/brands/<code>/favicon", requires="brands.manage")
def set_favicon(ctx: Context, code: str, upload: Upload, match: Match) -> BrandAnswer:
    """Give a brand an icon, a PNG or ICO. Needs `brands.view` and `files.store`, too."""
    version = match.require(brands.get(ctx, code).version)
    given = BrandInput(code=code, favicon=upload.content or b"-", version=version)
    return BrandAnswer.of(brands.save(ctx, given))


@routes.delete("/brands/<code>/favicon", requires="brands.manage")
def remove_favicon(ctx: Context, code: str, match: Match) -> BrandAnswer:
    """Take a brand's icon away; the logo takes its place. Needs `brands.view`, too."""
    version = match.require(brands.get(ctx, code).version)
    return BrandAnswer.of(brands.save(ctx, BrandInput(code=code, favicon=b"", version=version)))


@routes.ask("/brands/<code>/preview", requires="brands.view")
def preview_brand(ctx: Context, code: str, body: BrandTrial) -> Download:
    """Show a sample as HTML, with a change of a brand of which nothing is kept.

    What is wrong with the change is left as it stands.
    """
    design = design_previews.of_brand(ctx, _trial(ctx, code, body), body.shown.kind)
    page = (
        design_previews.mail_page(ctx, design)
        if body.shown is Shown.MAIL
        else design_previews.document_page(ctx, design)
    )
    return Download(name="preview.html", content_type=HTML, content=page.encode())


@routes.ask("/brands/<code>/preview-file", requires="brands.view")
def preview_brand_file(ctx: Context, code: str, body: BrandTrial) -> Download:
    """Show a sample as the real file, with a change of a brand of which nothing is kept."""
    design = design_previews.of_brand(ctx, _trial(ctx, code, body), body.shown.kind)
    made = design_previews.file(ctx, design)
    return Download(name=made.name, content_type=made.content_type, content=made.content)


def _trial(ctx: Context, code: str, body: BrandTrial) -> BrandInput:
    return body.as_input(brands.get(ctx, code).code, None)
