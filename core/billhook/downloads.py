"""Files as answers: by their own type, never run, and known by their hash."""

from collections.abc import Callable
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Literal, Protocol
from urllib.parse import quote

from flask import request, send_file
from werkzeug.wrappers import Response

Disposition = Literal["inline", "attachment"]

SHEETS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The content types of sheets, by their formats."""

_IN_MEMORY = 4 * 1024 * 1024


class File(Protocol):
    """A file with its bytes."""

    @property
    def name(self) -> str: ...

    @property
    def content_type(self) -> str: ...

    @property
    def content(self) -> bytes: ...


def kept(file: File, *, sha256: str, disposition: Disposition = "attachment") -> Response:
    """Answer with bytes that never change; who has them already gets 304.

    Nobody else's cache keeps them, and the own one asks before each use.
    """
    response = _answer(file, disposition)
    response.set_etag(sha256)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


def passing(file: File) -> Response:
    """Answer with a file that was made for this request alone; no cache keeps it."""
    return _answer(file, "inline")


def saved(file: File) -> Response:
    """Answer with a file that is saved and never shown, and that no cache keeps.

    A stranger wrote it, or it is true for the moment alone.
    """
    response = _answer(file, "attachment")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def written(write: Callable[[BinaryIO], object], *, name: str, content_type: str) -> Response:
    """Answer with a file that is written now, aside once it is large, and sent piece by piece."""
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


def attachment(name: str) -> str:
    """Return the header's value for a file that is saved: any letters, as RFC 6266 has them."""
    return f"attachment; filename*=UTF-8''{quote(name)}"


def _answer(file: File, disposition: Disposition) -> Response:
    return send_file(
        BytesIO(file.content),
        mimetype=file.content_type,
        as_attachment=disposition == "attachment",
        download_name=file.name,
    )
