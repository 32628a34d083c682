"""The plugin as the core finds it: its hooks fit the contract."""

from importlib.metadata import entry_points
from pathlib import Path

from billhook.plugins.discovery import discover
from billhook_pricing_standard import __version__, plugin


def test_the_core_takes_it():
    (found,) = entry_points(group="billhook.plugins", name="pricing_standard")
    assert found.dist.version == __version__
    assert discover(None, [found.load()]).installed.keys() == {"pricing_standard"}


def test_it_offers_both_models_settings_and_a_command():
    offered = discover(None, [plugin]).installed["pricing_standard"].registered
    assert list(offered.providers["pricing model"]) == [
        "pricing_standard.flat",
        "pricing_standard.per_unit",
    ]
    assert offered.settings.plugin == "pricing_standard"
    assert [command.name for command in offered.commands] == ["quote"]


def test_the_plugin_s_module_is_a_table_of_contents():
    assert len(Path(plugin.__file__).read_text().splitlines()) < 100
