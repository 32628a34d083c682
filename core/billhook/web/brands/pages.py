"""Brands: the list of them, and the editor with its preview beside it."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from billhook import downloads
from billhook.bounds import takes
from billhook.domain.brands import Brand
from billhook.domain.states import DocumentType
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.plugins.colours import WHITE, contrast, is_colour, legible, text_on
from billhook.plugins.runtime import runtime
from billhook.services import brands as service
from billhook.services.brands import NEW
from billhook.web.access import context, requires
from billhook.web.brands.forms import COLOUR, LARGEST_FORM, BrandForm, stored
from billhook.web.brands.rooms import blueprint, with_frames
from billhook.web.versions import Meanwhile, keep_typed


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourField:
    """A colour of the theme: the theme's own, the brand's, and what the theme makes of it."""

    name: str
    own: str
    chosen: str
    note: str
    error: str = ""


@blueprint.get("")
@requires("brands.view")
def listing() -> Response:
    """List the brands, each with a small sample."""
    page = render_template(
        "brands/listing.html", brands=service.listing(context()), types=DocumentType
    )
    return with_frames(page)


@blueprint.get("/_new")
@requires("brands.manage")
def new() -> Response:
    """Ask for a brand that begins as the default one stands."""
    ctx = context()
    default = service.get(ctx)
    form = BrandForm.of(
        ctx, default, code="", name="", is_default=False, version=NEW, drop_logo=False
    )
    return _page(form, None, default)


@blueprint.post("/_new")
@requires("brands.manage")
@takes(body=LARGEST_FORM)
def add() -> Response:
    """Make a brand."""
    ctx = context()
    default = service.get(ctx)
    form = BrandForm.of(ctx, default)
    form.version.data = str(NEW)
    code = (form.code.data or "").strip()
    wrong: dict[str, str] = {}
    try:
        if form.validate() and code:
            made = service.save(ctx, form.change(code))
            flash(_("The brand was made. Customers get it under their preferences."))
            return redirect(url_for(".brand", code=made.code), HTTPStatus.SEE_OTHER)
        if not code:
            form.code.errors = [_("Name it in small letters, such as north-shop.")]
    except ValidationFailed as error:
        wrong = form.show(error.problems)
    return _page(form, None, default, wrong=wrong, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@blueprint.get("/<code>")
@requires("brands.view")
def brand(code: str) -> Response:
    """Show a brand to change it, with a sample document beside it."""
    known = service.get(context(), code)
    return _page(BrandForm.of(context(), known), known, known)


@blueprint.post("/<code>")
@requires("brands.manage")
@takes(body=LARGEST_FORM)
def save(code: str) -> Response:
    """Change a brand; documents that are issued from now on wear it."""
    ctx = context()
    known = service.get(ctx, code)
    form = BrandForm.of(ctx, known)
    wrong: dict[str, str] = {}
    meanwhile: list[Meanwhile] = []
    try:
        if form.validate():
            service.save(ctx, form.change(code))
            flash(_("The brand was saved. Documents that are issued from now on wear it."))
            return redirect(url_for(".brand", code=code), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        wrong = form.show(error.problems)
    except Conflict:
        known = service.get(ctx, code)
        meanwhile = keep_typed(form, stored(known, ctx), known.version)
    return _page(
        form,
        known,
        known,
        wrong=wrong,
        meanwhile=meanwhile,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )


@blueprint.get("/<code>/logo")
@requires("brands.view")
def logo(code: str) -> Response:
    """Show a brand's logo."""
    known = service.get(context(), code)
    found = service.logo(context(), known)
    if found is None or known.logo is None:
        raise NotFound(_("logo"), code)
    return downloads.kept(found, sha256=known.logo.sha256, disposition="inline")


@blueprint.get("/<code>/icon")
@requires("brands.view")
def favicon(code: str) -> Response:
    """Show the icon of a brand's portal."""
    icon = service.get(context(), code).favicon
    if icon is None:
        raise NotFound(_("icon"), code)
    found = service.picture(context(), icon)
    return downloads.kept(found, sha256=icon.sha256, disposition="inline")


@blueprint.get("/_colour")
@requires("brands.view")
def colour() -> str:
    """Say what becomes of a colour where text stands in it or on it."""
    named = next((text for key, text in request.args.items() if key.startswith(COLOUR)), "")
    return Markup.escape(colour_note(named.strip().lower()))


def colour_note(chosen: str) -> str:
    """Tell how far a colour reads on white, and what is printed where it does not."""
    if not chosen:
        return _("The theme's own colour.")
    if not is_colour(chosen):
        return _("Write it as #1d4e5f.")
    ratio = f"{contrast(chosen, WHITE):.1f}"
    on_it = _("white") if text_on(chosen) == WHITE else _("black")
    if legible(chosen) == chosen:
        return _(
            "Contrast to white is %(ratio)s: text in it can be read. Text on it is %(on_it)s.",
            ratio=ratio,
            on_it=on_it,
        )
    return _(
        "Contrast to white is only %(ratio)s, so text is printed in %(darker)s instead. Text on "
        "it is %(on_it)s.",
        ratio=ratio,
        darker=legible(chosen),
        on_it=on_it,
    )


def _page(
    form: BrandForm,
    known: Brand | None,
    like: Brand,
    *,
    wrong: dict[str, str] | None = None,
    meanwhile: list[Meanwhile] | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    """Show the editor of a brand, or of one that is not there yet."""
    page = render_template(
        "brands/brand.html",
        form=form,
        brand=known,
        like=like,
        themes=runtime().themes.installed,
        colours=_colours(form, like, wrong or {}),
        meanwhile=meanwhile or [],
        types=DocumentType,
    )
    return with_frames(page, status)


def _colours(form: BrandForm, like: Brand, wrong: dict[str, str]) -> list[ColourField]:
    theme = runtime().themes.installed.get(form.theme.data or like.theme)
    typed = form.colours() if request.method == "POST" else dict(like.colours)
    return [
        ColourField(
            name=name,
            own=own,
            chosen=typed.get(name, ""),
            note=colour_note(typed.get(name, "")),
            error=wrong.get(name, ""),
        )
        for name, own in (theme.info.colours if theme else {}).items()
    ]
