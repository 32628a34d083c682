"""Channels: ways by which documents reach clients."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from billhook.domain.deliveries import Addressee, Dispatch, Receipt, Recipient
from billhook.problems import Problem
from billhook.sdk.context import Context


@runtime_checkable
class Channel(Protocol):
    """A provider of family "channel". Keys are ``<plugin>.<name>``."""

    key: str

    def recipients(self, addressee: Addressee) -> Sequence[Recipient]:
        """Return whom the channel writes to by default; nobody where it lacks an address."""
        ...

    def recipient_problems(self, recipients: Sequence[Recipient]) -> Sequence[Problem]:
        """Tell what is wrong with addresses that a person gave."""
        ...

    def send(self, dispatch: Dispatch, committing: Callable[[], None]) -> Receipt:
        """Hand one dispatch over.

        Calls `committing` once, immediately before the step after which the other
        side may have it, whatever comes back. Until then it raises Retryable where
        another try may help and Rejected where none will; after that the core tries
        no second time unless the other side clearly said no (Retryable, Rejected):
        any other end leaves the outcome unknown, for a person to settle.
        """
        ...


@runtime_checkable
class ChannelFactory(Protocol):
    """Makes a channel for a tenant."""

    key: str

    def __call__(self, ctx: Context) -> Channel: ...
