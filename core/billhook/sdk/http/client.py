"""Requests to others, and their answers."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from time import monotonic

from billhook.i18n import gettext as _
from billhook.sdk.http import lookups
from billhook.sdk.http.guard import Guard, OutboundError, Place, read_url

LOOKUP = timedelta(seconds=3)
"""How long a check of an address waits for name servers."""


class TimedOut(OutboundError):
    """The whole of an answer did not come in time."""

    code = "http.timed_out"


class NoAnswer(OutboundError):
    """The connection was refused or broken, or what came was no HTTP."""

    code = "http.no_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of whom."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    deadline: timedelta = timedelta(seconds=20)
    """How long it may take in all: name server, connection, sending, answer."""
    most_bytes: int = 1024 * 1024
    """How much of the answer's body is read; the rest is never fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, whatever its status: a redirect is an answer, too, and is not followed."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case; of several of one name, the last."""
    body: bytes
    is_whole: bool
    """Whether the body ended before so many bytes were read."""
    address: str
    """The network address that was connected to."""


@dataclass(slots=True, kw_only=True)
class Journey:
    """How far a request has come, for whoever records what failed."""

    address: str = ""
    """The network address that it connected to; empty where to none."""


@dataclass(frozen=True)
class Http:
    """Sends requests within the operator's bounds. Proxies of the environment are not used."""

    guard: Guard

    def check(self, url: str) -> Place:
        """Read an address and look up where it leads; a name that nobody knows yet passes.

        For addresses that people enter, outside transactions. Raises UrlInvalid,
        AddressRefused.
        """
        return self.guard.check(url, resolve=lookups.within(LOOKUP.total_seconds()))

    def send(self, request: Request) -> Answer:
        """Send a request and wait for the answer. Outside transactions.

        Raises UrlInvalid, AddressRefused, HostUnknown, TimedOut, NoAnswer.
        """
        return asyncio.run(self.sending(request))

    async def sending(self, request: Request, journey: Journey | None = None) -> Answer:
        """Send a request beside others in one loop. Raises like `send`."""
        from billhook.sdk.http import wire  # takes its time to load, and few processes need it

        place = read_url(request.url)
        travelled = journey or Journey()
        began = monotonic()
        try:
            async with asyncio.timeout(request.deadline.total_seconds()):
                return await wire.exchange(
                    request, place, guard=self.guard, trust=self.trust, journey=travelled
                )
        except TimeoutError:
            raise TimedOut(
                _(
                    "No whole answer came within %(seconds)s seconds.",
                    seconds=round(monotonic() - began),
                )
            ) from None

    @cached_property
    def trust(self) -> ssl.SSLContext:
        """Return whose certificates are believed: SSL_CERT_FILE of the operator, or certifi's."""
        from billhook.sdk.http import wire

        return wire.trust()
