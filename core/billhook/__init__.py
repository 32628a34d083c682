"""Billhook: an open billing platform built on hooks."""

__version__ = "0.1.0"
