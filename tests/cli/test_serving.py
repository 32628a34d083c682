"""The commands that stay: they start, answer and stop when they are told."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from billhook.cli.people import ROLES as OFFERED
from billhook.services.permissions import ROLES


@contextmanager
def running(tmp_path, *words, **environ):
    """Run a command in a process of its own, on an installation of its own."""
    kept = {name: value for name, value in os.environ.items() if "BILLHOOK" not in name}
    process = subprocess.Popen(
        [sys.executable, "-m", "billhook", *words],
        env={**kept, "BILLHOOK_HOME": str(tmp_path / "home"), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(url, process):
    for _try in range(200):
        assert process.poll() is None, process.stdout.read()
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_and_stops(tmp_path, told):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running(tmp_path, "serve", BILLHOOK_PORT=str(port)) as process:
        assert wait_for(f"http://127.0.0.1:{port}/health", process) == 200
        process.send_signal(told)
        process.wait(timeout=30)
        assert f"http://127.0.0.1:{port}" in process.stdout.read()


@pytest.mark.slow
def test_the_worker_stops_when_it_is_told(tmp_path):
    with running(tmp_path, "worker") as process:
        for _try in range(200):
            if (tmp_path / "home" / "billhook.db").exists():
                break
            time.sleep(0.1)
        time.sleep(3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0, process.stdout.read()


def test_people_are_offered_every_role():
    assert set(OFFERED) == set(ROLES)
