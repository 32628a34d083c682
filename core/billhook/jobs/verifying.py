"""The job that recomputes the books for whoever asked on the screen."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from billhook.jobs.handlers import handles
from billhook.sdk.context import Context
from billhook.services import verification_runs
from billhook.services.verification_runs import VERIFY

LONGEST = timedelta(hours=6)


@handles(VERIFY, deadline=LONGEST, own_transactions=True)
def verify(ctx: Context, payload: Mapping[str, Any]) -> None:
    verification_runs.work(ctx, UUID(payload["run_id"]))
