"""Fields as the DATEV format wants them: semicolons, a comma in numbers, quotes around texts."""

from collections.abc import Collection, Sequence

from billhook.money import amount_text


def line(fields: Sequence[str], texts: Collection[int]) -> str:
    """Join a line's fields; those at the places of texts, counted from 1, stand in quotes."""
    return ";".join(
        quoted(field) if place in texts else field for place, field in enumerate(fields, 1)
    )


def quoted(field: str) -> str:
    """Put a text in quotation marks; those within it are doubled."""
    return '"' + field.replace('"', '""') + '"'


def number(minor: int, currency: str) -> str:
    """Write a sum with two decimals and a comma, whatever digits its currency has."""
    whole, _point, decimals = amount_text(minor, currency).partition(".")
    return f"{whole},{decimals[:2]:0<2}"


def text(told: str, length: int) -> str:
    """Take out what controls a printer, and cut the text."""
    return "".join(letter for letter in told if letter.isprintable())[:length].strip()
