"""Find plugins at start, and refuse, with the reason, those that cannot be used.

A plugin is a module with `info: PluginInfo` and hook implementations, named by
an entry point of group `billhook.plugins`. A refused plugin never stops the
application: the log, `billhook plugin list` and the plugin page say why.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import metadata
from types import ModuleType

import structlog

from billhook.errors import PluginFailed
from billhook.i18n import gettext as _
from billhook.plugins.admission import Candidate, InstalledPlugin, admit
from billhook.plugins.registries import Refused
from billhook.sdk.info import PluginInfo

GROUP = "billhook.plugins"
DEADLINE = timedelta(seconds=20)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a plugin is not used, and what to do about it."""

    name: str
    reason: str
    code: str
    distribution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What was found at start. A plugin stands after those that it depends on."""

    installed: Mapping[str, InstalledPlugin]
    refused: Mapping[str, Refusal]


def discover(
    group: str | None = GROUP,
    extra: Sequence[ModuleType] = (),
    *,
    deadline: timedelta = DEADLINE,
    core_permissions: Collection[str] | None = None,
) -> Discovery:
    """Load the plugins of an entry point group, and further modules; None asks no entry points.

    With `core_permissions` it is checked, too, that routes need none but those and their
    plugin's own.
    """
    candidates = [*(_of_group(group) if group else ()), *map(_of_module, extra)]
    refused = _clashes(candidates)
    installed: dict[str, InstalledPlugin] = {}
    for candidate in sorted(candidates, key=lambda each: each.name):
        if candidate.name in refused:
            continue
        try:
            installed[candidate.name] = admit(candidate, deadline, core_permissions)
        except (Refused, PluginFailed) as error:
            refused[candidate.name] = _refusal(candidate, error)
    ordered = _by_dependency(installed, refused)
    for refusal in refused.values():
        log.error("plugin.refused", plugin=refusal.name, code=refusal.code, reason=refusal.reason)
    return Discovery(installed=ordered, refused=refused)


def _of_group(group: str) -> list[Candidate]:
    return [
        Candidate(
            name=point.name,
            load=point.load,
            module_name=point.module,
            distribution=point.dist.name if point.dist else "",
            version=point.dist.version if point.dist else "",
        )
        for point in metadata.entry_points(group=group)
    ]


def _of_module(module: ModuleType) -> Candidate:
    info = getattr(module, "info", None)
    name = info.name if isinstance(info, PluginInfo) else module.__name__
    return Candidate(name=name, load=lambda: module)


def _clashes(candidates: Sequence[Candidate]) -> dict[str, Refusal]:
    """Refuse every plugin of a name that two distributions use: none is the right one."""
    by_name: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_name.setdefault(candidate.name, []).append(candidate)
    return {
        name: Refusal(
            name=name,
            code="plugin.name_clash",
            reason=_(
                "%(count)s installed plugins have this name: %(origins)s. Uninstall all but one.",
                count=len(same),
                origins=", ".join(each.origin or repr(each.load()) for each in same),
            ),
        )
        for name, same in by_name.items()
        if len(same) > 1
    }


def _refusal(candidate: Candidate, error: Refused | PluginFailed) -> Refusal:
    reason = error.reason
    if isinstance(error, PluginFailed):
        reason = _(
            "%(reason)s Correct it, or uninstall it: pip uninstall %(distribution)s",
            reason=f"{reason}." if not reason.endswith(".") else reason,
            distribution=candidate.distribution or candidate.name,
        )
    return Refusal(
        name=candidate.name, reason=reason, code=error.code, distribution=candidate.origin
    )


def _by_dependency(
    installed: dict[str, InstalledPlugin], refused: dict[str, Refusal]
) -> dict[str, InstalledPlugin]:
    """Order plugins after what they depend on; refuse those whose dependency is missing."""
    ordered: dict[str, InstalledPlugin] = {}
    waiting = dict(installed)
    while ready := [each for each in waiting.values() if set(each.info.depends) <= ordered.keys()]:
        for plugin in ready:
            ordered[plugin.name] = waiting.pop(plugin.name)
    for name, plugin in waiting.items():
        missing = [each for each in plugin.info.depends if each not in ordered]
        refused[name] = Refusal(
            name=name,
            code="plugin.dependency_missing",
            reason=_(
                "it depends on %(missing)s, which cannot be used here. Install or correct that first.",
                missing=", ".join(f"“{each}”" for each in missing),
            ),
            distribution=plugin.distribution,
        )
    return ordered
