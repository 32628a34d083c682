"""Webhooks: who is told of what happens, what they were told, and what they answered."""

from billhook.web.webhooks import acts, deliveries, pages
from billhook.web.webhooks.room import blueprint, deliveries_blueprint

__all__ = ["acts", "blueprint", "deliveries", "deliveries_blueprint", "pages"]
