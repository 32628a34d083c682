"""The dated versions of the API: a key is answered in the one that it was made in."""

FIRST = "2026-11-30"
"""The version that the API began with."""

LATEST = FIRST
"""In which new keys are answered."""
