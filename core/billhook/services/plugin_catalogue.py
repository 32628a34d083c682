"""The catalogue of plugins: what is installed, how it is, and who switched it on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.i18n import gettext as _
from billhook.models.people import Person
from billhook.plugins import activation, fence
from billhook.plugins.activation import Activation
from billhook.plugins.admission import InstalledPlugin
from billhook.plugins.contract import HookContract
from billhook.plugins.migrating import plugin_status
from billhook.plugins.runtime import runtime
from billhook.problems import Problem, Severity
from billhook.sdk.context import Context
from billhook.services.plugin_settings import setting_problems

State = Literal["enabled", "available", "refused", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginEntry:
    """A plugin in the catalogue: installed, refused, or enabled once and gone."""

    name: str
    title: str
    summary: str
    version: str
    distribution: str
    families: tuple[str, ...]
    hooks: tuple[str, ...]
    depends: tuple[str, ...]
    sends_data_to: str
    state: State
    """For the tenant; without one, a plugin that can be enabled is available."""
    health: tuple[Problem, ...]
    """What is wrong with it; empty is well."""
    changed_at: datetime | None
    """When the tenant last switched it on or off."""
    changed_by: UUID | None
    changed_by_name: str
    """The person's name; empty was the operator."""


def catalogue(ctx: Context | None = None) -> list[PluginEntry]:
    """List all plugins that are installed, refused, or known to the tenant, by name."""
    host = runtime().host
    if ctx is not None:
        ctx.require("plugins.view")
    known = activation.activations() if ctx is not None else {}
    people = _names(known.values())
    names = sorted({*host.installed, *host.refused, *known})
    return [_entry(ctx, name, known.get(name), people) for name in names]


def _entry(
    ctx: Context | None, name: str, known: Activation | None, people: dict[UUID, str]
) -> PluginEntry:
    host = runtime().host
    plugin, refusal = host.installed.get(name), host.refused.get(name)
    distribution = plugin.distribution if plugin else refusal.distribution if refusal else ""
    return PluginEntry(
        name=name,
        title=plugin.info.title if plugin else name,
        summary=plugin.info.summary if plugin else "",
        version=plugin.info.version if plugin else "",
        distribution=distribution,
        families=plugin.families if plugin else (),
        hooks=plugin.hooks if plugin else (),
        depends=plugin.info.depends if plugin else (),
        sends_data_to=plugin.info.sends_data_to if plugin else "",
        state=_state(name, known),
        health=_health(ctx, name, known),
        changed_at=known.changed_at if known else None,
        changed_by=known.changed_by if known else None,
        changed_by_name=people.get(known.changed_by, "") if known and known.changed_by else "",
    )


def _state(name: str, known: Activation | None) -> State:
    host = runtime().host
    if name in host.refused:
        return "refused"
    if name not in host.installed:
        return "missing"
    return "enabled" if known and known.is_enabled else "available"


def _health(ctx: Context | None, name: str, known: Activation | None) -> tuple[Problem, ...]:
    host = runtime().host
    if refusal := host.refused.get(name):
        return (Problem(code=refusal.code, path=name, message=refusal.reason),)
    if name not in host.installed:
        return (Problem(code="plugin.missing", path=name, message=host.absence(name)),)
    found = [_hangs(name)] if name in fence.hung() else []
    found += table_problems(host.installed[name])
    found += deprecations(host.installed[name], host.contracts)
    if ctx is not None and known and known.is_enabled:
        found += setting_problems(ctx, host.installed[name])
    return tuple(found)


def deprecations(plugin: InstalledPlugin, contracts: Mapping[str, HookContract]) -> list[Problem]:
    """Warn of each hook that the plugin implements and that will go."""
    return [
        Problem(
            code="plugin.hook_deprecated",
            path=hook,
            severity=Severity.WARNING,
            message=_(
                "It implements %(hook)s, which is deprecated: %(advice)s",
                hook=hook,
                advice=contracts[hook].deprecated,
            ),
        )
        for hook in plugin.hooks
        if contracts[hook].deprecated
    ]


def _hangs(name: str) -> Problem:
    return Problem(
        code="plugin.hangs",
        path=name,
        severity=Severity.WARNING,
        message=_(
            "A call that overran its deadline still runs in this process. Restart it to be rid of it."
        ),
    )


def _names(known: Iterable[Activation]) -> dict[UUID, str]:
    ids = {each.changed_by for each in known if each.changed_by}
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return dict(rows.tuples().all())


def table_problems(plugin: InstalledPlugin) -> list[Problem]:
    """Tell whether a plugin's tables wait for an upgrade."""
    status = plugin_status(plugin.module, db.session.connection())
    if status is None or status.is_current:
        return []
    return [
        Problem(
            code="plugin.tables_old",
            path=plugin.name,
            message=_(
                "The tables of “%(plugin)s” are not up to date. The operator runs: "
                "billhook db upgrade",
                plugin=plugin.name,
            ),
        )
    ]
