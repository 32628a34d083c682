"""The core's recurring jobs: chaining the audit log, and forgetting what has served."""

from collections.abc import Callable, Mapping
from typing import Any

from billhook.jobs.handlers import handles
from billhook.sdk.context import Context
from billhook.services import audit, idempotency, outbox, sessions


@handles("audit.link", own_transactions=True)
def link_audit(ctx: Context, _payload: Mapping[str, Any]) -> None:
    _until_nothing_is_left(lambda: audit.link(ctx))


@handles("audit.link_all", own_transactions=True)
def link_all_audit(ctx: Context, _payload: Mapping[str, Any]) -> None:
    _until_nothing_is_left(lambda: audit.link(ctx, reach=None))


@handles("idempotency.tidy")
def tidy_idempotency(ctx: Context, _payload: Mapping[str, Any]) -> None:
    idempotency.tidy(ctx)


@handles("outbox.tidy", own_transactions=True)
def tidy_outbox(ctx: Context, _payload: Mapping[str, Any]) -> None:
    _until_nothing_is_left(lambda: outbox.tidy(ctx))


@handles("sessions.tidy")
def tidy_sessions(_ctx: Context, _payload: Mapping[str, Any]) -> None:
    sessions.tidy()


def _until_nothing_is_left(act: Callable[[], int]) -> None:
    while act():
        pass
