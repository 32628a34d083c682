"""Host names that can be a tenant's own: public in form, written by IDNA 2008."""

import re
from ipaddress import ip_address

import idna

LONGEST = 253

_LOCAL = frozenset(
    {"alt", "arpa", "home", "internal", "invalid", "lan", "local", "localhost", "onion"}
)
"""Top labels that no public DNS answers for (RFC 6761, RFC 6762, RFC 9476)."""

_REGISTRY = frozenset({"ac", "co", "com", "edu", "gob", "gov", "ne", "net", "or", "org"})
"""Second labels under which countries register names: nobody owns them whole."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)


class NotAHostName(ValueError):
    """The text names no host that could be a tenant's own."""


def normalised(text: str) -> str:
    """Return a host name in small letters, international ones as punycode. Raises NotAHostName."""
    name = text.strip().rstrip(".")
    if not name or len(name) > LONGEST:
        raise NotAHostName
    try:
        found = idna.encode(name, uts46=True, std3_rules=True).decode().lower()
    except idna.IDNAError as error:
        raise NotAHostName from error
    labels = found.split(".")
    if len(found) > LONGEST or not all(_LABEL.fullmatch(label) for label in labels):
        raise NotAHostName
    if len(labels) < 2 or _is_address(found) or labels[-1].isdigit() or labels[-1] in _LOCAL:
        raise NotAHostName
    if len(labels) == 2 and labels[0] in _REGISTRY and len(labels[1]) == 2:
        raise NotAHostName
    return found


def shown(domain: str) -> str:
    """Return a normalised name as people write it."""
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
