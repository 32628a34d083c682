"""The connection itself: to an address that was checked, under the name that was asked for.

httpcore, which httpx is made of, lets one say how to connect. So the check stands
where the connection is made, TLS and the header Host keep the name, and nothing
between the two can lead elsewhere.
"""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import certifi
import httpcore

from billhook.i18n import gettext as _
from billhook.sdk.http import lookups
from billhook.sdk.http.guard import Guard, Place

if TYPE_CHECKING:
    from billhook.sdk.http.client import Answer, Journey, Request


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to hosts that the guard admits, each looked up once."""

    def __init__(self, guard: Guard, place: Place, journey: "Journey") -> None:
        self._guard = guard
        self._place = place
        self._journey = journey
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that lets us."""
        found = await asyncio.wrap_future(lookups.ask(self._place.host, port))
        refused = httpcore.ConnectError(self._place.host)
        for address in self._guard.admit(self._place, found):
            self._journey.address = str(address)
            try:
                return await self._network.connect_tcp(str(address), port, timeout)
            except httpcore.NetworkError as error:
                refused = httpcore.ConnectError(f"{address}: {error}")
        raise refused

    async def connect_unix_socket(self, *_path: Any, **_options: Any) -> Any:
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def trust() -> ssl.SSLContext:
    """Return whose certificates are believed."""
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())


async def exchange(
    request: "Request", place: Place, *, guard: Guard, trust: ssl.SSLContext, journey: "Journey"
) -> "Answer":
    """Connect, ask, and read the beginning of the answer. Raises like `Http.send`, but for time."""
    from billhook.sdk.http.client import Answer

    async with _connected(request, place, guard, trust, journey) as response:
        body = b""
        is_whole = True
        async for part in response.aiter_stream():
            body += part
            if len(body) > request.most_bytes:
                is_whole = False
                break
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        return Answer(
            status=response.status,
            headers=headers,
            body=body[: request.most_bytes],
            is_whole=is_whole,
            address=journey.address,
        )


@asynccontextmanager
async def _connected(
    request: "Request", place: Place, guard: Guard, trust: ssl.SSLContext, journey: "Journey"
) -> AsyncIterator[httpcore.Response]:
    from billhook.sdk.http.client import NoAnswer

    network = GuardedNetwork(guard, place, journey)
    url = httpcore.URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target)
    headers = {"Host": place.origin, "Accept-Encoding": "identity", **request.headers}
    try:
        async with (
            httpcore.AsyncConnectionPool(trust, network_backend=network) as pool,
            pool.stream(
                request.method, url, headers=list(headers.items()), content=request.body
            ) as response,
        ):
            yield response
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.TimeoutException,
        ssl.SSLError,
    ) as error:
        reason = str(error) or type(error).__name__
        raise NoAnswer(_("There was no answer: %(reason)s", reason=reason[:200])) from None
