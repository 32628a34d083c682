"""The how-to of the first hour does what it says, against a server that listens."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from billhook.__main__ import PROGRAM
from billhook.cli.main import billhook
from billhook.testing.chromium import serving

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "first-hour-with-the-api.md"


def blocks() -> list[tuple[str, str]]:
    return re.findall(r"^```(sh|bash|python)\n(.*?)^```$", PAGE.read_text("utf-8"), re.S | re.M)


def run_shell(script: str) -> str:
    done = subprocess.run(
        ["bash", "-euc", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, (script, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture
def secret(office) -> str:
    """Return the secret of the key that the how-to makes, in the office in place of the demo's company."""
    (command,) = [block for language, block in blocks() if language == "sh"]
    words = shlex.split(command.replace("--tenant nimbus", f"--tenant {office.ctx.tenant.slug}"))
    made = CliRunner().invoke(billhook, words[1:], obj=PROGRAM)
    assert made.exit_code == 0, made.output
    return json.loads(made.stdout)["secret"]


@pytest.fixture
def at_work(office, secret, monkeypatch, tmp_path):
    """Serve the office, and leave its address and a key where the how-to looks for them."""
    monkeypatch.chdir(tmp_path)
    with serving(office.app) as address:
        monkeypatch.setenv("BILLHOOK_URL", address)
        monkeypatch.setenv("BILLHOOK_API_KEY", secret)
        yield


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("curl") or os.environ.get("CI")), reason="curl is not installed"
)
def test_the_first_hour_goes_as_it_is_written(at_work, tmp_path):
    told: dict[str, Any] = {}
    printed = []
    for language, block in blocks():
        if language == "bash":
            printed.append(run_shell(block))
        elif language == "python":
            exec(compile(block, str(PAGE), "exec"), told)  # noqa: S102
    first, customer = printed
    assert json.loads(first).keys() == {"data", "next"}
    once, again = (json.loads(line) for line in customer.splitlines())
    assert once == again
    assert len(told["names"]) > 2  # more than a page
    assert (told["refused"].status_code, told["problem"]["problems"][0]["field"]) == (400, "nmae")
    assert told["late"].status_code == 412
    assert (told["document"]["details"]["purchase_order"], told["document"]["net"]) == (
        "PO-77",
        "1000.00",
    )
    assert told["document"]["customer_name"] == "Umbrella GmbH"
    assert told["credit"]["net"] == "200.00"
    assert (tmp_path / "invoice.pdf").read_bytes()
    assert told["secret"].startswith("whsec_")
    assert os.environ["BILLHOOK_API_KEY"] not in "".join(printed)
    told["api"].close()
