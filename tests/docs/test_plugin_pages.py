"""What the documentation says to plugin authors is so."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from billhook.plugins.reference import PAGES

DOCS = Path(__file__).parents[2] / "docs"
PYTHON = sys.executable
LANGUAGES = r"ini|toml|python|csv|sh"


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_current(name):
    page = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert page == PAGES[name](), "python -m billhook.plugins.reference docs/reference"


def steps(text: str) -> Iterator[tuple[str, str, str]]:
    """Return each block with its language and the last file names that the prose before it says."""
    names: list[str] = []
    end = 0
    for block in re.finditer(rf"^```({LANGUAGES})\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        prose = text[end : block.start()]
        names += re.findall(r"`([\w/]+\.(?:cfg|toml|py|csv))`", prose)
        end = block.end()
        language = block[1]
        yield language, "" if language == "sh" else names.pop(0), block[2]


def installer() -> list[str]:
    """Return what installs, as bin/_install does: uv, which has in its cache what it builds with, or pip."""
    uv = shutil.which("uv", path=str(Path(PYTHON).parent))
    return [uv, "pip"] if uv else [PYTHON, "-m", "pip"]


BILLHOOK = """
import json, sys
from click.testing import CliRunner
from billhook.__main__ import PROGRAM
from billhook.cli.main import billhook

answers = [CliRunner().invoke(billhook, words, obj=PROGRAM) for words in json.load(sys.stdin)]
print(json.dumps([[answer.exit_code, answer.output] for answer in answers]))
"""


@pytest.mark.slow
def test_a_plugin_is_written_installed_and_used_as_the_how_to_says(tmp_path):
    site, folder = tmp_path / "site", tmp_path / "plugin"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BILLHOOK_")}
    environ = {**kept, "PYTHONPATH": str(site), "BILLHOOK_HOME": str(tmp_path / "home")}
    lines: list[str] = []
    for language, name, block in steps((DOCS / "howto" / "write-a-plugin.md").read_text()):
        if language == "sh":
            lines += block.splitlines()
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(block, encoding="utf-8")

    def run(*command: str, typed: str = "") -> str:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environ,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    assert lines[:2] == ["pip install -e .", "pytest tests"]
    run(*installer(), "install", "--quiet", "--no-deps", "--target", str(site), ".")
    run(PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "tests")
    commands = [shlex.split(line)[1:] for line in lines[2:]]
    answers = json.loads(run(PYTHON, "-c", BILLHOOK, typed=json.dumps(commands)))
    *_, (last_status, last_output) = answers
    assert [
        (line, out) for line, (status, out) in zip(lines[2:-1], answers, strict=False) if status
    ] == []
    assert "48.00" in next(
        out for words, (_, out) in zip(commands, answers, strict=True) if words[0] == "bill-run"
    )
    assert last_status == 3
    assert "fills no whole packs of 6" in last_output
