"""Channels: ways by which documents reach clients."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from billhook.domain.brands import Sender
from billhook.domain.deliveries import Addressee, Dispatch, Memo, Receipt, Recipient, Trial
from billhook.problems import Problem
from billhook.sdk.context import Context


@runtime_checkable
class Channel(Protocol):
    """A provider of family "channel". Keys are ``<plugin>.<name>``."""

    key: str

    def recipients(
        self, addressee: Addressee, chosen: Sequence[Recipient] = ()
    ) -> Sequence[Recipient]:
        """Return whom the channel writes to: whom a person chose, else whom it finds itself.

        Along with them stand those who get everything, such as an archive; nobody
        where there is no one else.
        """
        ...

    def recipient_problems(self, recipients: Sequence[Recipient]) -> Sequence[Problem]:
        """Tell what is wrong with addresses that a person gave."""
        ...

    def send(self, dispatch: Dispatch, committing: Callable[[], None]) -> Receipt:
        """Hand one dispatch over to all recipients that are not settled.

        Calls `committing` once, immediately before the step after which the other
        side may have it, whatever comes back. Until then it raises Retryable where
        another try may help and Rejected where none will. After that it raises
        them only where the other side clearly said no, and OutcomeUnknown where
        nobody can tell: the core tries no second time, a person settles it.
        Problems of Rejected whose path is an address are that recipient's.
        """
        ...

    def trial(self, sender: Sender, recipient: Recipient) -> Trial:
        """Hand a short test message to one recipient, and tell each step; raises nothing."""
        ...


@runtime_checkable
class MemoCarrier(Protocol):
    """A channel that also carries short messages to people by e-mail; most do not."""

    def carry(self, memo: Memo) -> Receipt:
        """Hand a memo over to its one reader, and to no archive: it may hold a secret link.

        Raises Retryable where another try may help, Rejected where none will, and
        OutcomeUnknown.
        """
        ...


@runtime_checkable
class ChannelFactory(Protocol):
    """Makes a channel for a tenant."""

    key: str

    def __call__(self, ctx: Context) -> Channel: ...
