"""How a plugin does: what it finds when it tries its connections, and what failed of late."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from billhook.db import db
from billhook.domain.deliveries import TrialStep
from billhook.errors import BillhookError, Conflict, PluginUnavailable, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.work import Outbox
from billhook.plugins import activation, fence
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.sdk.health import Health
from billhook.services import audit, idempotency

HOOK = "check_connection"
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedJob:
    """A job of the plugin's that was given up."""

    name: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What went wrong with a plugin for the tenant, as far as it is remembered."""

    dead_jobs: int
    waiting_jobs: int
    last_failures: tuple[FailedJob, ...]
    hung_calls: int
    """Calls of this process that overran and still run, of whatever tenant."""
    can_check: bool
    """It tells what it finds when it tries its connections."""


def condition(ctx: Context, plugin: str) -> Condition:
    """Return what is known of a plugin's failures."""
    ctx.require("plugins.view")
    counts = dict(
        db.session.execute(
            select(Outbox.state, func.count())
            .where(Outbox.plugin == plugin)
            .group_by(Outbox.state)
        )
        .tuples()
        .all()
    )
    rows = db.session.scalars(
        select(Outbox)
        .where(Outbox.plugin == plugin, Outbox.state == "dead")
        .order_by(Outbox.id.desc())
        .limit(SHOWN)
    )
    installed = runtime().host.installed.get(plugin)
    return Condition(
        dead_jobs=counts.get("dead", 0),
        waiting_jobs=counts.get("waiting", 0),
        last_failures=tuple(
            FailedJob(name=row.name, reason=row.last_error, created_at=row.created_at)
            for row in rows
        ),
        hung_calls=fence.hung().count(plugin),
        can_check=installed is not None and HOOK in installed.hooks,
    )


def check(ctx: Context, plugin: str, *, key: str | None = None) -> Health:
    """Let a plugin try its connections with the stored settings, enabled or not.

    A plugin that fails or hangs says so as a step. A repeat with the same idempotency
    key gets what the first one found. Raises PluginUnavailable, Conflict in
    a sandbox and for a plugin that has nothing to try.
    """
    ctx.require("plugins.manage")
    if ctx.tenant.is_sandbox:
        raise Conflict(_("This is a sandbox: it calls nobody. Try it in a company that does."))
    host = runtime().host
    if plugin not in host.installed:
        raise PluginUnavailable(host.absence(plugin))
    if HOOK not in host.installed[plugin].hooks:
        raise Conflict(_("This plugin has no connection to try."))
    enabled = activation.enabled(ctx.tenant.id) | {plugin}
    inside = replace(ctx, tenant=replace(ctx.tenant, plugins=enabled))
    done = idempotency.computed_once(
        ctx,
        route="plugin_health.check",
        key=key,
        request=[plugin],
        compute=lambda: _asked(inside, plugin),
        effect=lambda found: _noted(ctx, plugin, found),
    )
    return Health(steps=tuple(TrialStep(**step) for step in done.answer["steps"]))


def _noted(ctx: Context, plugin: str, found: Health) -> dict[str, Any]:
    outcome = "good" if found.is_good else "bad"
    audit.record(ctx, "plugin.connection_checked", "plugin", plugin, outcome=outcome)
    return {"steps": [asdict(step) for step in found.steps]}


def _asked(ctx: Context, plugin: str) -> Health:
    try:
        (answer,) = runtime().host.relay(ctx.tenant.plugins).ask(plugin, HOOK, ctx=ctx)
    except ValidationFailed as error:
        return _failed(_("Settings"), " ".join(each.message for each in error.problems))
    except BillhookError as error:
        return _failed(_("Ask the plugin"), error.message)
    found: Health = answer.value
    return found


def _failed(what: str, advice: str) -> Health:
    return Health(steps=(TrialStep(what=what, is_good=False, advice=advice),))
