"""Documents as PDF."""

from collections.abc import Sequence

from billhook.sdk.hookspecs import HOOK_API, hookimpl
from billhook.sdk.info import PluginInfo
from billhook.sdk.providers import RendererFactory
from billhook_render_pdf import __version__
from billhook_render_pdf.renderer import PdfRenderer

info = PluginInfo(
    name="render_pdf",
    title="PDF",
    summary="Documents as PDF, with embedded fonts for the world's scripts.",
    version=__version__,
    hook_api=HOOK_API,
)


@hookimpl
def register_renderers() -> Sequence[RendererFactory]:
    return [PdfRenderer]
