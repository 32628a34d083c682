"""Which plugins a tenant has enabled: rows, read anew for each context and never cached."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Select

from billhook.db import current_tenant_id, db, select, tenant_scope
from billhook.models.plugins import PluginState


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """Whether a plugin is on for the tenant, since when and by whom."""

    plugin: str
    is_enabled: bool
    changed_at: datetime
    changed_by: UUID | None
    """The person; None was the operator."""


def enabled(tenant_id: UUID) -> frozenset[str]:
    """Name the plugins that a tenant has enabled."""
    with tenant_scope(tenant_id):
        return frozenset(db.session.scalars(_enabled()))


@cache
def _enabled() -> Select[tuple[str]]:
    """Build the statement once: every request sends it."""
    return select(PluginState.plugin).where(PluginState.is_enabled)


def activations() -> dict[str, Activation]:
    """Return what the tenant in scope ever switched, by plugin."""
    rows = db.session.scalars(select(PluginState).order_by(PluginState.plugin))
    return {
        row.plugin: Activation(
            plugin=row.plugin,
            is_enabled=row.is_enabled,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
        )
        for row in rows
    }


def switch(plugin: str, *, is_enabled: bool, at: datetime, by: UUID | None) -> None:
    """Write that a plugin is on or off for the tenant in scope, inside a transaction."""
    row = db.session.get(PluginState, (current_tenant_id(), plugin))
    if row is None:
        row = PluginState(tenant_id=current_tenant_id(), plugin=plugin)
        db.session.add(row)
    row.is_enabled, row.changed_at, row.changed_by = is_enabled, at, by
