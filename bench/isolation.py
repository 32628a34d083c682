"""100,000 requests each of a person, a program and a client, with what is another's everywhere: nothing may leak.

Ids, numbers and words of the other company, for a client of other clients, stand in path, query, form or JSON, and headers.

The floor: as many requests by the same test client to a bare Flask that answers each by
404. Rates are requests a second of CPU, those of the fuzz with its search for leaks.
`--quick` sends 800 of each. It ends with 1 where anything leaked, changed or crashed.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import _stage
from flask import Flask

FULL, QUICK, PARTS = 100_000, 800, 8
CLIENT_PARTS = 4
TESTS = (
    *("tests/isolation/test_fuzz.py", "tests/isolation/test_client_fuzz.py"),
    *("-k", "test_no_request"),
)
FLOOR = 2_000


def fuzzed(requests: int) -> tuple[bool, list[dict[str, float]]]:
    """Send the requests, as the tests do; return whether all held, and what each part tells."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = {"BILLHOOK_FUZZ_REQUESTS": str(requests), "BILLHOOK_FUZZ_FIGURES": folder}
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *TESTS],
            env={**os.environ, **wanted},
            stdout=sys.stderr,
            check=False,
        )
        told = [json.loads(path.read_text()) for path in sorted(Path(folder).glob("*.json"))]
        return ended.returncode == 0 and len(told) == 2 * PARTS + CLIENT_PARTS, told


def floor() -> float:
    """Return how many requests a second a bare Flask answers by 404."""
    client = Flask("floor").test_client()
    began = time.process_time()
    for number in range(FLOOR):
        client.get(f"/nothing/{number}")
    return FLOOR / (time.process_time() - began)


if __name__ == "__main__":
    options = _stage.arguments(__doc__ or "")
    is_whole, told = fuzzed(QUICK if options.quick else FULL)
    sent, seconds = sum(one["requests"] for one in told), sum(one["seconds"] for one in told)
    floor_rate, rate = floor(), sent / seconds if seconds else 0.0
    figures: dict[str, object] = {
        "requests": sent,
        "leaks": sum(one["leaks"] for one in told),
        "rate": round(rate, 1),
        "floor_rate": round(floor_rate, 1),
        "ratio": round(floor_rate / rate, 1) if rate else None,
    }
    _stage.show(figures, as_json=options.json)
    sys.exit(not is_whole)
