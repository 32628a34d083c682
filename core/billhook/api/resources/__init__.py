"""The routes of the core, in the order of the reference."""

from collections.abc import Sequence

from billhook.api.resources import customers, webhooks
from billhook.sdk.api import Routes

ROUTES: Sequence[Routes] = (customers.routes, webhooks.routes)
