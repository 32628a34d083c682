"""The set writer: frozen documents and entries in, sealed rows out.

Nothing else inserts into the sealed tables.
"""

from billhook.kernel.posting import Prepared, post, prepare
from billhook.kernel.refusals import refusal

__all__ = ["Prepared", "post", "prepare", "refusal"]
