"""What portal pages are drawn with: the style, logo, icon, typefaces and the theme's own files."""

from io import BytesIO
from mimetypes import guess_type

from flask import Blueprint, Response, make_response, request, send_file
from werkzeug.exceptions import NotFound

from billhook.domain.brands import Brand, Logo
from billhook.plugins import portal_styles, typefaces
from billhook.portal.access import anybody, portal
from billhook.services import brands
from billhook.services.portal import appearance

blueprint = Blueprint("faces", __name__)

FOREVER = "private, max-age=31536000, immutable"
"""For an address that changes with what it leads to."""
SOON = "private, max-age=300"
SHOWN = ("image/", "font/")
"""What a theme's files may be: a page runs nothing of it."""


@blueprint.get("/style/<brand>.css")
@anybody
def style(brand: str) -> Response:
    """Return the portal's style in the colours of a brand."""
    face = appearance.face(portal().ctx, _brand(brand))
    response = Response(face.style, content_type="text/css; charset=utf-8")
    return _kept(response, version=face.version)


@blueprint.get("/logo/<brand>")
@anybody
def logo(brand: str) -> Response:
    """Return a brand's logo. Raises NotFound."""
    found = _brand(brand)
    return _picture(found, found.logo)


@blueprint.get("/icon/<brand>")
@anybody
def icon(brand: str) -> Response:
    """Return the icon of a brand's pages: its favicon, else its logo. Raises NotFound."""
    found = _brand(brand)
    return _picture(found, found.favicon or found.logo)


@blueprint.get("/font/<name>")
@anybody
def font(name: str) -> Response:
    """Return a file of the typefaces that come with the product. Raises NotFound."""
    found = (one.files[name] for one in typefaces.bundled().values() if name in one.files)
    return _file(name, next(found, None))


@blueprint.get("/theme/<brand>/<path:name>")
@anybody
def theme_file(brand: str, name: str) -> Response:
    """Return a picture or font of the theme's folder static, and nothing else. Raises NotFound."""
    return _file(name, appearance.theme(_brand(brand)).resources().get(name))


def _brand(code: str) -> Brand:
    return appearance.of_code(portal().ctx, code)


def _picture(of: Brand, picture: Logo | None) -> Response:
    if picture is None:
        raise NotFound
    content = brands.picture(portal().ctx, picture).content
    response = make_response(send_file(BytesIO(content), mimetype=picture.content_type))
    return _kept(response, version=picture.sha256[:12])


def _file(name: str, content: bytes | None) -> Response:
    kind = guess_type(name)[0] or ""
    if content is None or not kind.startswith(SHOWN):
        raise NotFound
    return _kept(Response(content, content_type=kind), version=portal_styles.version(content))


def _kept(response: Response, *, version: str) -> Response:
    """Let the browser keep it for good under the address that names its version."""
    is_current = request.args.get("v") == version
    response.headers["Cache-Control"] = FOREVER if is_current else SOON
    return response
