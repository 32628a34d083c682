"""The set writer: frozen documents and entries in, sealed rows out.

Nothing else inserts into the sealed tables.
"""

from billhook.kernel.posting import post
from billhook.kernel.refusals import refusal

__all__ = ["post", "refusal"]
