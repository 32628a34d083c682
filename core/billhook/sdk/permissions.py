"""Permissions: what a role may do, named ``resource.verb``. API scopes are the same strings."""

from dataclasses import dataclass

from babel.support import LazyProxy


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that a role can allow."""

    name: str
    label: str | LazyProxy
