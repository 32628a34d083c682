"""Jobs that plugins ask for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from billhook.errors import PluginUnavailable
from billhook.i18n import gettext as _
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import outbox


class PluginJobs:
    """The port `jobs`."""

    def enqueue(
        self,
        ctx: Context,
        name: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        after: timedelta = timedelta(0),
    ) -> UUID:
        """Ask for a job of a plugin that is on. Raises PluginUnavailable, ValidationFailed."""
        plugin = name.partition(".")[0]
        relay(ctx).plugin(plugin)
        if name not in relay(ctx).jobs():
            raise PluginUnavailable(
                _(
                    "The plugin “%(plugin)s” has no job “%(job)s”. It must return it from "
                    "“register_jobs”.",
                    plugin=plugin,
                    job=name,
                )
            )
        return outbox.enqueue(
            ctx,
            name,
            payload,
            key=None if key is None else f"{name}:{key}",
            plugin=plugin,
            due_at=ctx.now() + after,
        )
