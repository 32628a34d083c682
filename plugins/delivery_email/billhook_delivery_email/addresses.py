"""Addresses of mail: their form, and how they travel (RFC 5321, RFC 6531, RFC 5890)."""

import re

import idna

from billhook import limits
from billhook.problems import Problem
from billhook_delivery_email.texts import gettext

LONGEST_LOCAL_PART = 64
_LOCAL_PART = re.compile(r"[^\s\x00-\x20\x7f-\xa0\"(),:;<>@\[\\\]]+")
"""A dot-atom, in any script; quoted local parts are refused."""
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII | re.IGNORECASE)


def address_problem(address: str, *, path: str) -> Problem | None:
    """Tell what is wrong with an address; None where it can be written to."""
    if travelling(address) is not None:
        return None
    return Problem(
        code="delivery_email.address_malformed",
        path=path,
        message=gettext(
            "“%(address)s” is not an address of e-mail. Write one such as anna@example.com.",
            address=address[:80],
        ),
    )


def travelling(address: str) -> str | None:
    """Return an address with its domain as servers know it; None for one that is none."""
    local, at, domain = address.rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local) or not address.isprintable():
        return None
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return None
    known = ascii_domain(domain)
    if known is None or len(local.encode()) > LONGEST_LOCAL_PART:
        return None
    sent = f"{local}@{known}"
    return sent if len(sent.encode()) <= limits.EMAIL else None


def ascii_domain(domain: str) -> str | None:
    """Return a domain as it stands in DNS; None for one that cannot."""
    try:
        known = idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        known = domain.casefold()
    return known if is_domain(known) else None


def is_domain(name: str) -> bool:
    """Tell whether a name has the form of a host's, in ASCII."""
    labels = name.split(".")
    return len(name) <= limits.EMAIL and all(_LABEL.fullmatch(label) for label in labels)


def is_plain(address: str) -> bool:
    """Tell whether any server can carry the address: nothing but ASCII in it."""
    return address.isascii()
