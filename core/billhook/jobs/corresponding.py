"""The job that brings letters to contacts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from billhook.jobs.handlers import handles
from billhook.plugins.outward import SENDING
from billhook.sdk.context import Context
from billhook.services.portal import letters

_MARGIN = timedelta(minutes=2)
"""To lay the letter out before it goes."""


@handles(letters.JOB, deadline=SENDING + _MARGIN, own_transactions=True, runs_plugins=True)
def letter(ctx: Context, payload: Mapping[str, Any]) -> None:
    letters.send_queued(ctx, payload)
