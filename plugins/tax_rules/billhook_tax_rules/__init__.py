"""Tax rules for Billhook: value added tax and sales tax by date, place and kind of supply."""

__version__ = "0.1.0"
