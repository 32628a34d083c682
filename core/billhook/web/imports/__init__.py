"""Files in: brought, matched, tried, stored."""

from billhook.web.imports.pages import blueprint

__all__ = ["blueprint"]
