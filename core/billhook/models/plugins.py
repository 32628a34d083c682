"""What a tenant switched on, and how it is set up."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Bytes, Count, Flag, Id, Instant, Json, Words
from billhook.db import TenantRow


class PluginState(TenantRow):
    """Whether a plugin is on for the tenant; its row stays when it is off."""

    __tablename__ = "plugin_state"

    plugin: Mapped[str] = mapped_column(Words(limits.CODE), primary_key=True)
    is_enabled: Mapped[bool] = mapped_column(Flag)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[UUID | None] = mapped_column(Id)


class PluginSetting(TenantRow):
    """A plugin's settings for the tenant, but for secrets."""

    __tablename__ = "plugin_setting"

    plugin: Mapped[str] = mapped_column(Words(limits.CODE), primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column("settings", Json)
    version: Mapped[int] = mapped_column(Count, default=1)


class Secret(TenantRow):
    """A value that goes in and never comes out again but to its plugin, sealed by Fernet."""

    __tablename__ = "secret"

    plugin: Mapped[str] = mapped_column(Words(limits.CODE), primary_key=True)
    name: Mapped[str] = mapped_column(Words(limits.CODE), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(Bytes)
    changed_at: Mapped[datetime] = mapped_column(Instant)
