"""Sending webhooks: one loop with many requests on their way, apart from all other work.

A round claims what is due, as far as there are places, and sends it; each answer
is written as it comes. Requests share a thread, and the database has another.
Nothing here waits for a receiver but the request itself, and that ends by its
deadline.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cached_property
from time import monotonic
from typing import TypeVar
from uuid import UUID

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

from billhook.clock import SystemClock
from billhook.i18n import gettext as _
from billhook.plugins.runtime import runtime
from billhook.sdk.http import Guard, Http, OutboundError, Request
from billhook.sdk.http.client import Journey
from billhook.services.webhooks import claiming, sending
from billhook.services.webhooks.sending import Outcome, Parcel

ROUND = timedelta(seconds=1)
"""How often the sender looks by itself."""

GRACE = timedelta(seconds=2)
"""How long what is on its way is waited for at the end; what comes later is sent again."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class WebhookSender:
    """Sends what is due, as soon as `wake` says so and every `ROUND`.

    `start` and `stop` run it in a thread; `work` runs it where it is called.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._call = asyncio.Event()
        self._is_stopping = False
        self._on_way: set[asyncio.Task[None]] = set()
        self._slow: set[asyncio.Task[None]] = set()
        """Of those on their way, what gave its place up."""
        self._answered: dict[UUID, bool] = {}

    def wake(self) -> None:
        """Say that something is due. Never waits; does nothing where no sender runs."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._call.set)

    def start(self) -> None:
        """Start sending in a thread, after everything of the server that forks."""
        self._is_stopping = False
        self._thread = threading.Thread(target=self.work, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, after a short wait for what is on its way."""
        self.request_stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def request_stop(self) -> None:
        """Let the rounds end; safe in a signal handler."""
        self._is_stopping = True
        self.wake()

    def work(self) -> None:
        """Send until `request_stop`, in this thread."""
        asyncio.run(self._rounds())

    def send_due(self, *, within: timedelta = claiming.LEASE) -> None:
        """Send what is due now, until nothing is or the time is over."""
        asyncio.run(self._until_none_is_due(monotonic() + within.total_seconds()))

    async def _rounds(self) -> None:
        self._begin()
        with ThreadPoolExecutor(1, "webhooks-db") as self._database:
            while not self._is_stopping:
                if not await self._round():
                    await self._called()
            await self._end()

    async def _until_none_is_due(self, ends: float) -> None:
        self._begin()
        with ThreadPoolExecutor(1, "webhooks-db") as self._database:
            while (await self._round() or self._on_way) and monotonic() < ends:
                if self._on_way:
                    await asyncio.wait(
                        self._on_way,
                        timeout=max(ends - monotonic(), 0),
                        return_when=asyncio.FIRST_COMPLETED,
                    )
            await self._end()

    def _begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._call = asyncio.Event()

    async def _end(self) -> None:
        self._loop = None
        if self._on_way:
            await asyncio.wait(self._on_way, timeout=GRACE.total_seconds())
        for task in self._on_way:
            task.cancel()
        await asyncio.gather(*self._on_way, return_exceptions=True)

    async def _called(self) -> None:
        try:
            async with asyncio.timeout(ROUND.total_seconds()):
                await self._call.wait()
        except TimeoutError:
            pass
        self._call.clear()

    async def _round(self) -> int:
        """Claim and begin to send; return how many messages."""
        try:
            parcels = await self._in_database(self._claimed)
        except OperationalError as error:  # the database is away or busy: the next round
            log.warning("webhooks.round_failed", reason=str(error))
            return 0
        except Exception as error:  # a bug in one round must not end all later ones
            log.error("webhooks.round_failed", exc_info=error)
            return 0
        for parcel in parcels:
            task = asyncio.create_task(self._send(parcel))
            self._on_way.add(task)
            task.add_done_callback(self._ended)
            task.get_loop().call_later(
                claiming.SLOW.total_seconds(), self._give_up_place, task, parcel
            )
        return len(parcels)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._on_way.discard(task)
        self._slow.discard(task)

    def _give_up_place(self, task: asyncio.Task[None], parcel: Parcel) -> None:
        if not task.done():
            self._slow.add(task)
            self._answered[parcel.lease.endpoint_id] = False
            self._call.set()

    def _claimed(self) -> list[Parcel]:
        on_way, slow = len(self._on_way), len(self._slow)
        free = min(claiming.PLACES - (on_way - slow), claiming.MOST - on_way)
        if free <= 0:
            return []
        return sending.parcels(claiming.claim(free, dict(self._answered)))

    async def _send(self, parcel: Parcel) -> None:
        came = await attempt(self._http, parcel)
        self._answered[parcel.lease.endpoint_id] = came.is_received
        try:
            await self._in_database(lambda: sending.record(parcel, came))
        except OperationalError as error:  # sent again once its lease is over
            log.warning("webhooks.not_recorded", reason=str(error))
        except Exception as error:
            log.error("webhooks.not_recorded", exc_info=error)
        self._call.set()

    @cached_property
    def _http(self) -> Http:
        with self._app.app_context():
            return Http(Guard(networks=runtime().config.outbound_networks))

    async def _in_database(self, act: Callable[[], T]) -> T:
        def inside() -> T:
            with self._app.app_context():
                return act()

        return await asyncio.get_running_loop().run_in_executor(self._database, inside)


async def attempt(http: Http, parcel: Parcel) -> Outcome:
    """Send a message once; whatever comes of it is an outcome."""
    at, began, journey = SystemClock().now(), monotonic(), Journey()
    headers = parcel.headers(at)

    def passed() -> int:
        return round((monotonic() - began) * 1000)

    if not parcel.secrets:
        lost = _("None of its secrets can be opened. Rotate the secret, then send again.")
        return Outcome(attempted_at=at, headers={}, milliseconds=0, error=lost)
    request = Request(
        method="POST",
        url=parcel.url,
        headers=headers,
        body=parcel.body.encode(),
        deadline=claiming.DEADLINE,
        most_bytes=sending.ANSWER_BYTES,
    )
    try:
        answer = await http.sending(request, journey)
    except OutboundError as error:
        return Outcome(
            attempted_at=at,
            headers=headers,
            milliseconds=passed(),
            error=error.message,
            address=journey.address,
        )
    return sending.outcome(parcel, answer, at=at, headers=headers, milliseconds=passed())
