"""Tiered prices for Billhook: graduated, volume, stairstep, package and tiered package."""

__version__ = "0.1.0"
