"""What a plugin must be, to be let in: one name everywhere, the right contract, keys of its own."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

import pluggy

from billhook import models
from billhook.db import Base
from billhook.errors import PluginFailed
from billhook.i18n import gettext as _
from billhook.plugins.contract import contracts
from billhook.plugins.fence import fenced
from billhook.plugins.registries import Refused, Registration, register
from billhook.plugins.settings import class_complaint
from billhook.sdk.hookspecs import HOOK_API, MODULES, PROJECT
from billhook.sdk.info import PluginInfo

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)
LONGEST_NAME = 40

_WORDS = (
    "api api_keys api_requests audit base bill_run bill_runs billhook billing brand brands charges client "
    "client_notices crash customers database db deliveries demo documents drafts export exports field files "
    "fx_rates home import imports jobs lease ledger mail members notices numbers outbound outbound_networks "
    "outbox owner owner_database parked payments people plugin plugins portal portal_visits prices products "
    "question questions redis reports secret secrets series serve session sessions settings tenant tenants test "
    "test_database test_postgres test_redis theme themes verify webhook webhooks worker"
)
RESERVED = frozenset(_WORDS.split())
"""Words of the core's own commands, permissions and variables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that calls itself a plugin."""

    name: str
    load: Callable[[], Any]
    module_name: str = ""
    distribution: str = ""
    version: str = ""

    @property
    def origin(self) -> str:
        return f"{self.distribution} {self.version}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPlugin:
    """A plugin that can be enabled."""

    info: PluginInfo
    module: ModuleType
    distribution: str
    """Where it came from, such as ``billhook-tax-rules 0.1.0``; empty for a bare module."""
    hooks: tuple[str, ...]
    registered: Registration

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def families(self) -> tuple[str, ...]:
        return self.registered.families


def admit(
    candidate: Candidate, deadline: timedelta, core_permissions: Collection[str] | None = None
) -> InstalledPlugin:
    """Return the plugin, ready to be enabled. Raises Refused, PluginFailed."""
    _check_name(candidate)
    module = _loaded(candidate, deadline)
    info = _checked_info(candidate, module)
    hooks = _hooks(info, module)
    registered = register(
        info.name, _asker(info, module, deadline), core_permissions=core_permissions
    )
    if registered.settings and (complaint := class_complaint(info.name, registered.settings)):
        raise Refused("plugin.settings_malformed", complaint)
    return InstalledPlugin(
        info=info,
        module=module,
        distribution=candidate.origin,
        hooks=hooks,
        registered=registered,
    )


def _check_name(candidate: Candidate) -> None:
    name = candidate.name
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise Refused(
            "plugin.name_malformed",
            _(
                "a plugin's name is written in small letters, digits and single underscores, "
                "at most %(longest)s. Rename its entry point.",
                longest=LONGEST_NAME,
            ),
        )
    if name in RESERVED or any(f"{table}_".startswith(f"{name}_") for table in _core_tables()):
        raise Refused(
            "plugin.name_reserved",
            _("the core uses this name itself. Give the plugin another one."),
        )
    if not candidate.module_name:
        return
    package, distribution = f"billhook_{name}", f"billhook-{name.replace('_', '-')}"
    if candidate.module_name.partition(".")[0] != package:
        raise Refused(
            "plugin.name_differs",
            _(
                "its module is “%(module)s”. A plugin has one name everywhere: put it into the "
                "package “%(package)s”.",
                module=candidate.module_name,
                package=package,
            ),
        )
    if re.sub(r"[-_.]+", "-", candidate.distribution).lower() != distribution:
        raise Refused(
            "plugin.name_differs",
            _(
                "its distribution is “%(found)s”. A plugin has one name everywhere: call it "
                "“%(distribution)s”.",
                found=candidate.distribution,
                distribution=distribution,
            ),
        )


def _core_tables() -> list[str]:
    """A plugin's tables are named ``<plugin>_…``: no name may lead to one of the core's."""
    return [
        str(mapper.local_table.name)  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith(f"{models.__name__}.")
    ]


def _loaded(candidate: Candidate, deadline: timedelta) -> Any:
    try:
        return fenced(candidate.name, candidate.load, deadline=deadline)
    except PluginFailed as failure:
        raise Refused(
            "plugin.import_failed",
            _(
                "it cannot be imported: %(reason)s. Reinstall it, or uninstall it: "
                "pip uninstall %(distribution)s",
                reason=failure.reason.rstrip("."),
                distribution=candidate.distribution,
            ),
        ) from failure


def _checked_info(candidate: Candidate, module: ModuleType) -> PluginInfo:
    info = getattr(module, "info", None)
    if not isinstance(info, PluginInfo):
        raise Refused(
            "plugin.info_missing",
            _("its module has no “info”. Add: info = PluginInfo(name=…, …)"),
        )
    if info.name != candidate.name:
        raise Refused(
            "plugin.name_differs",
            _(
                "it calls itself “%(info)s”, its entry point “%(name)s”. Give both one name.",
                info=info.name,
                name=candidate.name,
            ),
        )
    if info.hook_api != HOOK_API:
        raise Refused("plugin.hook_api_differs", _other_api(info))
    if not info.version or not info.title or not isinstance(info.depends, tuple):
        raise Refused(
            "plugin.info_missing",
            _("its info lacks a title or a version, or “depends” is no tuple. Complete it."),
        )
    return info


def _other_api(info: PluginInfo) -> str:
    if info.hook_api > HOOK_API:
        advice = _("Upgrade Billhook, or install an older version of the plugin.")
    else:
        advice = _("Install a newer version of the plugin.")
    return _(
        "it was written for hook API %(wanted)s, this Billhook has %(here)s. %(advice)s",
        wanted=info.hook_api,
        here=HOOK_API,
        advice=advice,
    )


def _hooks(info: PluginInfo, module: ModuleType) -> tuple[str, ...]:
    """Name the hooks that a module implements. Raises Refused for one that is unknown."""
    manager = new_manager()
    try:
        manager.register(module, name=info.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise Refused(
            "plugin.hook_unknown",
            _(
                "it implements a hook that this Billhook does not have, or with other arguments: "
                "%(reason)s. The hooks stand in docs/reference/hooks.md.",
                reason=" ".join(str(error).split()),
            ),
        ) from error
    implemented = {caller.name for caller in manager.get_hookcallers(module) or ()}
    return tuple(name for name in contracts() if name in implemented)


def _asker(
    info: PluginInfo, module: ModuleType, deadline: timedelta
) -> Callable[[str], list[Any]]:
    manager = new_manager()
    manager.register(module, name=info.name)
    known = contracts()

    def ask(hook: str) -> list[Any]:
        answers: list[Any] = fenced(info.name, getattr(manager.hook, hook), deadline=deadline)
        for answer in answers:
            if complaint := known[hook].complaint(answer, {}):
                raise PluginFailed(info.name, f"{hook}: {complaint}")
        return answers

    return ask


def new_manager(specifications: Iterable[ModuleType] = MODULES) -> pluggy.PluginManager:
    """Make an empty manager that knows the hooks."""
    manager = pluggy.PluginManager(PROJECT)
    for module in specifications:
        manager.add_hookspecs(module)
    return manager
