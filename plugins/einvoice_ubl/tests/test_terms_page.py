"""The page of business terms names what the code writes, and nothing else."""

import re
from pathlib import Path

import billhook_einvoice_ubl

CODE = Path(billhook_einvoice_ubl.__file__).parent
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "business-terms.md"
TERM = re.compile(r"\bB[TG]-\d+\b(?!-\d)")


def test_the_page_names_the_terms_that_are_written():
    code = "".join(
        (CODE / name).read_text()
        for name in ("terms.py", "elements.py", "writing.py", "writing_parties.py")
    )
    rows = [line.split("|")[1] for line in PAGE.read_text().splitlines() if line.startswith("| B")]
    assert set(TERM.findall(" ".join(rows))) == set(TERM.findall(code))
