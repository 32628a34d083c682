"""The servers that tests run against, and the command that lends them to another program."""

import os
import subprocess
import sys

import psycopg
import pytest

from billhook.testing import services

ASK_BOTH = """
import os, psycopg, redis
url = os.environ["BILLHOOK_TEST_DATABASE_URL"].replace("+psycopg", "")
with psycopg.connect(url) as connection:
    print(connection.info.server_version >= 150000)
with redis.Redis.from_url(os.environ["BILLHOOK_TEST_REDIS_URL"]) as client:
    print(client.ping())
"""


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {
        name: value for name, value in os.environ.items() if not name.startswith("BILLHOOK_TEST_")
    }
    return subprocess.run(
        [sys.executable, "-m", "billhook.testing.services", "run", "--", *command],
        capture_output=True,
        text=True,
        env={**own, **environment},
        timeout=120,
    )


@pytest.mark.slow
def test_a_command_reaches_both_servers_by_its_environment():
    done = run(sys.executable, "-c", ASK_BOTH)
    assert done.stdout.split() == ["True", "True"], done.stderr


@pytest.mark.slow
def test_the_command_decides_the_exit_status():
    assert run(sys.executable, "-c", "raise SystemExit(3)").returncode == 3


def test_a_server_that_cannot_be_started_has_a_status_of_its_own(tmp_path):
    done = run("true", BILLHOOK_TEST_POSTGRES_BIN=str(tmp_path))
    assert done.returncode == services.UNAVAILABLE
    assert "PostgreSQL" in done.stderr


def test_a_named_server_is_used_and_not_started(monkeypatch):
    monkeypatch.setenv("BILLHOOK_TEST_REDIS_URL", "redis://elsewhere/3")
    with services.redis() as url:
        assert url == "redis://elsewhere/3"


@pytest.mark.slow
def test_nothing_is_left_of_a_server_after_its_block(monkeypatch):
    monkeypatch.delenv("BILLHOOK_TEST_DATABASE_URL", raising=False)
    with services.postgres() as url:
        address = url.replace("+psycopg", "")
        with psycopg.connect(address) as connection:
            folder = connection.execute("SHOW data_directory").fetchone()[0]
        assert os.path.exists(folder)
    assert not os.path.exists(folder)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)
