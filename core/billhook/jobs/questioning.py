"""The jobs that tell each side what the other said about a document."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from billhook.jobs.handlers import handles
from billhook.plugins.outward import SENDING
from billhook.sdk.context import Context
from billhook.services.questions import telling

_EVENTS = ("question.asked", "question.answered", "question.closed", "question.reopened")


@handles("questions.tell", on=_EVENTS)
def tell(ctx: Context, payload: Mapping[str, Any]) -> None:
    telling.tell(ctx, payload["event"], payload)


@handles(
    telling.MAIL,
    deadline=SENDING + timedelta(minutes=1),
    own_transactions=True,
    runs_plugins=True,
)
def mail(ctx: Context, payload: Mapping[str, Any]) -> None:
    telling.mail(ctx, payload)
