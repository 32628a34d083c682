"""DATEV export for Billhook: the journal as an EXTF posting batch."""

__version__ = "0.1.0"
