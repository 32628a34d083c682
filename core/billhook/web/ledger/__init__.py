"""The ledger's room: journal, accounts, trial balance, handing over, verifying."""

from billhook.web.ledger import accounts, handing_over, journal, verifying
from billhook.web.ledger.rooms import blueprint

__all__ = ["accounts", "blueprint", "handing_over", "journal", "verifying"]
