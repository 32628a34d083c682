"""What waits to be billed: found, looked at, held, released, withdrawn, added by hand."""

from billhook.web.charges.pages import blueprint

__all__ = ["blueprint"]
