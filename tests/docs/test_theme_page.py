"""A theme is made, installed and used by what the how-to says alone."""

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

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "make-a-theme.md"
NAME = r"`([\w/]+\.(?:cfg|toml|py|html|txt|css))`"

BILLHOOK = """
import json, os, sys
from click.testing import CliRunner
from billhook.__main__ import PROGRAM
from billhook.app import create_app
from billhook.cli.main import billhook
from billhook.config import Config


def portal(path):
    # in an application that finds the theme
    app = create_app(Config.from_environ(os.environ))
    with app.test_client() as client:
        answer = client.get(path)
        style = answer.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
        return [answer.status_code, answer.text, client.get(style).text]


answers = [CliRunner().invoke(billhook, words, obj=PROGRAM) for words in json.load(sys.stdin)]
ran = [[answer.exit_code, answer.output] for answer in answers]
print(json.dumps([ran, portal("/portal/shop/log-in")]))
"""


def steps(text: str) -> Iterator[tuple[str, str, str]]:
    """Return each block with its language and the file that the paragraph before it begins with."""
    end = 0
    for block in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        paragraphs = text[end : block.start()].strip().split("\n\n")
        named = [found for one in paragraphs for found in re.findall(NAME, one)]
        end = block.end()
        yield block[1], named[-1] if named and block[1] != "sh" else "", block[2]


def installer() -> list[str]:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    return [uv, "pip"] if uv else [sys.executable, "-m", "pip"]


@pytest.mark.slow
def test_a_theme_is_made_installed_and_used_as_the_how_to_says(tmp_path):
    site, folder = tmp_path / "site", tmp_path / "theme"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BILLHOOK_")}
    environ = {**kept, "PYTHONPATH": str(site), "BILLHOOK_HOME": str(tmp_path / "home")}
    lines: list[str] = []
    for language, name, block in steps(PAGE.read_text(encoding="utf-8")):
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

    assert lines[0] == "pip install -e ."
    run(*installer(), "install", "--quiet", "--no-deps", "--target", str(site), ".")
    commands = [shlex.split(line)[1:] for line in lines[1:]]
    answers, (status, page, style) = json.loads(
        run(sys.executable, "-c", BILLHOOK, typed=json.dumps(commands))
    )
    assert [
        (words, out) for words, (status, out) in zip(commands, answers, strict=True) if status
    ] == []
    told = {" ".join(words[:2]): out for words, (_, out) in zip(commands, answers, strict=True)}
    assert re.search(r"^paper +1\.0\.0 +installed", told["theme list"], re.MULTILINE)
    assert (status, '<header class="sheet">' in page) == (200, True)
    assert 'name="password"' in page
    assert ".sheet { display: flex;" in style
    assert "--accent:#333333;" in style
    assert "--ground:#f4f1ea;" in style
    page = (folder / "preview" / "one-line.html").read_text(encoding="utf-8")
    assert "5.712,00" in page
    assert (folder / "preview" / "one-line.pdf").read_bytes().startswith(b"%PDF")
    assert (
        "hier ist deine Rechnung"
        in (folder / "preview" / "one-line-mail-friendly.txt").read_text()
    )
