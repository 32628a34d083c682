"""A plugin's own tables: rows of a tenant, with the tenant in every key.

Name tables ``<plugin>_<noun>``. Reference core tables by ``references("customer_id",
to="customer")``. The tables are made by the plugin's own migrations.
"""

from sqlalchemy import select

from billhook.columns import (
    Amount,
    Bytes,
    Count,
    Day,
    Exact,
    Flag,
    Id,
    Instant,
    Json,
    Prose,
    Words,
)
from billhook.db import EntityRow, db, references


class PluginModel(EntityRow):
    """The root of a plugin's rows: `tenant_id` and `id` are its key."""

    __abstract__ = True


__all__ = [
    "Amount",
    "Bytes",
    "Count",
    "Day",
    "Exact",
    "Flag",
    "Id",
    "Instant",
    "Json",
    "PluginModel",
    "Prose",
    "Words",
    "db",
    "references",
    "select",
]
