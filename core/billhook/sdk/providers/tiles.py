"""Dashboard tiles: figures that plugins show where everybody begins."""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from babel.support import LazyProxy

from billhook.sdk.context import Context

Tone = Literal["plain", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with what it counts; both are shown as they are."""

    label: str
    value: str
    tone: Tone = "plain"
    address: str = ""
    """A path of this application that lists what was counted, such as ``/outbox?state=bounced``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """What a dashboard tile shows."""

    figures: tuple[Figure, ...]


@runtime_checkable
class DashboardTile(Protocol):
    """A provider of family "dashboard tile". Keys are ``<plugin>.<name>``."""

    key: str

    def show(self) -> Tile:
        """Count, in the reader's language. Asked once the page is there; be quick."""
        ...


@runtime_checkable
class DashboardTileFactory(Protocol):
    """Makes a tile for a tenant. Only members with the permission are shown it."""

    key: str
    permission: str

    @property
    def title(self) -> str | LazyProxy: ...

    def __call__(self, ctx: Context) -> DashboardTile: ...
