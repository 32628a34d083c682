"""The dated versions of the API: a key is answered in the one that it was made in."""

LATEST = "2026-11-30"
"""In which new keys are answered."""
