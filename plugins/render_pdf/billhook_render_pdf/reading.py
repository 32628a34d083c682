"""What a reader copies and searches: letters, not the forms in which they were drawn.

Arabic is drawn with a form of each letter for its place in the word; and characters
beyond the first 65,536, such as 𠮷, are written in a way of their own.
"""

from collections.abc import Sequence
from unicodedata import normalize

from reportlab.pdfbase import ttfonts

_make = ttfonts.makeToUnicodeCMap
_FORMS = (range(0xFB50, 0xFE00), range(0xFE70, 0xFF00))
"""Arabic Presentation Forms A and B."""


def unicode_map(font: str, subset: Sequence[int]) -> str:
    """Say which text each glyph of a font stands for; in place of ReportLab's function."""
    text: str = _make(font, subset)
    for glyph, code in enumerate(subset):
        letters = _letters(code)
        if letters != chr(code) or code > 0xFFFF:
            written = letters.encode("utf-16-be").hex().upper()
            text = text.replace(f"<{glyph:02X}> <{code:04X}>", f"<{glyph:02X}> <{written}>", 1)
    return text


def _letters(code: int) -> str:
    """Return the letter of a form. Two in one, such as ﻻ, stay: readers disagree on their order."""
    letter = normalize("NFKC", chr(code))
    is_form = any(code in forms for forms in _FORMS)
    return letter if is_form and len(letter) == 1 else chr(code)
