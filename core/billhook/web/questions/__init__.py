"""Questions and disputes of clients: the list that finance works through, and each thread."""

from billhook.web.questions.pages import blueprint

__all__ = ["blueprint"]
