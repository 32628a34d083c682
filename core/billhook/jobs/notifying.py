"""The jobs that tell members what went wrong or is done."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from billhook.jobs.handlers import handles
from billhook.sdk.context import Context
from billhook.services import alerting


@handles("notices.delivery_failed", on=("delivery.failed",))
def delivery_failed(ctx: Context, payload: Mapping[str, Any]) -> None:
    alerting.delivery_failed(ctx, UUID(payload["delivery_id"]), payload["event_id"])


@handles("notices.run_finished", on=("bill_run.finished",))
def run_finished(ctx: Context, payload: Mapping[str, Any]) -> None:
    alerting.run_finished(ctx, UUID(payload["run_id"]))
