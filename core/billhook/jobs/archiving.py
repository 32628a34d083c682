"""The job that makes PDFs for clients who want all documents of a period."""

from collections.abc import Mapping
from typing import Any

from billhook.jobs.handlers import handles
from billhook.sdk.context import Context
from billhook.services.portal import archives


@handles(archives.JOB, deadline=archives.LONGEST, own_transactions=True, runs_plugins=True)
def make_pdfs(ctx: Context, payload: Mapping[str, Any]) -> None:
    archives.make(ctx, payload)
