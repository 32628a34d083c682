"""Canonical JSON and the hash chains that make the books provable.

``content = SHA-256(canonical JSON)``; ``hash = SHA-256(0x01 ‖ previous hash, 32
bytes, zero at first ‖ chain id, 16 ‖ counter, int64 big-endian ‖ SHA-256 of the
printed number (documents only) ‖ content, 32)``. The chain id is the series
run's UUID for documents and the tenant's for the journal.
"""

from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

FIRST = bytes(32)
"""What stands for the previous hash of the first record in a chain."""

_VERSION = b"\x01"


def canonical(value: Any) -> bytes:
    """Return RFC 8785 JSON. Keys are ASCII and every leaf is a text, so sorting suffices.

    Ids and dates become texts on the way, as `str` and `isoformat` write them.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def content_hash(content: bytes) -> bytes:
    """Return the SHA-256 that stands for a content in its chain."""
    return sha256(content).digest()


def commitment(salt: bytes, content: bytes) -> bytes:
    """Return what stands for personal data in a hash: without the salt it proves nothing."""
    return sha256(salt + content).digest()


def document_hash(
    previous: bytes, run_id: UUID, counter: int, printed_number: str, content_hash: bytes
) -> bytes:
    """Link a document to the one before it in its series run."""
    return sha256(
        _VERSION
        + previous
        + run_id.bytes
        + counter.to_bytes(8, "big", signed=True)
        + sha256(printed_number.encode()).digest()
        + content_hash
    ).digest()


def entry_hash(previous: bytes, tenant_id: UUID, sequence: int, content_hash: bytes) -> bytes:
    """Link a journal entry to the one before it."""
    return sha256(
        _VERSION
        + previous
        + tenant_id.bytes
        + sequence.to_bytes(8, "big", signed=True)
        + content_hash
    ).digest()
