"""A person's own account: who they are, how they prove it, where they are logged in."""

from billhook.web.account import factors, profile, security
from billhook.web.account.room import blueprint

__all__ = ["blueprint", "factors", "profile", "security"]
