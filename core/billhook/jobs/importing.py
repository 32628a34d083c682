"""Files that are too large to be read while somebody waits."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from billhook.jobs.handlers import handles
from billhook.sdk.context import Context
from billhook.services import import_runs
from billhook.services.import_runs.reading import WORK

LONGEST = timedelta(hours=2)


@handles(WORK, deadline=LONGEST, own_transactions=True, runs_plugins=True)
def read(ctx: Context, payload: Mapping[str, Any]) -> None:
    import_runs.work(ctx, UUID(payload["run_id"]))
