"""Switching plugins on and off for a tenant."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select

from billhook.db import db, is_writing
from billhook.domain.events import PluginDisabled, PluginEnabled
from billhook.errors import PluginFailed, PluginOverran, PluginUnavailable, ValidationFailed
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.models.products import Price
from billhook.models.tenants import Tenant
from billhook.plugins import activation
from billhook.plugins.admission import InstalledPlugin
from billhook.plugins.registries import TAX_ENGINES
from billhook.plugins.runtime import runtime
from billhook.problems import Problem, Severity, errors
from billhook.sdk.context import Context
from billhook.services import audit, outbox, plugin_uses, schedules
from billhook.services.plugin_catalogue import PluginEntry, catalogue, table_problems
from billhook.services.plugin_settings import (
    change_settings,
    lock_tenant,
    read_settings,
    rotate_secrets,
    setting_problems,
)


def enable(ctx: Context, name: str) -> list[Problem]:
    """Switch a plugin on for the tenant, and return warnings. One that is on stays on.

    A tenant without a tax engine takes the plugin's, where it has exactly one.

    Raises PluginUnavailable where it is not installed or was refused,
    ValidationFailed with what stands against it, PluginFailed.
    """
    ctx.require("plugins.manage")
    plugin = _installed(name)
    with ctx.transaction() as session:
        tenant = lock_tenant(session, ctx)
        enabled = activation.enabled(ctx.tenant.id)
        if name in enabled:
            return []
        inside = _with_plugins(ctx, enabled | {name})
        found = [
            *table_problems(plugin),
            *_missing_dependencies(plugin, enabled),
            *setting_problems(inside, plugin),
        ]
        if not errors(found):
            found += _told(inside, name, "plugin_enabling")
        if errors(found):
            raise ValidationFailed(found)
        activation.switch(name, is_enabled=True, at=ctx.now(), by=ctx.actor.id)
        engine = _take_tax_engine(tenant, plugin)
        audit.record(ctx, "plugin.enabled", "plugin", name, version=plugin.info.version, **engine)
        outbox.publish(ctx, PluginEnabled(plugin=name))
        if any(job.every is not None for job in plugin.registered.jobs):
            schedules.begin(ctx)
        session.flush()
    return found


def disable(ctx: Context, name: str) -> list[Problem]:
    """Switch a plugin off for the tenant, and return what follows from it as warnings.

    Its data stays, and so does the tenant's choice of its providers: enabling it
    again brings all back. A plugin that fails when it is asked is switched off all
    the same. One that is off stays off.

    Raises ValidationFailed with what stands against it.
    """
    ctx.require("plugins.manage")
    is_inner = is_writing()
    try:
        return _disable(ctx, name, asks=True)
    except PluginFailed as failure:
        if is_inner and isinstance(failure, PluginOverran):
            raise
        return [_not_asked(failure), *_disable(ctx, name, asks=False)]


def _disable(ctx: Context, name: str, *, asks: bool) -> list[Problem]:
    with ctx.transaction() as session:
        tenant = lock_tenant(session, ctx)
        enabled = activation.enabled(ctx.tenant.id)
        if name not in enabled:
            return []
        found = [*_dependents(name, enabled), *_consequences(tenant, name)]
        if asks and name in runtime().host.installed:
            found += _told(_with_plugins(ctx, enabled), name, "plugin_disabling")
        if errors(found):
            raise ValidationFailed(found)
        activation.switch(name, is_enabled=False, at=ctx.now(), by=ctx.actor.id)
        audit.record(ctx, "plugin.disabled", "plugin", name)
        outbox.publish(ctx, PluginDisabled(plugin=name))
        session.flush()
    return found


def consequences(ctx: Context, name: str) -> list[Problem]:
    """Tell what would follow from disabling a plugin, and what stands against it."""
    ctx.require("plugins.view")
    tenant = db.session.scalars(select(Tenant).where(Tenant.id == ctx.tenant.id)).one()
    enabled = activation.enabled(ctx.tenant.id)
    return [*_dependents(name, enabled), *_consequences(tenant, name)]


def _installed(name: str) -> InstalledPlugin:
    host = runtime().host
    if name not in host.installed:
        raise PluginUnavailable(host.absence(name))
    return host.installed[name]


def _with_plugins(ctx: Context, enabled: frozenset[str]) -> Context:
    return replace(ctx, tenant=replace(ctx.tenant, plugins=enabled))


def _told(ctx: Context, plugin: str, hook: str) -> list[Problem]:
    answers = runtime().host.relay(ctx.tenant.plugins).ask(plugin, hook, ctx=ctx)
    return [problem for answer in answers for problem in answer.value]


def _missing_dependencies(plugin: InstalledPlugin, enabled: frozenset[str]) -> list[Problem]:
    return [
        Problem(
            code="plugin.dependency_disabled",
            path=name,
            message=_(
                "“%(plugin)s” needs the plugin “%(needed)s”. Enable that first: "
                "billhook plugin enable %(needed)s",
                plugin=plugin.name,
                needed=name,
            ),
        )
        for name in plugin.info.depends
        if name not in enabled
    ]


def _dependents(name: str, enabled: Iterable[str]) -> list[Problem]:
    installed = runtime().host.installed
    return [
        Problem(
            code="plugin.dependent_enabled",
            path=other,
            message=_(
                "The plugin “%(other)s” needs “%(plugin)s”. Disable that first: "
                "billhook plugin disable %(other)s",
                other=other,
                plugin=name,
            ),
        )
        for other in sorted(enabled)
        if other in installed and name in installed[other].info.depends
    ]


def _take_tax_engine(tenant: Tenant, plugin: InstalledPlugin) -> dict[str, str]:
    keys = list(plugin.registered.providers.get(TAX_ENGINES.name, {}))
    if tenant.tax_engine or len(keys) != 1:
        return {}
    tenant.tax_engine = keys[0]
    tenant.version += 1
    return {"tax_engine": keys[0]}


def _consequences(tenant: Tenant, name: str) -> list[Problem]:
    """Name what stops working, so that nobody learns it from a bill run."""
    found: list[Problem] = []
    if tenant.tax_engine.partition(".")[0] == name:
        found.append(
            _warning(
                "plugin.tax_engine_disabled",
                name,
                _(
                    "The tenant's tax engine is %(key)s. Until it is enabled again, or another is "
                    "chosen (billhook tenant set --tax-engine KEY), bill runs park everything.",
                    key=tenant.tax_engine,
                ),
            )
        )
    prices = db.session.scalar(
        select(func.count())
        .select_from(Price)
        .where(Price.model.startswith(f"{name}.", autoescape=True))
    )
    if prices:
        found.append(
            _warning(
                "plugin.prices_disabled",
                name,
                ngettext(
                    "%(count)s price is of its models. Bill runs park charges that it would "
                    "price, until it is enabled again or the product has another price.",
                    "%(count)s prices are of its models. Bill runs park charges that they would "
                    "price, until it is enabled again or the products have other prices.",
                    prices,
                ),
            )
        )
    return [*found, *plugin_uses.uses(tenant, name)]


def _not_asked(failure: PluginFailed) -> Problem:
    return _warning(
        "plugin.disabled_unasked",
        failure.plugin,
        _("%(failure)s It was disabled without its consent.", failure=failure.message),
    )


def _warning(code: str, path: str, message: str) -> Problem:
    return Problem(code=code, path=path, message=message, severity=Severity.WARNING)


__all__ = [
    "PluginEntry",
    "catalogue",
    "change_settings",
    "consequences",
    "disable",
    "enable",
    "read_settings",
    "rotate_secrets",
]
