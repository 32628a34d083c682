"""Colours that brands choose, and others that stay legible beside them.

Contrast is that of WCAG 2.2: the relative luminance of sRGB, at least 4.5 between
text and its ground.
"""

import re

BLACK = "#000000"
WHITE = "#ffffff"
LEGIBLE = 4.5

_FORM = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_STEPS = 20


def is_colour(text: str) -> bool:
    """Tell whether the text is #rrggbb in small letters."""
    return bool(_FORM.fullmatch(text))


def contrast(one: str, other: str) -> float:
    """Return how far two colours are apart, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(ground: str) -> str:
    """Return black or white, whichever reads better on the ground."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, ground))


def legible(colour: str, ground: str = WHITE) -> str:
    """Return the colour, darker or lighter by as little as makes it legible as text."""
    aim = text_on(ground)
    steps = (mixed(colour, aim, part, _STEPS) for part in range(_STEPS + 1))
    return next((one for one in steps if contrast(one, ground) >= LEGIBLE), aim)


def tint(colour: str) -> str:
    """Return a pale ground in the colour."""
    return mixed(colour, WHITE, 9, 10)


def mixed(colour: str, other: str, part: int, whole: int) -> str:
    """Go `part` of `whole` steps from one colour to another."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{a + (b - a) * part // whole:02x}" for a, b in pairs)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    if channel <= 0.04045:
        return channel / 12.92
    linear: float = ((channel + 0.055) / 1.055) ** 2.4
    return linear


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
