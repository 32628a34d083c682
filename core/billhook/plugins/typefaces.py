"""Typefaces of portals: those that come with the product, and a theme's own.

Browsers load what a page shows of one: its files are parted by the characters that
they hold, and a page is read in another typeface until they are there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Literal

Kind = Literal["sans", "serif"]

BEHIND: Mapping[Kind, str] = {
    "sans": 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
    "serif": 'Georgia, "Noto Serif", "Noto Naskh Arabic", "Times New Roman", serif',
}
"""What shows the characters that a typeface lacks, and a page while it is loading."""

_BUNDLED: tuple[tuple[str, str, Kind], ...] = (
    ("inter", "Inter", "sans"),
    ("source-serif-4", "Source Serif 4", "serif"),
)
_URL = re.compile(r"url\((?P<file>[^)?]+)(\?[^)]*)?\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typeface:
    """A typeface that a brand can choose."""

    name: str
    """What a brand stores."""
    title: str
    family: str
    """As styles name it."""
    kind: Kind
    rules: str
    """Its `@font-face` rules, which name its files as `url(file)`."""
    files: Mapping[str, bytes]

    @property
    def stack(self) -> str:
        """Return what a style says as `font-family`."""
        return f'"{self.family}", {BEHIND[self.kind]}'


@cache
def bundled() -> Mapping[str, Typeface]:
    """Return the typefaces that come with the product, by name; none where npm was out of reach."""
    folder = Path(str(files("billhook") / "static" / "vendor"))
    found = (_read(folder, *told) for told in _BUNDLED if (folder / f"{told[0]}.css").is_file())
    return MappingProxyType({one.name: one for one in found})


def _read(folder: Path, name: str, title: str, kind: Kind) -> Typeface:
    style = (folder / f"{name}.css").read_text(encoding="utf-8")
    rules = _URL.sub(r"url(\g<file>)", re.sub(r"/\*.*?\*/\s*|\n\s*", "", style))
    return Typeface(
        name=name,
        title=title,
        family=f"{title} Variable",
        kind=kind,
        rules=rules,
        files={one["file"]: (folder / one["file"]).read_bytes() for one in _URL.finditer(rules)},
    )


def of_theme(name: str, title: str, kind: Kind, file: str, content: bytes) -> Typeface:
    """Return a typeface that a theme brings in one file of its folder static."""
    return Typeface(
        name=name,
        title=title,
        family=title,
        kind=kind,
        rules=(
            f'@font-face{{font-family:"{title}";font-weight:100 900;font-display:swap;'
            f'src:url({file}) format("woff2");}}'
        ),
        files={file: content},
    )
