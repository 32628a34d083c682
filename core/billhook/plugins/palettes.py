"""The colours of a portal: what a brand chose, and what is readable whatever it chose.

Buttons and bands wear a chosen colour as it is, with black or white on it. Where it
stands as text it becomes darker, and where text stands on it paler, by as little as
makes every text readable on every ground.
"""

from collections.abc import Collection, Mapping

from billhook.plugins.colours import LEGIBLE, WHITE, contrast, legible, mixed, text_on, tint

SHADE = "#f0f0f0"
"""The darkest ground on which a theme may put text in a colour that a brand chose."""
INK = "#1c2430"
SOFT = "#5a6472"
"""Texts, unless the theme has colours of these names."""

TEXTS = ("ink", "soft", "good", "bad", "wait")
GROUNDS = ("ground", "paper")
"""Names of colours that are text, or have text on them, in the core's own style."""
_STEPS = 20


def palette(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return colours by the names that styles know them by, from those of a theme and brand.

    Beside `accent` stand `on_accent`, `accent_text` and `accent_tint`, and so for each name.
    """
    texts = {f"{name}_text": legible(colour, SHADE) for name, colour in chosen.items()}
    own_texts = {name: texts[f"{name}_text"] for name in TEXTS if name in chosen}
    shown = {INK, SOFT, *texts.values()}
    tints = {f"{name}_tint": _paled(tint(colour), shown) for name, colour in chosen.items()}
    own_grounds = {name: _paled(chosen[name], shown) for name in GROUNDS if name in chosen}
    told = {**chosen, **own_texts, **own_grounds}
    on = {f"on_{name}": text_on(colour) for name, colour in told.items()}
    return {**told, **on, **texts, **tints}


def _paled(ground: str, texts: Collection[str]) -> str:
    """Return a ground, paler by as little as lets all texts be read on it."""
    steps = (mixed(ground, WHITE, part, _STEPS) for part in range(_STEPS + 1))
    return next(one for one in steps if all(contrast(text, one) >= LEGIBLE for text in texts))
