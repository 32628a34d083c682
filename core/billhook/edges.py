"""Parts of the site that keep their own door: who comes in there, and how a refusal reads.

The pages check people's sessions and refuse with a page. What an edge has under
its prefix, it checks and refuses by itself.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request

_EXTENSION = "billhook.edges"


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


def during(block: AbstractContextManager[object]) -> None:
    """Enter a block that lasts as long as the request."""
    g.blocks.enter_context(block)
