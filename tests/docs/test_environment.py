"""The page about the environment names every variable that the code reads."""

import re
from pathlib import Path

import pytest

import billhook
from billhook.config import Config, SettingInvalid

CORE = Path(billhook.__file__).parent
PLUGINS = Path(__file__).parents[2] / "plugins"
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "environment.md"
INTERNAL = {"BILLHOOK_TEST_RUN", "BILLHOOK_TEST_RUN_FOLDER", "BILLHOOK_SCHEMA_IS_CURRENT"}


def test_every_variable_is_on_the_page():
    read = {
        name
        for path in (*CORE.rglob("*.py"), *PLUGINS.glob("*/billhook_*/**/*.py"))
        for name in re.findall(r"[\"`]?(BILLHOOK_[A-Z_]*[A-Z])\b", path.read_text())
    }
    assert read - INTERNAL == set(re.findall(r"BILLHOOK_[A-Z_]*[A-Z]\b(?!>)", PAGE.read_text()))


def test_a_number_that_is_none_is_named(tmp_path):
    with pytest.raises(SettingInvalid, match="BILLHOOK_LEASE_SECONDS"):
        Config.from_environ({"BILLHOOK_HOME": str(tmp_path), "BILLHOOK_LEASE_SECONDS": "1e3"})


def test_keys_are_made_once_and_for_the_owner_alone(tmp_path):
    first = Config.from_environ({"BILLHOOK_HOME": str(tmp_path)})
    assert Config.from_environ({"BILLHOOK_HOME": str(tmp_path)}) == first
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_postgresql_url_needs_no_driver(tmp_path, scheme):
    url = f"{scheme}://app@db/billhook"
    config = Config.from_environ({"BILLHOOK_HOME": str(tmp_path), "BILLHOOK_DATABASE_URL": url})
    assert config.database_url == "postgresql+psycopg://app@db/billhook"


def test_links_lead_to_the_port_that_answers(tmp_path):
    config = Config.from_environ({"BILLHOOK_HOME": str(tmp_path), "BILLHOOK_PORT": "9000"})
    assert config.base_url == "http://127.0.0.1:9000"
