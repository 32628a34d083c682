"""Files as answers: by their own type, never run, and known by their hash."""

from typing import Literal

from flask import request
from werkzeug.wrappers import Response

from billhook.domain.publications import FileContent

Disposition = Literal["inline", "attachment"]


def kept(file: FileContent, *, sha256: str, disposition: Disposition) -> Response:
    """Answer with bytes that never change; who has them already gets 304.

    Nobody else's cache keeps them, and the own one asks before each use.
    """
    response = _answer(file, disposition)
    response.set_etag(sha256)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


def passing(file: FileContent) -> Response:
    """Answer with a file that was made for this request alone; no cache keeps it."""
    return _answer(file, "inline")


def _answer(file: FileContent, disposition: Disposition) -> Response:
    response = Response(file.content, mimetype=file.content_type)
    response.headers.set("Content-Disposition", disposition, filename=file.name)
    return response
