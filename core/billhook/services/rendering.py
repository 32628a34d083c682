"""Publications become files for people: one path for previews and for what is kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from billhook.domain.publications import Publication
from billhook.plugins.relay import Relay
from billhook.plugins.runtime import relay, runtime
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.sdk.providers import Page
from billhook.services import brands, payment_codes
from billhook.services.presenting import present

_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedFile:
    """A document as a file, and what is not perfect about it."""

    name: str
    content_type: str
    content: bytes
    problems: tuple[Problem, ...]


def rendered(
    ctx: Context, publication: Publication, *, pictures: Mapping[str, bytes] | None = None
) -> RenderedFile:
    """Render a document by its brand's theme and renderer; outside any transaction.

    The pictures are the brand's own unless others are given. Raises PluginUnavailable,
    PluginFailed, Retryable, Rejected, ThemeMissing.
    """
    way: Relay = relay(ctx)
    renderer = way.renderer(publication.brand.renderer, ctx)
    (found,) = renderer.render([page(ctx, publication, pictures=pictures)])
    return RenderedFile(
        name=file_name(publication, renderer.extension),
        content_type=renderer.content_type,
        content=found.content,
        problems=found.problems,
    )


def page(
    ctx: Context, publication: Publication, *, pictures: Mapping[str, bytes] | None = None
) -> Page:
    """Return a document as markup by its brand's theme, with all that the markup shows."""
    view = present(publication)
    theme = runtime().themes.get(publication.brand.theme)
    resources = {
        **theme.resources(),
        **(brands.pictures(ctx, publication.brand) if pictures is None else pictures),
        **payment_codes.pictures(publication),
    }
    return Page(
        publication=publication,
        view=view,
        html=theme.document_html(view, publication.brand, resources),
        resources=resources,
    )


def file_name(publication: Publication, extension: str) -> str:
    """Return a name that every file system takes: the number, or that it is a draft."""
    return f"{safe_name(publication.number) or publication.document.id}.{extension}"


def safe_name(text: str) -> str:
    """Return a text as a name without an extension; empty where nothing of it is left."""
    return _UNSAFE.sub("-", text).strip("-.")
