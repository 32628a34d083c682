"""Bill runs that their starter left to a job, or did not finish."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from billhook.jobs.handlers import handles
from billhook.sdk.context import Context
from billhook.services import billing

LONGEST_RUN = timedelta(hours=6)


@handles(billing.CONTINUE, deadline=LONGEST_RUN, own_transactions=True, runs_plugins=True)
def continue_run(ctx: Context, payload: Mapping[str, Any]) -> None:
    billing.resume(ctx, UUID(payload["run_id"]))
