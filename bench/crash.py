"""Kill workers and bill runs at random, 200 times on each database, and look for what is broken.

No floor, no rate: it passes or it does not. `--quick` kills bill runs alone, 5 times.
"""

import os
import subprocess
import sys
import time

import _stage

FULL, QUICK = 200, 5
EVERYTHING = ("tests/crash",)
BILL_RUNS = ("tests/crash/test_bill_run.py", "-k", "killed_runs")


def survived(backend: str, kills: int, tests: tuple[str, ...]) -> dict[str, object]:
    """Run crash tests on a database; return how they ended."""
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *tests],
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
    how = (QUICK, BILL_RUNS) if options.quick else (FULL, EVERYTHING)
    figures = {"kills": how[0], **survived("sqlite", *how), **survived("postgresql", *how)}
    _stage.show(figures, as_json=options.json)
    sys.exit(not (figures["sqlite_whole"] and figures["postgresql_whole"]))
