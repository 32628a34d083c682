"""Standard prices for Billhook: flat amounts, and prices per unit."""

__version__ = "0.1.0"
