"""``billhook plugin``: what a tenant has switched on, and how it is set up."""

import sys
from typing import TYPE_CHECKING, Any

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table
from billhook.cli.values import PAIR
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billhook.problems import Problem
    from billhook.sdk.context import Context
    from billhook.services.plugins import PluginEntry


@click.group()
def plugin() -> None:
    """Switch plugins on and off for a tenant, and set them up.

    \b
    billhook plugin list --tenant shop
    billhook plugin enable tax_rules --tenant shop
    """


@tenant_command(plugin, "list")
def list_plugins(ctx: "Context") -> Answer:
    """List all installed plugins, with what is wrong with those that do not work.

    \b
    billhook plugin list --tenant shop

    Next: billhook plugin enable NAME; billhook NAME --help for a plugin's own commands.
    """
    from billhook.plugins.runtime import relay
    from billhook.services import plugins

    found = plugins.catalogue(ctx)
    commands = {
        name: [str(command.name) for command in offered]
        for name, offered in relay(ctx).commands().items()
    }
    titles = (_("plugin"), _("version"), _("state"), _("commands"), _("title"))
    rows = [
        (one.name, one.version, one.state, ", ".join(commands.get(one.name, [])), one.title)
        for one in found
    ]
    content = [{**_entry(one), "commands": commands.get(one.name, [])} for one in found]
    health = [f"{one.name}: {problem.message}" for one in found for problem in one.health]
    return Answer({"plugins": content}, [Table(titles, rows)], warnings=health)


def _entry(entry: "PluginEntry") -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.title,
        "summary": entry.summary,
        "version": entry.version,
        "distribution": entry.distribution,
        "state": entry.state,
        "families": entry.families,
        "hooks": entry.hooks,
        "depends": entry.depends,
        "sends_data_to": entry.sends_data_to,
        "problems": [_problem(problem) for problem in entry.health],
    }


def _problem(problem: "Problem") -> dict[str, str]:
    return {"code": problem.code, "path": problem.path, "message": problem.message}


@tenant_command(plugin, "enable", causes_jobs=True)
@click.argument("name")
def enable(ctx: "Context", name: str) -> Answer:
    """Switch a plugin on for the tenant.

    \b
    billhook plugin enable tax_rules --tenant shop

    Next: billhook plugin settings NAME
    """
    from billhook.services import plugins

    name = name.replace("-", "_")
    found = plugins.enable(ctx, name)
    return _switched(name, "enabled", _("%(name)s is enabled.", name=name), found)


@tenant_command(plugin, "disable", causes_jobs=True)
@click.argument("name")
def disable(ctx: "Context", name: str) -> Answer:
    """Switch a plugin off for the tenant, everywhere at once. Its data stays.

    \b
    billhook plugin disable tax_rules --tenant shop
    """
    from billhook.services import plugins

    name = name.replace("-", "_")
    found = plugins.disable(ctx, name)
    return _switched(name, "disabled", _("%(name)s is disabled.", name=name), found)


def _switched(name: str, state: str, text: str, found: "Sequence[Problem]") -> Answer:
    content = {"name": name, "state": state, "warnings": [_problem(one) for one in found]}
    return Answer(content, [text], warnings=[one.message for one in found])


@tenant_command(plugin, "settings")
@click.argument("name")
@click.argument("values", nargs=-1, type=PAIR, metavar="[SETTING=VALUE]...")
@click.option("--unset", multiple=True, metavar="SETTING", help="Back to its default.")
@click.option(
    "--secret",
    multiple=True,
    metavar="SETTING",
    help="Ask for its value, or read a line of stdin.",
)
def settings(
    ctx: "Context",
    name: str,
    values: tuple[tuple[str, str], ...],
    unset: tuple[str, ...],
    secret: tuple[str, ...],
) -> Answer:
    """Show or change a plugin's settings. Secrets go in and never come out.

    \b
    billhook plugin settings tax_rules --tenant shop
    billhook plugin settings tax_rules refuses_wrong_numbers=true --tenant shop
    """
    from billhook.services import plugins

    name = name.replace("-", "_")
    changes: dict[str, str | None] = dict(values)
    changes |= dict.fromkeys(unset)
    changes |= {setting: _ask(setting) for setting in secret}
    warnings = plugins.change_settings(ctx, name, changes) if changes else []
    found = plugins.read_settings(ctx, name)
    shown = [
        {
            "name": one.name,
            "value": None if one.field.is_secret else one.value,
            "is_secret": one.field.is_secret,
            "is_set": one.is_set,
            "source": one.source,
            "label": one.label,
            "hint": one.hint,
        }
        for one in found
    ]
    titles = (_("setting"), _("value"), _("from"), _("meaning"))
    rows = [(one["name"], _hidden(one), one["source"], one["label"]) for one in shown]
    return Answer(
        {"plugin": name, "settings": shown},
        [Table(titles, rows)],
        warnings=[one.message for one in warnings],
    )


def _ask(setting: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(setting, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _hidden(setting: dict[str, Any]) -> str:
    if not setting["is_secret"]:
        return str(setting["value"])
    return "***" if setting["is_set"] else ""
