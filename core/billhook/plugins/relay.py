"""The one way from the core to plugins: those that one set of names enables.

```python
for plugin, problems in relay(ctx).call("document_problems", ctx=ctx, …):
```
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
import pluggy

from billhook import db
from billhook.errors import PluginFailed, PluginOverran, PluginUnavailable
from billhook.i18n import gettext as _
from billhook.plugins.contract import mismatch
from billhook.plugins.fence import fenced, log
from billhook.plugins.inward import FencedDashboardTile, FencedLedgerExport
from billhook.plugins.outward import FencedChannel, FencedDocumentFormat, FencedRenderer
from billhook.plugins.providers import FencedPricingModel, FencedTaxEngine
from billhook.plugins.registries import (
    CHANNELS,
    DASHBOARD_TILES,
    DOCUMENT_FORMATS,
    LEDGER_EXPORTS,
    PRICING_MODELS,
    RENDERERS,
    TAX_ENGINES,
    Family,
)
from billhook.problems import Problem, Severity
from billhook.sdk.context import Context
from billhook.sdk.hookspecs import Failure
from billhook.sdk.jobs import PluginJob
from billhook.sdk.permissions import Permission
from billhook.sdk.portal import Panel, PortalPage, PortalVisitor

if TYPE_CHECKING:
    from billhook.plugins.admission import InstalledPlugin
    from billhook.plugins.host import PluginHost

F = TypeVar("F")

PAGE = timedelta(seconds=10)
"""How long a plugin may take over its page of the portal."""


class Contribution(NamedTuple):
    """What one plugin answered."""

    plugin: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What plugins contributed to something that goes on without the failed ones."""

    contributions: tuple[Contribution, ...]
    problems: tuple[Problem, ...]
    """One for each plugin that failed, as a warning."""


class Relay:
    """Calls the hooks and providers of enabled plugins, each behind its fence."""

    def __init__(
        self,
        host: "PluginHost",
        plugins: Mapping[str, "InstalledPlugin"],
        manager: pluggy.PluginManager,
    ) -> None:
        self.plugins = plugins
        self._host = host
        self._manager = manager
        self._callers: dict[str, list[tuple[str, pluggy.HookCaller]]] = {}

    def call(self, hook: str, **arguments: Any) -> list[Contribution]:
        """Ask every plugin that implements a strict hook.

        Raises PluginFailed for the first that raises, overruns or answers what
        the contract does not allow; Retryable and Rejected pass through.
        """
        self._expect(hook, Failure.STRICT)
        return list(self._answers(hook, arguments))

    def gather(self, hook: str, *, within: timedelta | None = None, **arguments: Any) -> Gathered:
        """Ask every plugin that implements an isolated hook; drop, log and say what fails.

        Each may take so long; without `within` as long as any call. An overrun inside a transaction raises PluginOverran nevertheless: the
        transaction is gone.
        """
        self._expect(hook, Failure.ISOLATED)
        kept: list[Contribution] = []
        problems: list[Problem] = []
        for plugin, caller in self._implementers(hook):
            writes = db.is_writing()
            try:
                kept += self._ask(plugin, caller, hook, arguments, within)
            except PluginFailed as failure:
                if writes and isinstance(failure, PluginOverran):
                    raise
                log.warning("plugin.dropped", plugin=plugin, hook=hook, reason=failure.reason)
                problems.append(_dropped(failure))
        return Gathered(contributions=tuple(kept), problems=tuple(problems))

    def is_heard(self, hook: str) -> bool:
        """Tell whether any plugin implements a hook, before somebody gathers what it is asked with."""
        return bool(self._implementers(hook))

    def ask(self, plugin: str, hook: str, **arguments: Any) -> list[Contribution]:
        """Call a hook on one plugin alone; nothing where it does not implement it.

        Raises PluginFailed, PluginUnavailable; Retryable and Rejected pass through.
        """
        self.plugin(plugin)
        callers = dict(self._implementers(hook))
        if plugin not in callers:
            return []
        return list(self._ask(plugin, callers[plugin], hook, arguments))

    def plugin(self, name: str) -> "InstalledPlugin":
        """Return one of the enabled plugins. Raises PluginUnavailable."""
        if name in self.plugins:
            return self.plugins[name]
        raise PluginUnavailable(self._host.absence(name))

    def version(self, plugin: str) -> str:
        """Return the version that documents pin. Raises PluginUnavailable."""
        return self.plugin(plugin).info.version

    def pricing_model(self, key: str, ctx: Context) -> FencedPricingModel:
        """Make a plugin's pricing model for the tenant. Raises PluginUnavailable, PluginFailed."""
        return self._provider(PRICING_MODELS, key, ctx, FencedPricingModel)

    def tax_engine(self, key: str, ctx: Context) -> FencedTaxEngine:
        """Make a plugin's tax engine for the tenant. Raises PluginUnavailable, PluginFailed."""
        return self._provider(TAX_ENGINES, key, ctx, FencedTaxEngine)

    def renderer(self, key: str, ctx: Context) -> FencedRenderer:
        """Make a plugin's renderer for the tenant. Raises PluginUnavailable, PluginFailed."""
        return self._provider(RENDERERS, key, ctx, FencedRenderer)

    def document_format(self, key: str, ctx: Context) -> FencedDocumentFormat:
        """Make a plugin's e-invoice format. Raises PluginUnavailable, PluginFailed."""
        return self._provider(DOCUMENT_FORMATS, key, ctx, FencedDocumentFormat)

    def channel(self, key: str, ctx: Context) -> FencedChannel:
        """Make a plugin's channel for the tenant. Raises PluginUnavailable, PluginFailed."""
        return self._provider(CHANNELS, key, ctx, FencedChannel)

    def ledger_export(self, key: str, ctx: Context) -> FencedLedgerExport:
        """Make a plugin's ledger export. Raises PluginUnavailable, PluginFailed."""
        return self._provider(LEDGER_EXPORTS, key, ctx, FencedLedgerExport)

    def dashboard_tile(self, key: str, ctx: Context) -> FencedDashboardTile:
        """Make a plugin's dashboard tile. Raises PluginUnavailable, PluginFailed."""
        return self._provider(DASHBOARD_TILES, key, ctx, FencedDashboardTile)

    def factories(self, family: Family[F]) -> list[tuple[str, str, F]]:
        """List plugin, key and factory of all that a tenant can choose from."""
        return [
            (name, key, factory)
            for name, plugin in self.plugins.items()
            for key, factory in plugin.registered.providers.get(family.name, {}).items()
        ]

    def keys(self, family: Family[Any]) -> list[str]:
        """List the keys that a tenant can choose from."""
        return [
            key
            for plugin in self.plugins.values()
            for key in plugin.registered.providers.get(family.name, {})
        ]

    def commands(self) -> dict[str, tuple[click.Command, ...]]:
        """Return the commands of each plugin that has some."""
        found = {name: each.registered.commands for name, each in self.plugins.items()}
        return {name: commands for name, commands in found.items() if commands}

    def jobs(self) -> dict[str, PluginJob]:
        """Return the jobs of all plugins, by name."""
        return {job.name: job for each in self.plugins.values() for job in each.registered.jobs}

    def portal_pages(self) -> list[tuple[str, PortalPage]]:
        """List plugin and page of all that clients can be shown."""
        return [
            (name, page)
            for name, each in self.plugins.items()
            for page in each.registered.portal_pages
        ]

    def portal_page(
        self, plugin: str, page: PortalPage, ctx: Context, visitor: PortalVisitor
    ) -> Sequence[Panel]:
        """Ask a plugin for its page. Raises PluginFailed; Retryable and Rejected pass through."""
        deadline = min(self._host.deadline, PAGE)
        panels = fenced(plugin, lambda: page.show(ctx, visitor), deadline=deadline)
        if complaint := mismatch(panels, Sequence[Panel]):
            raise PluginFailed(plugin, f"{page.name}: {complaint}")
        return panels

    def permissions(self) -> list[Permission]:
        """List what roles can be given beside the core's own permissions."""
        return [one for each in self.plugins.values() for one in each.registered.permissions]

    def _provider(
        self, family: Family[Any], key: str, ctx: Context, fence: Callable[[str, Any, Any], F]
    ) -> F:
        name = key.partition(".")[0]
        factory = self.plugin(name).registered.providers.get(family.name, {}).get(key)
        if factory is None:
            raise PluginUnavailable(
                _(
                    "The plugin “%(plugin)s” has no %(family)s “%(key)s”. It has %(known)s.",
                    plugin=name,
                    family=family.name,
                    key=key,
                    known=", ".join(self.keys(family)) or _("none"),
                )
            )
        deadline = self._host.deadline
        provider = fenced(name, lambda: factory(ctx), deadline=deadline)
        if not isinstance(provider, family.provider):
            raise PluginFailed(name, f"{key} makes {type(provider).__name__}: no {family.name}")
        return fence(name, provider, deadline)

    def _answers(self, hook: str, arguments: dict[str, Any]) -> Iterator[Contribution]:
        for plugin, caller in self._implementers(hook):
            yield from self._ask(plugin, caller, hook, arguments)

    def _ask(
        self,
        plugin: str,
        caller: pluggy.HookCaller,
        hook: str,
        arguments: dict[str, Any],
        within: timedelta | None = None,
    ) -> Iterator[Contribution]:
        contract = self._host.contracts[hook]
        if arguments.keys() != set(contract.arguments):
            raise TypeError(f"{hook} takes {contract.arguments}, not {tuple(arguments)}")
        deadline = min(within or self._host.deadline, self._host.deadline)
        answers = fenced(plugin, partial(caller, **arguments), deadline=deadline)
        for answer in answers:
            if complaint := contract.complaint(answer, arguments):
                raise PluginFailed(plugin, f"{hook}: {complaint}")
            yield Contribution(plugin, answer)

    def _implementers(self, hook: str) -> list[tuple[str, pluggy.HookCaller]]:
        """Return who implements a hook, in pluggy's order, with a caller for each alone."""
        if hook not in self._callers:
            found = reversed(getattr(self._manager.hook, hook).get_hookimpls())
            names = dict.fromkeys(each.plugin_name for each in found)
            self._callers[hook] = [(name, self._alone(name, hook)) for name in names]
        return self._callers[hook]

    def _alone(self, plugin: str, hook: str) -> pluggy.HookCaller:
        others = [each for name, each in self._manager.list_name_plugin() if name != plugin]
        return self._manager.subset_hook_caller(hook, others)

    def _expect(self, hook: str, failure: Failure) -> None:
        found = self._host.contracts[hook].failure
        if found is not failure:
            raise TypeError(f"{hook} is {found}: this call is for {failure} hooks")


def _dropped(failure: PluginFailed) -> Problem:
    return Problem(
        code="plugin.dropped",
        path=failure.plugin,
        message=_("%(failure)s It was left out.", failure=failure.message),
        severity=Severity.WARNING,
    )
