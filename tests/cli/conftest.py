"""The command line as a person types it, in this process."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from billhook.__main__ import PROGRAM
from billhook.cli.main import billhook as group


@dataclass(frozen=True)
class Ran:
    """What a command printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def billhook(app, monkeypatch) -> Run:
    """Return a function that runs a command and expects its exit status, 0 where none is named."""
    for name in ("BILLHOOK_TENANT", "BILLHOOK_PORT"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: object, status: int = 0, typed: str | None = None) -> Ran:
        result = CliRunner().invoke(
            group,
            [str(word) for word in words],
            obj=PROGRAM,
            prog_name="billhook",
            input=typed,
        )
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.stdout + result.stderr
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def shop(billhook) -> Run:
    """Return `billhook` with a tenant in the environment that sells goods in Germany."""
    billhook(
        *("tenant", "create", "shop", "--name", "Shop GmbH", "--country", "DE"),
        *("--currency", "EUR", "--vat-id", "DE136695976", "--supplies", "goods"),
    )

    def run(*words: object, **options: Any) -> Ran:
        return billhook("--tenant", "shop", *words, **options)

    return run


@pytest.fixture
def file(tmp_path) -> Callable[[str], Path]:
    """Return a function that writes a file and returns where it is."""

    def write(text: str, name: str = "rows.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


CUSTOMERS = "customer,name,country\nann,Ann Lee,DE\nbob,Bob Ray,FR\n"
CHARGES = (
    "customer,reference,date,description,quantity,unit_price\n"
    "ann,r1,2026-01-05,Chair,2,50\n"
    "ann,r2,2026-01-06,Table,1,100.50\n"
    "bob,r3,2026-01-07,Lamp,1,20\n"
)


@pytest.fixture
def charged(shop, file) -> Run:
    """Return `shop` with two customers and three charges that wait."""
    shop("import", "customers", file(CUSTOMERS))
    shop("import", "charges", file(CHARGES))
    return shop


@pytest.fixture
def billed(charged) -> Run:
    """Return `charged` after its bill run."""
    charged("bill-run", "--until", "2026-01-31", "--issue-date", "2026-01-31")
    return charged
