"""The plugin as the core finds it: its hooks fit the contract."""

from importlib.metadata import entry_points
from pathlib import Path

from billhook.plugins.discovery import discover
from billhook_pricing_tiered import __version__, plugin


def test_the_core_takes_it():
    (found,) = entry_points(group="billhook.plugins", name="pricing_tiered")
    assert found.dist.version == __version__
    assert discover(None, [found.load()]).installed.keys() == {"pricing_tiered"}


def test_it_offers_five_models_and_two_commands():
    offered = discover(None, [plugin]).installed["pricing_tiered"].registered
    assert list(offered.providers["pricing model"]) == [
        "pricing_tiered.graduated",
        "pricing_tiered.volume",
        "pricing_tiered.stairstep",
        "pricing_tiered.package",
        "pricing_tiered.tiered_package",
    ]
    assert [command.name for command in offered.commands] == ["quote", "check"]


def test_the_plugin_s_module_is_a_table_of_contents():
    assert len(Path(plugin.__file__).read_text().splitlines()) < 100
