"""Brands and templates: how documents and mails look, shown while one types."""

from billhook.web.brands import pages, samples, template_pages, testing
from billhook.web.brands.rooms import blueprint

__all__ = ["blueprint", "pages", "samples", "template_pages", "testing"]
