"""Plugins by the API: which there are, how they do, setting them up, switching them."""

from collections.abc import Sequence

from billhook.api.schemas.plugins import (
    ConditionAnswer,
    ConsequencesAnswer,
    HealthAnswer,
    PluginAnswer,
    PluginsQuery,
    SettingAnswer,
    SettingChanges,
    SettingsAnswer,
    SwitchedAnswer,
)
from billhook.api.schemas.problems import remarks
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.problems import Problem
from billhook.sdk.api import Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import plugin_health, plugin_settings, plugins

routes = Routes("plugins", "Prices, taxes, channels and formats: switched on, set up and tried.")


@routes.get("/plugins", requires="plugins.view")
def list_plugins(ctx: Context, query: PluginsQuery) -> Page[PluginAnswer]:
    """List every plugin that is installed, refused or gone: all on one page."""
    found = [one for one in plugins.catalogue(ctx) if query.state in (None, one.state)]
    return Page(data=[PluginAnswer.of(one) for one in found], next=None)


@routes.get("/plugins/<name>", requires="plugins.view")
def get_plugin(ctx: Context, name: str) -> PluginAnswer:
    """Get a plugin: what it is and does, and whether it works."""
    return _plugin(ctx, name)


@routes.get("/plugins/<name>/condition", requires="plugins.view")
def get_plugin_condition(ctx: Context, name: str) -> ConditionAnswer:
    """Tell what went wrong with a plugin of late."""
    return ConditionAnswer.of(plugin_health.condition(ctx, _plugin(ctx, name).name))


@routes.get("/plugins/<name>/consequences", requires="plugins.view")
def list_plugin_consequences(ctx: Context, name: str) -> ConsequencesAnswer:
    """Tell what would follow from disabling a plugin."""
    found = plugins.consequences(ctx, _plugin(ctx, name).name)
    return ConsequencesAnswer(consequences=remarks(found))


@routes.post("/plugins/<name>/enable", requires="plugins.manage")
def enable_plugin(ctx: Context, name: str) -> SwitchedAnswer:
    """Switch a plugin on; one that is on stays on.

    What stands against it is answered with 422. See `sends_data_to` of the plugin for
    whom data goes to. Needs `plugins.view`, too.
    """
    return _switched(ctx, name, plugins.enable(ctx, _plugin(ctx, name).name))


@routes.post("/plugins/<name>/disable", requires="plugins.manage")
def disable_plugin(ctx: Context, name: str) -> SwitchedAnswer:
    """Switch a plugin off, and name what follows from it; one that is off stays off.

    Its data stays, and enabling it again brings all back. While another plugin needs
    it, the answer is 422. Needs `plugins.view`, too.
    """
    return _switched(ctx, name, plugins.disable(ctx, _plugin(ctx, name).name))


@routes.get("/plugins/<name>/settings", requires="plugins.manage")
def get_plugin_settings(ctx: Context, name: str) -> SettingsAnswer:
    """Get the settings of a plugin, but for the values of secrets."""
    return _settings(ctx, name)


@routes.patch("/plugins/<name>/settings", requires="plugins.manage")
def change_plugin_settings(
    ctx: Context, name: str, body: SettingChanges, match: Match
) -> SettingsAnswer:
    """Change settings of a plugin; it can be set up before it is enabled."""
    plugin_settings.read_settings(ctx, name)
    version = match.require(plugin_settings.settings_version(ctx, name))
    found = plugin_settings.change_settings(ctx, name, body.values, version=version)
    return _settings(ctx, name, found)


@routes.post("/plugins/<name>/check", requires="plugins.manage")
def check_plugin(ctx: Context, name: str, key: str | None) -> HealthAnswer:
    """Let a plugin try its connections with the stored settings, enabled or not.

    It calls servers elsewhere, which may take some seconds. A sandbox calls nobody, and
    answers 409.
    """
    return HealthAnswer.of(plugin_health.check(ctx, name, key=key))


def _plugin(ctx: Context, name: str) -> PluginAnswer:
    """Raises NotFound."""
    for one in plugins.catalogue(ctx):
        if one.name == name:
            return PluginAnswer.of(one)
    raise NotFound(_("plugin"), name)


def _switched(ctx: Context, name: str, warnings: Sequence[Problem]) -> SwitchedAnswer:
    return SwitchedAnswer(plugin=_plugin(ctx, name), warnings=remarks(warnings))


def _settings(ctx: Context, name: str, warnings: Sequence[Problem] = ()) -> SettingsAnswer:
    entries = plugin_settings.read_settings(ctx, name)
    return SettingsAnswer(
        settings=[SettingAnswer.of(one) for one in entries],
        version=plugin_settings.settings_version(ctx, name),
        warnings=remarks(warnings),
    )
