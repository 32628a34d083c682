"""Bill runs: chosen, looked at before they start, followed, and what came of them."""

from billhook.web.bill_runs.pages import blueprint

__all__ = ["blueprint"]
