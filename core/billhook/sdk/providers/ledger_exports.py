"""Ledger exports: the journal of some days in the format of an accountant's program."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from babel.support import LazyProxy

from billhook.domain.bookings import BookedEntry, BookedPeriod
from billhook.problems import Problem
from billhook.sdk.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFile:
    """A file for the accountant."""

    name: str
    content_type: str
    content: bytes
    problems: tuple[Problem, ...] = ()
    """Warnings say what the format leaves out; an error keeps the file from being handed over."""


@runtime_checkable
class LedgerExport(Protocol):
    """A provider of family "ledger export". Keys are ``<plugin>.<name>``."""

    key: str

    def write(self, period: BookedPeriod, entries: Sequence[BookedEntry]) -> LedgerFile:
        """Write the entries of the days, which come in journal order.

        What the format cannot express is a problem, never left out silently.
        """
        ...


@runtime_checkable
class LedgerExportFactory(Protocol):
    """Makes a ledger export for a tenant."""

    key: str

    @property
    def title(self) -> str | LazyProxy: ...

    def __call__(self, ctx: Context) -> LedgerExport: ...
