"""``billhook <plugin> …``: the commands of a plugin, for tenants that have it enabled."""

from collections.abc import Mapping
from importlib.metadata import entry_points

import click

from billhook.cli.failing import Failure
from billhook.cli.session import acting, application, tenant_slug
from billhook.i18n import gettext as _

ENTRY_POINTS = "billhook.plugins"


def plugin_group(name: str) -> click.Group | None:
    """Return the group of an installed plugin; None where no plugin has the name."""
    plugin = name.replace("-", "_")
    return PluginGroup(plugin) if plugin in entry_points(group=ENTRY_POINTS).names else None


class PluginGroup(click.Group):
    """Finds its commands once the tenant is known, wherever ``--tenant`` stands."""

    def __init__(self, plugin: str) -> None:
        super().__init__(
            plugin,
            help=_("Commands of the plugin “%(plugin)s”.", plugin=plugin),
            params=[click.Option(["--tenant"], metavar="SLUG", help="Whose; BILLHOOK_TENANT.")],
        )
        self.tenant: str | None = None
        self.found: Mapping[str, click.Command] | None = None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take ``--tenant`` out: the commands behind do not know it."""
        rest: list[str] = []
        waiting = iter(args)
        for word in waiting:
            if word == "--":
                rest += [word, *waiting]
            elif word == "--tenant":
                self.tenant = next(waiting, "")
            elif word.startswith("--tenant="):
                self.tenant = word.removeprefix("--tenant=")
            else:
                rest.append(word)
        return super().parse_args(ctx, rest)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._commands(ctx))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self._commands(ctx).get(cmd_name)

    def _commands(self, ctx: click.Context) -> Mapping[str, click.Command]:
        """Enter the tenant for as long as the command runs, and ask the plugin."""
        if self.found is None:
            from billhook.plugins.runtime import relay

            slug = tenant_slug(self.tenant, ctx)
            ctx.with_resource(application())
            ctx.obj = ctx.with_resource(acting(slug))
            if self.name not in ctx.obj.tenant.plugins:
                raise Failure("plugin.unavailable", _is_off(str(self.name), slug))
            offered = relay(ctx.obj).commands().get(str(self.name), ())
            self.found = {str(command.name): command for command in offered}
        return self.found


def _is_off(plugin: str, slug: str) -> str:
    return _(
        "The plugin “%(plugin)s” is not enabled for %(tenant)s. Run: billhook plugin enable "
        "%(plugin)s --tenant %(tenant)s",
        plugin=plugin,
        tenant=slug,
    )
