"""What states of endpoints and messages are called, and in which colour."""

from billhook.domain.webhooks import DisabledReason, EndpointState, WebhookDeliveryState
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.services.webhooks import DeliveryEntry, Endpoint
from billhook.services.webhooks.health import Health
from billhook.web.labels import label
from billhook.web.lists import Badge

FEW = 3
TONES = {
    EndpointState.ACTIVE: "good",
    EndpointState.PAUSED: "quiet",
    EndpointState.DISABLED: "bad",
}
DELIVERY_TONES = {
    WebhookDeliveryState.WAITING: "info",
    WebhookDeliveryState.DELIVERED: "good",
    WebhookDeliveryState.FAILED: "bad",
    WebhookDeliveryState.DROPPED: "bad",
}


def state_of(endpoint: Endpoint) -> Badge:
    """Return whether an endpoint is sent to; one that fails now says so."""
    if endpoint.state is EndpointState.ACTIVE and endpoint.failing_since:
        return Badge(_("Failing"), "warn")
    return Badge(label(endpoint.state), TONES[endpoint.state])


def reason_of(endpoint: Endpoint) -> str:
    """Say why an endpoint was disabled; empty where it is not."""
    match endpoint.state_reason:
        case DisabledReason.GONE:
            return _("It said that it is gone for good (410).")
        case DisabledReason.FAILING:
            return _("Nothing was received for five days.")
    return endpoint.state_reason


def delivery_state(one: DeliveryEntry) -> Badge:
    """Return what became of a message."""
    return Badge(label(one.state), DELIVERY_TONES[one.state])


def events_of(endpoint: Endpoint) -> str:
    """Say of what an endpoint is told: by name where there are few, else of how much."""
    if len(endpoint.events) > FEW:
        return ngettext("%(count)s event", "%(count)s events", len(endpoint.events))
    return ", ".join(endpoint.events) or _("All events")


def success_of(health: Health) -> str:
    """Say how much of what was sent in the last 24 hours was received."""
    finished = health.delivered + health.lost
    if not finished:
        return _("%(count)s waiting", count=health.waiting) if health.waiting else ""
    return _("%(received)s of %(all)s received", received=health.delivered, all=finished)
