"""Charges that come of charges: the parts of one that was torn, and what is billed anew.

Their references are made of the id of what they come from, so that the same part
cannot be billed a second time: source and reference are unique.
"""

import re
from dataclasses import dataclass
from uuid import UUID

SPLIT = "split"
"""Source of the charges that supersede a charge whose lines went apart."""

REBILLED = "rebill"
"""Source of the charges that bill again what a credit note took back."""

_REFERENCE = re.compile(r"([0-9a-f]{32})-([A-Z])([1-9][0-9]*)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a charge comes from: a charge where it is a part, a credit note where it is billed anew."""

    id: UUID
    part: str
    line_no: int


def child_reference(origin_id: UUID, part: str, line_no: int) -> str:
    """Return the reference of a charge that comes of another thing."""
    return f"{origin_id.hex}-{part}{line_no}"


def origin_of(source: str, reference: str) -> Origin | None:
    """Return what a charge comes from; None where it came from outside."""
    found = _REFERENCE.fullmatch(reference) if source in (SPLIT, REBILLED) else None
    return Origin(id=UUID(found[1]), part=found[2], line_no=int(found[3])) if found else None
