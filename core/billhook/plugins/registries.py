"""What plugins registered, by family; every key belongs to the plugin whose name it starts with."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar, get_args

import click

from billhook import limits
from billhook.domain.events import EVENTS
from billhook.errors import BillhookError
from billhook.i18n import gettext as _
from billhook.plugins.routes import place_of, route_complaint
from billhook.sdk.api import Routes
from billhook.sdk.jobs import LONGEST, SHORTEST, PluginJob
from billhook.sdk.permissions import Permission
from billhook.sdk.portal import Permission as ClientPermission
from billhook.sdk.portal import PortalPage
from billhook.sdk.providers import (
    Channel,
    ChannelFactory,
    DashboardTile,
    DashboardTileFactory,
    DocumentFormat,
    DocumentFormatFactory,
    LedgerExport,
    LedgerExportFactory,
    PricingModel,
    PricingModelFactory,
    Renderer,
    RendererFactory,
    TaxEngine,
    TaxEngineFactory,
)
from billhook.sdk.settings import Settings

F = TypeVar("F")

_PAGE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


class Refused(BillhookError):
    """A plugin cannot be used here; says why and what to do."""

    code = "plugin.refused"

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Family(Generic[F]):
    """Alternatives of one kind, of which tenants and documents store a key."""

    name: str
    hook: str
    factory: type[F]
    provider: type


PRICING_MODELS = Family(
    name="pricing model",
    hook="register_pricing_models",
    factory=PricingModelFactory,  # type: ignore[type-abstract]
    provider=PricingModel,
)
TAX_ENGINES = Family(
    name="tax engine",
    hook="register_tax_engines",
    factory=TaxEngineFactory,  # type: ignore[type-abstract]
    provider=TaxEngine,
)
RENDERERS = Family(
    name="renderer",
    hook="register_renderers",
    factory=RendererFactory,  # type: ignore[type-abstract]
    provider=Renderer,
)
DOCUMENT_FORMATS = Family(
    name="document format",
    hook="register_document_formats",
    factory=DocumentFormatFactory,  # type: ignore[type-abstract]
    provider=DocumentFormat,
)
CHANNELS = Family(
    name="channel",
    hook="register_channels",
    factory=ChannelFactory,  # type: ignore[type-abstract]
    provider=Channel,
)
LEDGER_EXPORTS = Family(
    name="ledger export",
    hook="register_ledger_exports",
    factory=LedgerExportFactory,  # type: ignore[type-abstract]
    provider=LedgerExport,
)
DASHBOARD_TILES = Family(
    name="dashboard tile",
    hook="register_dashboard_tiles",
    factory=DashboardTileFactory,  # type: ignore[type-abstract]
    provider=DashboardTile,
)
FAMILIES: tuple[Family[Any], ...] = (
    PRICING_MODELS,
    TAX_ENGINES,
    RENDERERS,
    DOCUMENT_FORMATS,
    CHANNELS,
    LEDGER_EXPORTS,
    DASHBOARD_TILES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """All that one plugin registered."""

    settings: type[Settings] | None = None
    permissions: tuple[Permission, ...] = ()
    commands: tuple[click.Command, ...] = ()
    jobs: tuple[PluginJob, ...] = ()
    routes: tuple[Routes, ...] = ()
    portal_pages: tuple[PortalPage, ...] = ()
    providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By the family's name, by key."""

    @property
    def families(self) -> tuple[str, ...]:
        """Name the families that the plugin has providers of."""
        return tuple(name for name, found in self.providers.items() if found)


Ask = Callable[[str], list[Any]]
"""Calls a hook without arguments on one plugin."""


def register(
    plugin: str, ask: Ask, *, core_permissions: Collection[str] | None = None
) -> Registration:
    """Collect what a plugin registers. Raises Refused, PluginFailed.

    Routes may need what `core_permissions` has beside the plugin's own; None checks
    the latter alone.
    """
    settings = ask("register_settings")
    permissions = _flat(ask("register_permissions"))
    commands = _flat(ask("register_commands"))
    jobs = _flat(ask("register_jobs"))
    _check_names(plugin, [permission.name for permission in permissions])
    _refuse_twice([str(command.name) for command in commands])
    _check_names(plugin, [job.name for job in jobs])
    _check_jobs(jobs)
    routes = _flat(ask("register_api_routes"))
    _check_routes(plugin, routes, {one.name for one in permissions}, core_permissions)
    portal_pages = _flat(ask("register_portal_pages"))
    _check_portal_pages(portal_pages)
    return Registration(
        settings=settings[0] if settings else None,
        permissions=tuple(permissions),
        commands=tuple(commands),
        jobs=tuple(jobs),
        routes=tuple(routes),
        portal_pages=tuple(portal_pages),
        providers={family.name: _keyed(plugin, _flat(ask(family.hook))) for family in FAMILIES},
    )


def _flat(answers: Iterable[Sequence[Any]]) -> list[Any]:
    return [each for answer in answers for each in answer]


def _keyed(plugin: str, factories: Sequence[Any]) -> dict[str, Any]:
    keys = [factory.key for factory in factories]
    _check_names(plugin, keys)
    return dict(zip(keys, factories, strict=True))


def _check_names(plugin: str, names: Sequence[str]) -> None:
    for name in names:
        prefix, dot, rest = name.partition(".")
        if prefix != plugin or not dot or not rest.isidentifier() or len(name) > limits.CODE:
            raise Refused(
                "plugin.key_malformed",
                _(
                    "it registers “%(key)s”. Its keys and permissions must be written "
                    "“%(plugin)s.<name>”, in letters, digits and underscores.",
                    key=name[: limits.CODE],
                    plugin=plugin,
                ),
            )
    _refuse_twice(names)


def _refuse_twice(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise Refused(
                "plugin.key_clash",
                _("it registers “%(key)s” twice. Give each its own name.", key=name),
            )


def _check_routes(
    plugin: str, routes: Sequence[Routes], own: Collection[str], core: Collection[str] | None
) -> None:
    operations = [operation for one in routes for operation in one.operations]
    _refuse_twice([operation.name for operation in operations])
    _refuse_twice([place_of(operation) for operation in operations])
    for operation in operations:
        if complaint := route_complaint(operation):
            raise Refused("plugin.route_malformed", complaint)
        wanted = operation.permission
        is_own = wanted.partition(".")[0] == plugin
        if wanted and wanted not in own and (is_own or (core is not None and wanted not in core)):
            raise Refused(
                "plugin.permission_unknown",
                _(
                    "its route “%(route)s” needs “%(permission)s”, which neither the plugin "
                    "registers nor the core has. Register it by register_permissions, or name "
                    "another.",
                    route=operation.name,
                    permission=wanted,
                ),
            )


def _check_portal_pages(pages: Sequence[PortalPage]) -> None:
    for page in pages:
        if not _PAGE.fullmatch(page.name) or page.permission not in get_args(ClientPermission):
            raise Refused(
                "plugin.portal_page_malformed",
                _(
                    "its page “%(page)s” of the portal needs a name in small letters, digits and "
                    "hyphens, and one of these permissions: %(known)s.",
                    page=str(page.name)[: limits.CODE],
                    known=", ".join(get_args(ClientPermission)),
                ),
            )
    _refuse_twice([page.name for page in pages])


def _check_jobs(jobs: Iterable[PluginJob]) -> None:
    known = {event.name for event in EVENTS}
    for job in jobs:
        if not timedelta(0) < job.deadline <= LONGEST or (job.every and job.every < SHORTEST):
            raise Refused(
                "plugin.job_times",
                _(
                    "its job “%(job)s” may take at most %(longest)s, and run every %(shortest)s "
                    "at most. Change its “deadline” or “every”.",
                    job=job.name,
                    longest=LONGEST,
                    shortest=SHORTEST,
                ),
            )
        if unknown := set(job.on) - known:
            raise Refused(
                "plugin.event_unknown",
                _(
                    "its job “%(job)s” waits for “%(event)s”. Events here are: %(known)s.",
                    job=job.name,
                    event=min(unknown),
                    known=", ".join(sorted(known)),
                ),
            )
