"""The tiles that plugins put on the first page: each behind its own fence, none needed."""

from dataclasses import dataclass

from billhook.errors import Forbidden, NotFound, PluginFailed, Rejected, Retryable
from billhook.i18n import gettext as _
from billhook.plugins.registries import DASHBOARD_TILES
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.sdk.providers import DashboardTileFactory, Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTile:
    """A tile that the member may see; its figures come when it is asked for them."""

    key: str
    title: str
    plugin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTile:
    """A tile with its figures; without any and with a reason where its plugin failed."""

    title: str
    figures: tuple[Figure, ...] = ()
    failure: str = ""


def offered(ctx: Context) -> list[OfferedTile]:
    """List the tiles of the tenant's plugins that the member's permissions allow."""
    return [
        OfferedTile(key=key, title=str(factory.title), plugin=plugin)
        for plugin, key, factory in _factories(ctx)
        if _may(ctx, factory.permission)
    ]


def shown(ctx: Context, key: str) -> ShownTile:
    """Return a tile with its figures, or with what kept its plugin from counting.

    Raises NotFound, Forbidden.
    """
    found = next((factory for _plugin, known, factory in _factories(ctx) if known == key), None)
    if found is None:
        raise NotFound(_("tile"), key)
    if not _may(ctx, found.permission):
        raise Forbidden(found.permission)
    title = str(found.title)
    try:
        tile = relay(ctx).dashboard_tile(key, ctx).show()
    except (PluginFailed, Retryable, Rejected) as error:
        return ShownTile(title=title, failure=error.message)
    return ShownTile(title=title, figures=tile.figures)


def _factories(ctx: Context) -> list[tuple[str, str, DashboardTileFactory]]:
    return relay(ctx).factories(DASHBOARD_TILES)


def _may(ctx: Context, permission: str) -> bool:
    return ctx.permissions is None or permission in ctx.permissions
