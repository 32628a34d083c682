"""The blueprint that the pages of brands and templates share, and how previews are answered."""

from flask import Blueprint, make_response
from werkzeug.wrappers import Response

from billhook.web import headers

blueprint = Blueprint("brands", __name__, url_prefix="/brands")

FRAMED_SAMPLE = headers.policy(
    default_src="'none'",
    script_src="'none'",
    connect_src="'none'",
    style_src="'unsafe-inline' data:",  # a theme's style; in a sandbox it reaches nothing
    img_src="data:",
    font_src="data:",
    form_action="'none'",
    frame_ancestors=headers.SELF,
    sandbox="",
)


def framed(html: str) -> Response:
    """Answer with a sample for a frame of ours: it runs and loads nothing."""
    response = make_response(html)
    response.headers["Content-Security-Policy"] = FRAMED_SAMPLE
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def with_frames(page: str, status: int = 200) -> Response:
    """Answer with a page that shows samples in frames."""
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = headers.WITH_OWN_FRAMES
    return response
