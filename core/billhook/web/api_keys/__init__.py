"""API keys: making, changing, rotating and revoking them, and what was asked with them."""

from billhook.web.api_keys import ending, pages, request_log
from billhook.web.api_keys.room import blueprint, requests_blueprint

__all__ = ["blueprint", "ending", "pages", "request_log", "requests_blueprint"]
