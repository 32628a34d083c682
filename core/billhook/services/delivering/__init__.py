"""Deliveries: documents on their way to clients, by channels that plugins bring.

A delivery is made with all that it says, tried by a job until the other side has
it or clearly refuses, and told about later by its channel. No step is done
twice: what may have reached the other side is not sent again unless a person
says so.
"""

from billhook.services.delivering.attempting import attempt, give_up
from billhook.services.delivering.planning import plan, sends_by_itself
from billhook.services.delivering.reading import (
    DeliveryEntry,
    DeliveryView,
    RecipientEntry,
    Step,
    get,
    listing,
    of_document,
)
from billhook.services.delivering.reporting import DeliveryReports
from billhook.services.delivering.retrying import retry, retry_all
from billhook.services.delivering.sending import send
from billhook.services.delivering.trying import trial

__all__ = [
    "DeliveryEntry",
    "DeliveryReports",
    "DeliveryView",
    "RecipientEntry",
    "Step",
    "attempt",
    "get",
    "give_up",
    "listing",
    "of_document",
    "plan",
    "retry",
    "retry_all",
    "send",
    "sends_by_itself",
    "trial",
]
