"""What browsers load beside a page: styles, scripts, fonts, icons.

A template names a file as `asset("billhook.css")`. Its address carries the hash of
its content, so that browsers keep it until it changes, and then load it at once.
"""

import mimetypes
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

FOREVER = "public, max-age=31536000, immutable"
ASK = "no-cache"
"""Kept, but the server is asked before each use; who has the newest gets 304."""

TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""By our own list: that of a machine can lack them, or have been changed."""


def init_app(app: Flask) -> None:
    """Give templates `asset`, and tell browsers how long they may keep what."""
    for suffix, type_ in TYPES.items():
        mimetypes.add_type(type_, suffix)

    def stamp(endpoint: str, values: dict[str, object]) -> None:
        if endpoint == "static" and "filename" in values:
            values.setdefault("v", _version(app, str(values["filename"])))

    def keep(response: Response) -> Response:
        if request.endpoint == "static":
            response.headers["Cache-Control"] = (
                FOREVER if response.status_code < 400 and _is_current(app) else ASK
            )
        return response

    app.url_defaults(stamp)
    app.after_request(keep)
    app.add_template_global(asset)


def asset(filename: str) -> str:
    """Return the address of a static file, with the hash of its content.

    A file that the set-up could not fetch has an address, too; it leads nowhere.
    """
    if current_app.debug:  # a developer changes files
        return url_for("static", filename=filename)
    return _address(request.script_root, current_app.static_folder, filename)


@cache
def _address(_root: str, _folder: str | None, filename: str) -> str:
    return url_for("static", filename=filename)


def _is_current(app: Flask) -> bool:
    """Tell whether the address names the content that is answered; the file is known to be there."""
    wanted = request.args.get("v")
    return bool(wanted) and wanted == _version(app, (request.view_args or {})["filename"])


def _version(app: Flask, filename: str) -> str | None:
    """Return the beginning of the file's hash: counted once, or when it changes, for developers."""
    path = Path(app.static_folder or "", filename)
    try:
        return _hash(path, path.stat().st_mtime_ns if app.debug else 0)
    except FileNotFoundError:
        return None


@cache
def _hash(path: Path, _changed: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]
