"""Files for clients: saved and never run, known by their hash, written aside when they are long."""

from collections.abc import Callable
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

from flask import request, send_file
from werkzeug.wrappers import Response

from billhook.domain.publications import FileContent

_IN_MEMORY = 1024 * 1024


def kept(file: FileContent, *, sha256: str) -> Response:
    """Answer with bytes that never change; who has them already gets 304."""
    response = Response(file.content, mimetype=file.content_type)
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    response.set_etag(sha256)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


def once(content: bytes, *, name: str, content_type: str) -> Response:
    """Answer with bytes that no browser keeps: saved and never shown, since others may have written them."""
    response = send_file(
        BytesIO(content), mimetype=content_type, as_attachment=True, download_name=name
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def written(write: Callable[[BinaryIO], object], *, name: str, content_type: str) -> Response:
    """Answer with a file that is written now, and sent piece by piece."""
    file: Any = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the response
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    response = send_file(file, mimetype=content_type, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response
