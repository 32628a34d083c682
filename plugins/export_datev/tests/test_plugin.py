"""The plugin as the core finds it."""

from importlib.metadata import entry_points

import pluggy

from billhook.sdk.hookspecs import HOOK_API, MODULES, PROJECT
from billhook_export_datev import plugin
from billhook_export_datev.settings import ExportDatevSettings


def test_the_entry_point_is_named_like_the_plugin():
    (found,) = entry_points(group="billhook.plugins", name="export_datev")
    assert found.load().info.name == "export_datev"
    assert plugin.info.hook_api == HOOK_API


def test_every_hook_is_one_of_the_contract():
    manager = pluggy.PluginManager(PROJECT)
    for module in MODULES:
        manager.add_hookspecs(module)
    manager.register(plugin)
    manager.check_pending()


def test_an_export_and_its_settings_are_offered():
    (factory,) = plugin.register_ledger_exports()
    assert factory.key == "export_datev.extf"
    assert plugin.register_settings() is ExportDatevSettings
