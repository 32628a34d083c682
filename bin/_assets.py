"""Put in place what the set-up took from npm. Called by bin/_install, with the Python of the machine.

_assets.py copy ROOT PACKAGES run|dev   copies from PACKAGES, a folder node_modules
_assets.py icons ROOT                   makes the sprite anew, from the icons that the last copy left
"""

import json
import re
import shutil
import sys
from hashlib import sha256
from pathlib import Path
from xml.sax.saxutils import quoteattr

FONT_STYLES = ("400Regular", "700Bold")
TYPEFACES = ("inter", "source-serif-4")
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
)


def main(command: str, root: str, *more: str) -> None:
    places = Places(Path(root))
    if command == "copy":
        packages, needs = more
        copy(Path(packages), places, needs)
    make_icons(places)


class Places:
    """Where what goes."""

    def __init__(self, root: Path) -> None:
        static = root / "core/billhook/static"
        self.fonts = root / "plugins/render_pdf/billhook_render_pdf/static/fonts"
        self.pages = static / "vendor"
        self.wanted_icons = static / "icons.txt"
        self.share = root / ".venv/share"
        self.all_icons = self.share / "tabler-icons.json"
        self.axe = self.share / "axe.min.js"


def copy(packages: Path, places: Places, needs: str) -> None:
    """Replace all that an earlier set-up put in place."""
    for folder in (places.fonts, places.pages):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    places.share.mkdir(exist_ok=True)
    places.axe.unlink(missing_ok=True)
    copy_fonts(packages / "@expo-google-fonts", places.fonts)
    copy_tabler(packages / "@tabler", places)
    copy_htmx(packages / "htmx.org", places.pages)
    for typeface in TYPEFACES:
        copy_typeface(packages / "@fontsource-variable" / typeface, places.pages)
    if needs == "dev":
        shutil.copy(packages / "axe-core/axe.min.js", places.axe)


def copy_fonts(families: Path, folder: Path) -> None:
    """Copy the fonts of PDFs: of all weights, two. Some symbols have no bold."""
    for family in families.iterdir():
        for style in FONT_STYLES:
            for font in family.glob(f"{style}*/*.ttf"):
                shutil.copy(font, folder)
        shutil.copy(family / "LICENSE_FONT", folder / f"{family.name}.LICENSE.txt")


def copy_tabler(packages: Path, places: Places) -> None:
    """Copy the style without the address of its source, which no page serves.

    Its package has no file of the licence; it is that of the icons, by the same author.
    """
    style = (packages / "core/dist/css/tabler.min.css").read_text(encoding="utf-8")
    style = re.sub(r"\s*/\*# sourceMappingURL=.*?\*/", "\n", style)
    (places.pages / "tabler.min.css").write_text(style, encoding="utf-8")
    shutil.copy(packages / "icons/LICENSE", places.pages / "tabler.LICENSE.txt")
    shutil.copy(packages / "icons/tabler-nodes-outline.json", places.all_icons)


def copy_htmx(package: Path, folder: Path) -> None:
    shutil.copy(package / "dist/htmx.min.js", folder)
    shutil.copy(package / "LICENSE", folder / "htmx.LICENSE.txt")


def copy_typeface(package: Path, folder: Path) -> None:
    """Copy the upright style, with the hash of each file in its address, so that browsers keep it."""

    def address(found: re.Match[str]) -> str:
        font = package / found["path"]
        shutil.copy(font, folder)
        return f"url({font.name}?v={sha256(font.read_bytes()).hexdigest()[:12]})"

    style = (package / "wght.css").read_text(encoding="utf-8")
    style = re.sub(r"url\((?P<path>[^)]+\.woff2)\)", address, style)
    (folder / f"{package.name}.css").write_text(style, encoding="utf-8")
    shutil.copy(package / "LICENSE", folder / f"{package.name}.LICENSE.txt")


def make_icons(places: Places) -> None:
    """Make the sprite of the icons that icons.txt names. Names an icon that Tabler does not have."""
    drawn = json.loads(places.all_icons.read_text(encoding="utf-8"))
    names = places.wanted_icons.read_text(encoding="utf-8").split()
    for name in names:
        if name not in drawn:
            print(
                f"billhook: Tabler has no icon “{name}”; see {places.wanted_icons}",
                file=sys.stderr,
            )
    symbols = [symbol(name, drawn[name]) for name in names if name in drawn]
    sprite = ['<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""]
    (places.pages / "icons.svg").write_text("\n".join(sprite), encoding="utf-8")


def symbol(name: str, shapes: list[tuple[str, dict[str, str]]]) -> str:
    drawn = "".join(
        f"<{tag} {' '.join(f'{key}={quoteattr(value)}' for key, value in attributes.items())}/>"
        for tag, attributes in shapes
    )
    return SYMBOL.format(name=name, shapes=drawn)


if __name__ == "__main__":
    main(*sys.argv[1:])
