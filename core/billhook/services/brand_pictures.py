"""A brand's pictures: its logo, and the icon that browsers show in tabs."""

import struct
from uuid import UUID

from billhook.i18n import gettext as _
from billhook.plugins import pictures
from billhook.plugins.pictures import PNG
from billhook.sdk.context import Context
from billhook.services import files
from billhook.services.fields import Fields

LOGO_BYTES = 1024 * 1024
LOGO_PIXELS = 4_000
"""The longest side of a logo."""
FAVICON_BYTES = 100 * 1024
FAVICON_PIXELS = 512

ICO = b"\x00\x00\x01\x00"
_HEAD, _ENTRY = struct.Struct("<HHH"), struct.Struct("<BBBBHHII")
_MOST_IMAGES = 20

EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/x-icon": "ico"}


def check_logo(content: bytes, read: Fields) -> None:
    """Refuse what no page could show, before a document needs it."""
    if len(content) > LOGO_BYTES:
        read.refuse(
            "logo",
            "brand.logo_too_large",
            _("The logo has more than %(kilobytes)s kB. Save it smaller.", kilobytes=1024),
        )
        return
    size = pictures.pixels(content)
    if size is None or not pictures.is_whole(content):
        read.refuse(
            "logo",
            "brand.logo_unknown",
            _("The logo is neither a PNG nor a JPEG, or not all of it is there. Save it anew."),
        )
    elif not all(0 < side <= LOGO_PIXELS for side in size):
        read.refuse(
            "logo",
            "brand.logo_too_large",
            _(
                "The logo has %(width)s × %(height)s pixels; at most %(most)s × %(most)s are "
                "possible. Save it smaller.",
                width=size[0],
                height=size[1],
                most=LOGO_PIXELS,
            ),
        )


def check_favicon(content: bytes, read: Fields) -> None:
    """Refuse what no browser could show in a tab."""
    if len(content) > FAVICON_BYTES or not _is_small(content):
        read.refuse(
            "favicon",
            "brand.favicon_too_large",
            _(
                "The icon has more than %(kilobytes)s kB, or more than %(most)s × %(most)s pixels. "
                "Save it smaller: 48 × 48 is enough.",
                kilobytes=FAVICON_BYTES // 1024,
                most=FAVICON_PIXELS,
            ),
        )
    elif not (is_icon(content) or (content.startswith(PNG) and pictures.is_whole(content))):
        read.refuse(
            "favicon",
            "brand.favicon_unknown",
            _("The icon is neither a PNG nor an ICO, or not all of it is there. Save it anew."),
        )


def _is_small(content: bytes) -> bool:
    size = pictures.pixels(content)
    return size is None or all(0 < side <= FAVICON_PIXELS for side in size)


def is_icon(content: bytes) -> bool:
    """Tell whether the bytes are an ICO whose pictures all lie inside it."""
    if not content.startswith(ICO) or len(content) < _HEAD.size:
        return False
    _zero, _kind, count = _HEAD.unpack_from(content)
    begin = _HEAD.size + count * _ENTRY.size
    if not 0 < count <= _MOST_IMAGES or len(content) < begin:
        return False
    entries = [
        _ENTRY.unpack_from(content, _HEAD.size + place * _ENTRY.size) for place in range(count)
    ]
    return all(
        size > 0 and begin <= place and place + size <= len(content)
        for *_sides, size, place in entries
    )


def content_type(content: bytes) -> str:
    """Return the type of a picture that was checked."""
    if content.startswith(PNG):
        return "image/png"
    return "image/x-icon" if content.startswith(ICO) else "image/jpeg"


def stored(ctx: Context, stem: str, content: bytes) -> UUID | None:
    """Keep a picture that was checked; none where it is empty."""
    if not content:
        return None
    kind = content_type(content)
    name = f"{stem}.{EXTENSIONS[kind]}"
    return files.store(ctx, name=name, content_type=kind, content=content).id
