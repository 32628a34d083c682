"""The jobs that mail clients' people the links by which they get in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from billhook.jobs.handlers import handles
from billhook.plugins.outward import SENDING
from billhook.sdk.context import Context
from billhook.services import client_invitations
from billhook.services.portal import password_resets

_MARGIN = timedelta(minutes=1)


@handles(
    client_invitations.JOB, deadline=SENDING + _MARGIN, own_transactions=True, runs_plugins=True
)
def mail_invitation(ctx: Context, payload: Mapping[str, Any]) -> None:
    client_invitations.send(ctx, UUID(payload["contact_id"]))


@handles(password_resets.JOB, deadline=SENDING + _MARGIN, own_transactions=True, runs_plugins=True)
def mail_reset(ctx: Context, payload: Mapping[str, Any]) -> None:
    password_resets.send(ctx, UUID(payload["contact_id"]))
