"""Where lines of Chinese and Japanese text break, which has no spaces.

A line may break after a space, and between two characters of which one is written
in a square of its own. Some may not begin a line, and some may not end one
(JIS X 4051; here as far as a document of trade needs it).
"""

from collections.abc import Sequence
from typing import Any
from unicodedata import east_asian_width

from xhtml2pdf.reportlab_paragraph import ParaLines, cjkU, makeCJKParaLine

_NEVER_FIRST = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー）］｝〕〉》」』】’”％‰℃ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
    ",.:;?!)]}%…"
)
_NEVER_LAST = frozenset("（［｛〔〈《「『【‘“￥＄￡([{$€£¥#")
_FUZZ = 1e-6  # points; sums of widths are inexact


def is_spaceless(text: str) -> bool:
    """Tell whether a text has characters between which lines may break; Korean has spaces."""
    return not text.isascii() and any(map(_is_square, text))


def broken(
    fragments: Sequence[Any], widths: Sequence[float], bounds: bool, encoding: str = "utf8"
) -> ParaLines:
    """Break a paragraph's fragments into lines; in place of xhtml2pdf's cjkFragSplit."""
    glyphs = [glyph for fragment in fragments for glyph in _glyphs(fragment, encoding)]
    lines: list[Any] = []
    start = 0
    while start < len(glyphs):
        width = widths[min(len(lines), len(widths) - 1)]
        end, used, is_forced = _line(glyphs, start, width)
        line = makeCJKParaLine(glyphs[start:end], width - used, bounds)
        line.lineBreak = is_forced
        lines.append(line)
        start = end + is_forced
    return ParaLines(kind=1, lines=lines)


def _glyphs(fragment: Any, encoding: str) -> list[cjkU]:
    text = fragment.text
    if not isinstance(text, str) or not text:  # a page number, a picture, a line break
        return [cjkU(str(text), fragment, encoding)]
    return [cjkU(char, fragment, encoding) for char in text]


def _line(glyphs: list[cjkU], start: int, width: float) -> tuple[int, float, bool]:
    """Return where the line ends, what it uses, and whether the text itself breaks it there."""
    used = 0.0
    chance = used_by_chance = 0.0
    for index in range(start, len(glyphs)):
        glyph = glyphs[index]
        if hasattr(glyph.frag, "lineBreak"):
            return index, used, True
        if index > start and _may_break(glyphs[index - 1], glyph):
            chance, used_by_chance = index, used
        if used + glyph.width > width + _FUZZ and index > start and glyph != " ":
            return (int(chance), used_by_chance, False) if chance else (index, used, False)
        used += glyph.width
    return len(glyphs), used, False


def _may_break(before: cjkU, after: cjkU) -> bool:
    if getattr(after.frag, "whiteSpace", "") == "nowrap":
        return False
    if before == " ":
        return after != " "
    if after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return _is_square(before) or _is_square(after)


def _is_square(char: str) -> bool:
    """Tell Chinese and Japanese characters; those of Korean (Hangul) are wide, too."""
    return (
        len(char) == 1
        and char > "\u2e7f"
        and east_asian_width(char) in "WF"
        and not "\uac00" <= char <= "\ud7a3"
    )
