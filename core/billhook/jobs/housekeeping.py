"""The core's own jobs: chaining the audit log, forgetting what has served, mailing resets."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from billhook.jobs.handlers import handles
from billhook.plugins.outward import SENDING
from billhook.sdk.context import Context
from billhook.services import (
    api_requests,
    audit,
    idempotency,
    outbox,
    password_resets,
    portal_usage,
    sessions,
)
from billhook.services.portal import one_time_links
from billhook.services.portal import sessions as client_sessions


@handles("api_requests.tidy", own_transactions=True)
def tidy_api_requests(ctx: Context, _payload: Mapping[str, Any]) -> None:
    _until_nothing_is_left(lambda: api_requests.tidy(ctx))


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


@handles("portal_visits.tidy", own_transactions=True)
def tidy_portal_visits(ctx: Context, _payload: Mapping[str, Any]) -> None:
    _until_nothing_is_left(lambda: portal_usage.tidy(ctx))


@handles("sessions.tidy")
def tidy_sessions(ctx: Context, _payload: Mapping[str, Any]) -> None:
    sessions.tidy()
    client_sessions.tidy(ctx)
    one_time_links.tidy()


@handles(
    password_resets.JOB,
    deadline=SENDING + timedelta(minutes=1),
    own_transactions=True,
    runs_plugins=True,
)
def mail_reset(ctx: Context, payload: Mapping[str, Any]) -> None:
    password_resets.send(ctx, UUID(payload["person_id"]))


def _until_nothing_is_left(act: Callable[[], int]) -> None:
    while act():
        pass
