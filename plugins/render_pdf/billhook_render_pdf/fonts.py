"""The embedded fonts: two families for themes, and what stands in for characters they lack."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).parent / "static" / "fonts"
STYLES = {
    (0, 0): "400Regular",
    (1, 0): "700Bold",
    (0, 1): "400Regular_Italic",
    (1, 1): "700Bold_Italic",
}
"""The end of a file's name, by (bold, italic)."""

SANS, SERIF = "Noto Sans", "Noto Serif"
"""The families that themes name."""

_SYMBOLS = ("Noto Sans Symbols", "Noto Sans Symbols 2", "Noto Sans Math")
_ALPHABETS = ("Noto Sans Armenian", "Noto Sans Georgian", "Noto Sans Thai")
_STAND_INS = {
    SANS: ("Noto Sans Hebrew", "Noto Sans Arabic", *_SYMBOLS, *_ALPHABETS),
    SERIF: ("Noto Serif Hebrew", "Noto Naskh Arabic", *_SYMBOLS, *_ALPHABETS),
}
_HAN = {
    "ja": ("Noto Sans JP", "Noto Sans SC", "Noto Sans KR"),
    "zh": ("Noto Sans SC", "Noto Sans JP", "Noto Sans KR"),
    "ko": ("Noto Sans KR", "Noto Sans JP", "Noto Sans SC"),
}
"""The same character looks different in these languages; a document's own comes first."""

_SERIFS = {"times", "times-roman", "times new roman", "georgia", "serif", "ui-serif", "math"}
_PLACELESS = frozenset(
    "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)
"""Characters that only steer the text and print nothing."""


UNCOMPOSED = re.compile("[\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff]")
"""Letters that join by rules of their script, which nothing here knows: of India to Cambodia."""


class FontsMissing(Exception):
    """The set-up has not put the fonts where they belong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fonts:
    """What is loaded: families by their lower-case name, and what each face can draw."""

    families: Mapping[str, str]
    coverage: Mapping[str, frozenset[int]]
    """Code points, by the face's name in the PDF library."""


def is_installed() -> bool:
    return (FOLDER / "NotoSans_400Regular.ttf").is_file()


@lru_cache(maxsize=1)
def load() -> Fonts:
    """Read every font file and make the PDF library know it. Raises FontsMissing."""
    if not is_installed():
        raise FontsMissing
    families = (SANS, SERIF, *_STAND_INS[SANS], *_STAND_INS[SERIF], *_HAN["ja"])
    coverage: dict[str, frozenset[int]] = {}
    known: dict[str, str] = {}
    for family in dict.fromkeys(families):
        faces = _faces(family)
        coverage |= {name: frozenset(face.face.charToGlyph) for name, face in faces.items()}
        if faces:
            known[family.lower()] = family.lower()
    return Fonts(families=known, coverage=coverage)


def named(fonts: Fonts, standard: Iterable[str]) -> dict[str, str]:
    """Give every family name a font that is embedded, the names of the PDF standard's own too."""
    serif = SERIF.lower() if SERIF.lower() in fonts.families else SANS.lower()
    others = {name: serif if name in _SERIFS else SANS.lower() for name in standard}
    return others | dict(fonts.families)


@lru_cache(maxsize=64)
def stand_ins(family: str, language: str) -> tuple[str, ...]:
    """Name the families that are asked, in order, for a character that `family` lacks."""
    known = load().families
    own = _STAND_INS[SERIF if family == SERIF.lower() else SANS]
    han = _HAN.get(language.lower().partition("-")[0], _HAN["ja"])
    wanted = (name.lower() for name in (*own, *han, SANS))
    return tuple(name for name in wanted if name in known and name != family)


def runs(text: str, faces: Sequence[str], missing: set[str]) -> list[tuple[str, str]]:
    """Cut a text into (run, face), each run in the first face that has its characters.

    What no face has stays in the first, which draws a box, and goes into `missing`.
    """
    first, found = faces[0], _found(tuple(faces))
    cut: list[tuple[str, str]] = []
    start, current = 0, ""
    for index, char in enumerate(text):
        face = current if char.isspace() or char in _PLACELESS else found(char)
        if face is None:
            missing.add(char)
            face = first
        if face and face != current:
            if current:
                cut.append((text[start:index], current))
                start = index
            current = face
    cut.append((text[start:], current or first))
    return cut


class _Found(dict[str, str | None]):
    """The first face that has a character, looked up once."""

    def __init__(self, faces: Sequence[str]) -> None:
        super().__init__()
        self._coverage = [(face, load().coverage.get(face, frozenset())) for face in faces]

    def __missing__(self, char: str) -> str | None:
        code = ord(char)
        face = next((face for face, codes in self._coverage if code in codes), None)
        self[char] = face
        return face


@lru_cache(maxsize=256)
def _found(faces: tuple[str, ...]):
    return _Found(faces).__getitem__


def _faces(family: str) -> dict[str, TTFont]:
    """Register a family; styles that it has no file for are drawn by what is nearest."""
    faces = {
        style: TTFont(path.stem, str(path))
        for style, ending in STYLES.items()
        if (path := FOLDER / f"{family.replace(' ', '')}_{ending}.ttf").is_file()
    }
    if (0, 0) not in faces:
        return {}
    for face in faces.values():
        pdfmetrics.registerFont(face)
    for bold, italic in reversed(STYLES):
        nearest = faces.get((bold, italic)) or faces.get((bold, 0)) or faces[0, 0]
        addMapping(family.lower(), bold, italic, nearest.fontName)
    for (bold, italic), face in faces.items():
        addMapping(family.lower(), bold, italic, face.fontName)
    return {face.fontName: face for face in faces.values()}
