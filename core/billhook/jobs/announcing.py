"""The jobs that tell clients of documents, and forget what was told long ago."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from billhook.jobs.handlers import handles
from billhook.plugins.outward import SENDING
from billhook.sdk.context import Context
from billhook.services.portal import announcing, notices

_MARGIN = timedelta(minutes=5)
"""Channels are asked whom they write to, for each customer whose people want mails."""


@handles("portal.announce", on=("document.issued",), when=announcing.has_readers, of_batches=True)
def announce(ctx: Context, payload: Mapping[str, Any]) -> None:
    announcing.announce(ctx, UUID(payload["batch_id"]))


@handles(announcing.MAIL, deadline=SENDING + _MARGIN, own_transactions=True, runs_plugins=True)
def mail(ctx: Context, payload: Mapping[str, Any]) -> None:
    announcing.mail(ctx, UUID(payload["batch_id"]))


@handles("portal.take_back", on=("document.voided",), when=announcing.has_readers)
def take_back(ctx: Context, payload: Mapping[str, Any]) -> None:
    announcing.take_back(ctx, [UUID(payload["document_id"]), UUID(payload["reversal_id"])])


@handles("client_notices.tidy", own_transactions=True)
def tidy(ctx: Context, _payload: Mapping[str, Any]) -> None:
    while notices.tidy(ctx):
        pass
