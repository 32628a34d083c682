"""What became of what: how drafts and documents descend from each other."""

from enum import StrEnum


class LinkKind(StrEnum):
    SPLIT = "split"
    MERGED = "merged"
    REBILLED = "rebilled"
    DUPLICATED = "duplicated"
    CREDITED = "credited"  # not stored: a credit note names its invoice itself
