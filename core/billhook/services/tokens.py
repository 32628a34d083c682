"""Tokens that let somebody in: 256 random bits, of which the database knows the hash alone."""

import secrets
from hashlib import sha256

LONGEST = 100


def new_token() -> str:
    """Return a token that fits into a link or a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """Return what is stored of a token. It is random, so that no salt is needed."""
    return sha256(token[:LONGEST].encode()).digest()
