"""Renderers: a publication becomes a file that people open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from billhook.domain.document_view import DocumentView
from billhook.domain.publications import Publication
from billhook.problems import Problem
from billhook.sdk.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document or a statement, ready to be rendered."""

    view: DocumentView
    html: str
    """By the brand's theme; names resources as `resource:<name>`."""
    resources: Mapping[str, bytes] = field(default_factory=dict)
    """All that the page may load, by name: logo, codes, pictures of the theme."""
    publication: Publication | None = None
    """The document; None of a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A file, and what is not perfect about it, such as characters that no font has."""

    content: bytes
    problems: tuple[Problem, ...] = ()


@runtime_checkable
class Renderer(Protocol):
    """A provider of family "renderer". Keys are ``<plugin>.<name>``."""

    key: str
    content_type: str
    extension: str  # without the dot

    def render(self, pages: Sequence[Page]) -> Sequence[Rendered]:
        """Render a batch: one answer per page, in the same order.

        Loads nothing but the page's resources. Raises Rejected for a page that
        cannot be rendered within its limits, Retryable where another try may help.
        """
        ...


@runtime_checkable
class RendererFactory(Protocol):
    """Makes a renderer for a tenant."""

    key: str

    def __call__(self, ctx: Context) -> Renderer: ...
