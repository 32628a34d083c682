"""The style of a portal in one sheet: the core's, the theme's, and what the brand chose.

They are layers, in this order, so that a later one wins whatever the earlier ones say
and however exactly. The brand's stands in the sheet before the theme's: a brace that a
theme forgot to close swallows nothing of it.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from mimetypes import guess_type

from billhook.domain.document_view import Look
from billhook.plugins.theming import Theme
from billhook.plugins.typefaces import Typeface, bundled

Address = Callable[[str, bytes], str]
"""Says where a file is found, by its place (`font/…` or `theme/…`) and content."""

_URL = re.compile(r"""url\(\s*["']?(?P<file>[^"')]+?)["']?\s*\)""")


def written(theme: Theme, look: Look, font: str, address: Address) -> str:
    """Return the sheet of a theme in a brand's colours and typeface; empty for the theme's own."""
    own = theme.typefaces
    rules = [_placed(one.rules, one.files, "font", address) for one in bundled().values()]
    rules += [_placed(one.rules, one.files, "theme", address) for one in own.values()]
    chosen = (dict(bundled()) | dict(own)).get(font)
    return "\n".join(
        (
            "@layer core, theme, brand;",
            *rules,
            f"@layer brand {{\n{_brand(look, chosen)}\n}}",
            f"@layer core {{\n{core_style()}\n}}",
            f"@layer theme {{\n{_placed(theme.portal_style, theme.resources(), 'theme', address)}\n}}",
            "",
        )
    )


def choices(theme: Theme) -> dict[str, Typeface]:
    """Return the typefaces that a brand with the theme can choose, by name."""
    return {**theme.typefaces, **bundled()}


def from_portal(brand: str) -> Address:
    """Say where a brand's sheet finds files, seen from its own address."""
    places = {"font": "../font", "theme": f"../theme/{brand}"}

    def address(path: str, content: bytes) -> str:
        place, _slash, name = path.partition("/")
        return f"{places[place]}/{name}?v={version(content)}"

    return address


def inline(path: str, content: bytes) -> str:
    """Carry a file in the sheet itself, for a page that loads nothing."""
    kind = guess_type(path)[0] or "application/octet-stream"
    return f"data:{kind};base64,{b64encode(content).decode()}"


def version(content: bytes) -> str:
    """Return the beginning of a content's hash, by which browsers know it."""
    return sha256(content).hexdigest()[:12]


@cache
def core_style() -> str:
    """Return the style that every portal begins with."""
    return (files("billhook") / "static" / "portal.css").read_text(encoding="utf-8")


def _brand(look: Look, typeface: Typeface | None) -> str:
    told = {name.replace("_", "-"): colour for name, colour in sorted(look.colours.items())}
    if typeface is not None:
        told |= {"font": typeface.stack, "heading-font": "var(--font)"}

    return ":root{" + "".join(f"--{name}:{value};" for name, value in told.items()) + "}"


def _placed(style: str, known: Mapping[str, bytes], place: str, address: Address) -> str:
    """Let a style's addresses of files lead to them; what is no file of theirs stays."""

    def found(link: re.Match[str]) -> str:
        content = known.get(link["file"])
        if content is None:
            return link[0]
        name = link["file"]
        return f"url({address(f'{place}/{name}', content)})"

    return _URL.sub(found, style)
