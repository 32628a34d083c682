"""The settings of a company: its card of contents, company form, tax registrations, rates."""

from billhook.web.settings import company, index, rates, registrations
from billhook.web.settings.rooms import blueprint

__all__ = ["blueprint", "company", "index", "rates", "registrations"]
