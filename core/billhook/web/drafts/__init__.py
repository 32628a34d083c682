"""Drafts: found, typed, looked at, issued."""

from billhook.web.drafts.pages import blueprint

__all__ = ["blueprint"]
