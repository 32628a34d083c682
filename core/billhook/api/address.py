"""Where the API is."""

PREFIX = "/api/"
BASE = "/api/v1"
DESCRIPTION = f"{BASE}/openapi.json"
REFERENCE = f"{BASE}/docs"
PUBLIC = frozenset({DESCRIPTION, REFERENCE})
"""What says nothing of any tenant, and needs no key."""
