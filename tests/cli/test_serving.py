"""The commands that stay: they start, answer and stop when they are told."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, closing, contextmanager

import pytest

from billhook.testing.crashing import descendants, wait_until


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


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(url, process):
    for _try in range(1_200):
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
    port = free_port()
    with running(tmp_path, "serve", BILLHOOK_PORT=str(port)) as process:
        assert wait_for(f"http://127.0.0.1:{port}/health", process) == 200
        with ExitStack() as readers:
            for _reader in range(1_200):  # browsers whose people read
                readers.enter_context(socket.create_connection(("127.0.0.1", port)))
            assert wait_for(f"http://127.0.0.1:{port}/health", process) == 200
        process.send_signal(told)
        process.wait(timeout=30)
        assert f"http://127.0.0.1:{port}" in process.stdout.read()


def test_a_port_that_is_taken_is_said_to_be(billhook):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in ("serve", "demo"):
            ran = billhook(command, "--port", port, status=1)
            assert f"127.0.0.1:{port}" in ran.err
            assert "BILLHOOK_PORT=" in ran.err


@pytest.mark.slow
def test_the_demo_fills_serves_works_and_stops_and_is_there_the_next_time(tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    for said in ("The books are whole", "The demo is in"):
        with running(tmp_path, "demo", BILLHOOK_PORT=str(port)) as process:
            assert wait_for(f"{url}/health", process) == 200
            assert wait_for_mails(tmp_path / "home", process) == (23, 1, 18)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 0
            told = process.stdout.read()
        assert said in told
        assert url in told
        assert "ada@billhook.example" in told
        assert "billhook-demo" in told


def wait_for_mails(home, process):
    """Wait until every document of the demo has its message; count those that its sandboxes
    kept, those that have no address, and the e-invoices that passed their rules."""
    wanted = (
        "SELECT (SELECT count(*) FROM document),"
        " (SELECT count(*) FROM delivery WHERE state = 'sent' AND is_captured),"
        " (SELECT count(*) FROM delivery WHERE state = 'failed'),"
        " (SELECT count(*) FROM artefact WHERE rules LIKE '%EN 16931%'),"
        " (SELECT count(*) FROM outbox WHERE state = 'dead')"
    )
    for _try in range(180):
        assert process.poll() is None, process.stdout.read()
        with closing(sqlite3.connect(home / "billhook.db")) as database:
            documents, sent, failed, passed, dead = database.execute(wanted).fetchone()
        assert dead == 0
        if documents == sent + failed:
            return sent, failed, passed
        time.sleep(1)
    raise AssertionError(f"{sent} of {documents} documents went out")


@pytest.mark.slow
def test_the_worker_stops_when_it_is_told(tmp_path):
    with running(tmp_path, "worker") as process:
        wait_until(lambda: bool(descendants(process.pid)))  # the keeper of plugins' jobs: it works
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0, process.stdout.read()
