"""Webhooks: who is told of what happens, what they were told, and what they answered.

`endpoints` says whom to tell, `messages` writes what to tell, `sending` claims what
is due and records what came of it, `log` shows that, `replaying` tells again.
"""

from billhook.services.webhooks.endpoints import (
    Endpoint,
    EndpointInput,
    NewEndpoint,
    NewSecret,
    change,
    create,
    get,
    pause,
    remove,
    resume,
    rotate,
    search,
)
from billhook.services.webhooks.log import (
    Attempt,
    DeliveryEntry,
    DeliveryFilter,
    DeliveryView,
    deliveries,
    delivery,
)
from billhook.services.webhooks.replaying import replay, replay_failed, send_test
from billhook.services.webhooks.samples import EventType, event_types, sample_message

__all__ = [
    "Attempt",
    "DeliveryEntry",
    "DeliveryFilter",
    "DeliveryView",
    "Endpoint",
    "EndpointInput",
    "EventType",
    "NewEndpoint",
    "NewSecret",
    "change",
    "create",
    "deliveries",
    "delivery",
    "event_types",
    "get",
    "pause",
    "remove",
    "replay",
    "replay_failed",
    "resume",
    "rotate",
    "sample_message",
    "search",
    "send_test",
]
