"""Tax rules for Billhook: value added tax and sales tax by date, place and kind of supply."""
