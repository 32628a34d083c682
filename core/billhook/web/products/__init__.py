"""What the tenant sells, and for how much."""

from billhook.web.products import prices
from billhook.web.products.pages import blueprint

prices.add_to(blueprint)

__all__ = ["blueprint"]
