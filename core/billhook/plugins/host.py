"""The plugins of one application: what is installed, what was refused, and the relays to them."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import lru_cache
from types import ModuleType

from billhook.config import Config
from billhook.i18n import gettext as _
from billhook.plugins.admission import new_manager
from billhook.plugins.contract import contracts
from billhook.plugins.discovery import GROUP, Discovery, discover
from billhook.plugins.relay import Relay
from billhook.sdk.hookspecs import MODULES

SETS_KEPT = 1024


class PluginHost:
    """Holds the plugins, and one pluggy manager for each set that some tenant has enabled.

    A set's manager never changes, so there is nothing to invalidate: a tenant
    that enables a plugin has another set.
    """

    def __init__(
        self,
        found: Discovery,
        *,
        deadline: timedelta,
        specifications: Sequence[ModuleType] = MODULES,
    ) -> None:
        self.installed = found.installed
        self.refused = found.refused
        self.deadline = deadline
        self.contracts = contracts(specifications)
        self._specifications = specifications
        self._relay = lru_cache(maxsize=SETS_KEPT)(self._make)

    @classmethod
    def discovered(
        cls,
        config: Config,
        plugins: Sequence[ModuleType] | None = None,
        *,
        core_permissions: Collection[str] | None = None,
    ) -> "PluginHost":
        """Find the installed plugins, or take exactly these modules; never raises for one of them."""
        group = GROUP if plugins is None else None
        found = discover(
            group,
            plugins or (),
            deadline=config.plugin_deadline,
            core_permissions=core_permissions,
        )
        return cls(found, deadline=config.plugin_deadline)

    def relay(self, enabled: frozenset[str]) -> Relay:
        """Return the way to the enabled plugins; names that are not installed are left out."""
        return self._relay(enabled.intersection(self.installed))

    def absence(self, name: str) -> str:
        """Say why a plugin is not there for a tenant, and what to do."""
        if refusal := self.refused.get(name):
            return _(
                "The plugin “%(plugin)s” was refused at start: %(reason)s",
                plugin=name,
                reason=refusal.reason,
            )
        if name in self.installed:
            return _(
                "The plugin “%(plugin)s” is not enabled. An administrator can change that: "
                "billhook plugin enable %(plugin)s",
                plugin=name,
            )
        return _(
            "The plugin “%(plugin)s” is not installed. Install its distribution beside Billhook, "
            "such as %(distribution)s, and run: billhook db upgrade",
            plugin=name,
            distribution=f"billhook-{name.replace('_', '-')}",
        )

    def _make(self, enabled: frozenset[str]) -> Relay:
        plugins = {name: each for name, each in self.installed.items() if name in enabled}
        manager = new_manager(self._specifications)
        for name, plugin in reversed(plugins.items()):  # pluggy calls the last one first
            manager.register(plugin.module, name=name)
        return Relay(self, plugins, manager)
