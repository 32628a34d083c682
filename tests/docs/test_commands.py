"""What the documentation says of commands is what they do."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from billhook.__main__ import PROGRAM
from billhook.cli.main import billhook
from billhook.cli.reference import reference

DOCS = Path(__file__).parents[2] / "docs"
HOW_TOS = [
    "import-charges.md",
    "bill-a-month.md",
    "invite-people.md",
    "price-by-tiers.md",
    "charge-taxes.md",
    "brand-documents.md",
]


def test_the_reference_is_current():
    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    assert page == reference(), "python -m billhook.cli.reference > docs/reference/cli.md"


@pytest.mark.parametrize("name", HOW_TOS)
def test_a_how_to_works_as_it_is_written(app, tmp_path, monkeypatch, name):
    """Its files are written and its commands run, from top to bottom."""
    monkeypatch.chdir(tmp_path)
    text = (DOCS / "howto" / name).read_text(encoding="utf-8")
    ran = 0
    for file, language, block in re.findall(
        r"(?:`(\w+\.csv)`:\n\n)?```(\w+)\n(.*?)```", text, re.DOTALL
    ):
        if language == "csv":
            Path(file).write_text(block, encoding="utf-8")
            continue
        for line in block.splitlines():
            program, *words = shlex.split(line)
            assert program == "billhook"
            result = CliRunner().invoke(billhook, words, obj=PROGRAM)
            assert result.exit_code == 0, (line, result.stdout, result.stderr)
            ran += 1
    assert ran >= 5
