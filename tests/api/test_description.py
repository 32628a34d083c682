"""The API does what its description says: schemathesis asks it all that it can think of."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from werkzeug.serving import make_server

SECONDS = 45
"""How long the phases that go on as long as they may take; the first two take what they take."""

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture
def served(office, program):
    """The office's API on a port of this machine, and a key of all scopes."""
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/api/v1/openapi.json", program().secret
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
def test_all_checks_and_phases_find_nothing(served, tmp_path):
    description, secret = served
    told = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            f"--config-file={CONFIGURATION}",
            "run",
            description,
            f"--header=Authorization: Bearer {secret}",
            "--phases=examples,coverage,fuzzing,stateful",
            "--checks=all",
            "--max-examples=1",
            f"--max-time={SECONDS}",
            "--rate-limit=98/s",
            "--workers=2",
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
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in told.stdout, told.stdout[-2_000:]
