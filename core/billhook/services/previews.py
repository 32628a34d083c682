"""Samples by a theme, as files to look at: `billhook theme preview`."""

from collections.abc import Iterator

from billhook.domain.deliveries import Tone
from billhook.domain.publications import Publication
from billhook.plugins.registries import RENDERERS
from billhook.plugins.runtime import relay, runtime
from billhook.sdk.context import Context
from billhook.sdk.providers import Page
from billhook.services import payment_codes
from billhook.services.messages import message_view
from billhook.services.portal import guest_links
from billhook.services.presenting import present
from billhook.services.samples import SAMPLES
from billhook.services.standalone import standalone


def sample_files(ctx: Context, theme_name: str, sample: str) -> Iterator[tuple[str, bytes]]:
    """Give name and content of each file. Raises ThemeMissing, PluginFailed, Rejected."""
    publication = SAMPLES[sample](theme_name)
    page = sample_page(publication)
    yield f"{sample}.html", standalone(page).encode()
    if publication.brand.renderer in relay(ctx).keys(RENDERERS):
        renderer = relay(ctx).renderer(publication.brand.renderer, ctx)
        (found,) = renderer.render([page])
        yield f"{sample}.{renderer.extension}", found.content
    for tone in Tone:
        theme = runtime().themes.get(theme_name)
        view = message_view(publication, tone, link=guest_links.example(ctx))
        mail = theme.mail(view, publication.brand, {})
        yield f"{sample}-mail-{tone}.html", mail.html.encode()
        yield f"{sample}-mail-{tone}.txt", mail.text.encode()


def sample_page(publication: Publication) -> Page:
    """Return a sample as a page by its brand's theme. Raises ThemeMissing, PluginFailed."""
    theme = runtime().themes.get(publication.brand.theme)
    view = present(publication)
    resources = {**theme.resources(), **payment_codes.pictures(publication)}
    html = theme.document_html(view, publication.brand, resources)
    return Page(publication=publication, view=view, html=html, resources=resources)
