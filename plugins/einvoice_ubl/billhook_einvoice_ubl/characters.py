"""Texts as XML can hold them."""

import re

_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may contain, not even escaped; and CR, which parsers turn into LF."""


def clean(text: str) -> str:
    """Return the text without space around it, a mark in place of each forbidden character."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n")).strip()
