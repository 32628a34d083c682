"""What every printed page has, whatever stands on it: the paper, its foot, its number."""

from collections.abc import Iterator

from billhook.domain.brands import Brand
from billhook.domain.document_view import Direction, Paper
from billhook.services.presenting.texts import gettext as _
from billhook.services.presenting.texts import is_right_to_left

_LETTER = frozenset({"CA", "US"})
"""Countries that print on US Letter."""


def direction(language: str) -> Direction:
    return "rtl" if is_right_to_left(language) else "ltr"


def paper(country: str) -> Paper:
    """Return what a seller's country prints on."""
    return "letter" if country in _LETTER else "a4"


def footer(brand: Brand) -> Iterator[str]:
    """Each is a line at the foot of every page."""
    yield from (line.strip() for line in brand.legal_text.split("\n") if line.strip())


def page_words() -> tuple[str, str, str]:
    """Return what stands before, between and after the page's number and their count."""
    before, _page, rest = _("Page %(page)s of %(pages)s").partition("%(page)s")
    between, _pages, after = rest.partition("%(pages)s")
    return before, between, after


def sandbox_mark() -> str:
    """Return what stands across the pages of a sandbox."""
    return _("TEST")
