"""The default theme of Billhook: data alone."""
