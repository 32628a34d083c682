"""Kill workers and bill runs at random, 200 times on each database, and look for what is broken.

No floor, no rate: it passes or it does not. `--quick` kills 10 times.
"""

import os
import subprocess
import sys
import time

import _stage

FULL, QUICK = 200, 10


def survived(backend: str, kills: int) -> dict[str, object]:
    """Run the crash tests on a database; return how they ended."""
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/crash"],
        env={**os.environ, "BILLHOOK_TEST_BACKEND": backend, "BILLHOOK_CRASH_KILLS": str(kills)},
        stdout=sys.stderr,
        check=False,
    )
    return {
        f"{backend}_whole": ended.returncode == 0,
        f"{backend}_seconds": round(time.monotonic() - began),
    }


if __name__ == "__main__":
    options = _stage.arguments(__doc__ or "")
    kills = QUICK if options.quick else FULL
    figures = {"kills": kills, **survived("sqlite", kills), **survived("postgresql", kills)}
    _stage.show(figures, as_json=options.json)
    sys.exit(not (figures["sqlite_whole"] and figures["postgresql_whole"]))
