"""Parts of the site that keep their own door: who comes in there, and how a refusal reads.

The pages check people's sessions and refuse with a page. What an edge has under
its prefix, it checks and refuses by itself.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request

V = TypeVar("V")
_EXTENSION = "billhook.edges"

OWN_DOMAIN = "billhook.own_domain"
"""In the environment of a request that came to a tenant's own domain: the tenant's slug."""
OWN_BRAND = "billhook.own_brand"
"""Beside it: the id of the brand whose face strangers see there, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The addresses under a prefix, and what answers an error there."""

    prefix: str
    refuse: Callable[[Exception], Response]


def add_edge(app: Flask, edge: Edge) -> None:
    """Leave the addresses under a prefix to an edge."""
    app.extensions.setdefault(_EXTENSION, []).append(edge)


def edge_asked() -> Edge | None:
    """Return the edge that this request is for; None for the pages."""
    edges: list[Edge] = current_app.extensions.get(_EXTENSION, [])
    return next((edge for edge in edges if request.path.startswith(edge.prefix)), None)


def during(block: AbstractContextManager[V]) -> V:
    """Enter a block that lasts as long as the request; return what it gives."""
    return g.blocks.enter_context(block)  # type: ignore[no-any-return]


def host_name(header: str) -> str | None:
    """Read the name of a Host header without the port, in small letters; what is no name is nobody's."""
    if set(header) & set("@/?#\\"):
        return None
    try:
        return urlsplit(f"//{header}").hostname
    except ValueError:
        return None
