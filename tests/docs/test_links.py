"""Every relative link in the documentation leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for path in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("plugins/*/*.md"),
        *ROOT.glob("themes/*/*.md"),
    ]
    if ".venv" not in path.parts
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    relative = [link.partition("#")[0] for link in links if "://" not in link]
    missing = [link for link in relative if link and not (page.parent / link).exists()]
    assert missing == []


def test_the_front_page_leads_to_every_page_for_people():
    index = (ROOT / "docs" / "README.md").read_text()
    pages = [
        path.relative_to(ROOT / "docs")
        for folder in ("howto", "reference", "explanation")
        for path in (ROOT / "docs" / folder).glob("*.md")
    ]
    assert [str(page) for page in pages if str(page) not in index] == []
