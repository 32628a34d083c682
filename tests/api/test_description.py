"""The API does what its description says: schemathesis asks, with all its checks.

Its fourth phase, coverage, sends 17,000 requests in three minutes and is for a run by hand.
"""

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from werkzeug.serving import make_server

from billhook.services import portal_domains

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture
def served(office, program, monkeypatch):
    """The office's API on a port of this machine, and a key of all scopes."""
    no_records = SimpleNamespace(texts=lambda _name: [], aliases=lambda _name: [])
    monkeypatch.setattr(portal_domains, "DnsResolver", lambda: no_records)
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/api/v1/openapi.json", program().secret
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
def test_all_checks_find_nothing_in_three_phases(served, tmp_path):
    description, secret = served
    told = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            f"--config-file={CONFIGURATION}",
            "run",
            description,
            f"--header=Authorization: Bearer {secret}",
            "--phases=examples,fuzzing,stateful",
            "--checks=all",
            "--max-examples=1",
            "--rate-limit=98/s",
            "--workers=1",  # its generator is not safe for threads
            "--no-shrink",
            "--suppress-health-check=all",  # they are of the generator: how fast this machine is
            "--continue-on-failure",
            "--seed=20261121",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert told.returncode == 0, told.stdout[-20_000:]
    for phase in ("Examples", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in told.stdout, told.stdout[-2_000:]
