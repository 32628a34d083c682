"""The plugin as the core finds it: its hooks fit the contract."""

from importlib.metadata import entry_points

import pluggy

from billhook.sdk.hookspecs import HOOK_API, MODULES, PROJECT
from billhook_render_pdf import plugin


def test_the_entry_point_is_named_like_the_plugin():
    (found,) = entry_points(group="billhook.plugins", name="render_pdf")
    assert found.load().info.name == "render_pdf"
    assert plugin.info.hook_api == HOOK_API


def test_every_hook_is_one_of_the_contract():
    manager = pluggy.PluginManager(PROJECT)
    for module in MODULES:
        manager.add_hookspecs(module)
    manager.register(plugin)
    manager.check_pending()


def test_a_pdf_is_offered():
    (factory,) = plugin.register_renderers()
    assert (factory.key, factory.content_type, factory.extension) == (
        "render_pdf.xhtml2pdf",
        "application/pdf",
        "pdf",
    )
