"""Providers of what people at the desk see, behind a fence: ledger exports, dashboard tiles."""

from collections.abc import Sequence
from datetime import timedelta

from billhook.domain.bookings import BookedEntry, BookedPeriod
from billhook.plugins.contract import mismatch
from billhook.plugins.fence import fenced
from billhook.plugins.providers import problems_complaint, refuse
from billhook.sdk.providers import DashboardTile, Figure, LedgerExport, LedgerFile, Tile

EXPORTING = timedelta(minutes=2)
SHOWING = timedelta(seconds=5)
MOST_FIGURES = 6


class FencedLedgerExport:
    """A plugin's ledger export, as services use it."""

    def __init__(self, plugin: str, export: LedgerExport, deadline: timedelta) -> None:
        self.key = export.key
        self._plugin = plugin
        self._export = export

    def write(self, period: BookedPeriod, entries: Sequence[BookedEntry]) -> LedgerFile:
        """Raises PluginFailed, Retryable, Rejected."""
        file = fenced(
            self._plugin, lambda: self._export.write(period, entries), deadline=EXPORTING
        )
        refuse(self._plugin, _file_complaint(file))
        return file


class FencedDashboardTile:
    """A plugin's dashboard tile, as services use it."""

    def __init__(self, plugin: str, tile: DashboardTile, deadline: timedelta) -> None:
        self.key = tile.key
        self._plugin = plugin
        self._tile = tile
        self._deadline = min(deadline, SHOWING)

    def show(self) -> Tile:
        """Raises PluginFailed, Retryable, Rejected."""
        tile = fenced(self._plugin, self._tile.show, deadline=self._deadline)
        refuse(self._plugin, _tile_complaint(tile))
        return tile


def _file_complaint(file: object) -> str | None:
    if not isinstance(file, LedgerFile):
        return f"answer is {type(file).__name__}, not LedgerFile"
    if not isinstance(file.content, bytes):
        return f"content is {type(file.content).__name__}, not bytes"
    return problems_complaint(file.problems)


def _tile_complaint(tile: object) -> str | None:
    if not isinstance(tile, Tile):
        return f"answer is {type(tile).__name__}, not Tile"
    if found := mismatch(tile.figures, tuple[Figure, ...], "figures"):
        return found
    if not 0 < len(tile.figures) <= MOST_FIGURES:
        return f"{len(tile.figures)} figures, not between 1 and {MOST_FIGURES}"
    return next((found for one in tile.figures if (found := _figure_complaint(one))), None)


def _figure_complaint(figure: Figure) -> str | None:
    for name in ("label", "value", "address"):
        if not isinstance(getattr(figure, name), str):
            return f"{name} is {type(getattr(figure, name)).__name__}, not str"
    if figure.address and (not figure.address.startswith("/") or figure.address.startswith("//")):
        return f"address {figure.address[:40]!r} is no path of this application"
    if figure.tone not in ("plain", "good", "warn", "bad"):
        return f"tone is {str(figure.tone)[:20]!r}"
    return None
