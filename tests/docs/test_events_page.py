"""The page about events lists all that there are, as they are."""

from pathlib import Path

from billhook.services.webhooks.reference import page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "events.md"


def test_the_page_is_current():
    command = "python -m billhook.services.webhooks.reference > docs/reference/events.md"
    assert PAGE.read_text(encoding="utf-8") == page(), command
