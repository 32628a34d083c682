"""The namespaces of UBL 2.1."""

from functools import lru_cache

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
AGGREGATE = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
BASIC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"

PREFIXES = {"cac": AGGREGATE, "cbc": BASIC}


@lru_cache(maxsize=1024)
def tag(name: str) -> str:
    """Return the full tag of ``cbc:ID``."""
    prefix, _colon, local = name.partition(":")
    return f"{{{PREFIXES[prefix]}}}{local}"
