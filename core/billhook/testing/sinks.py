"""Receivers of webhooks for tests, over real HTTP: they take, refuse, hang, flood and vanish.

```python
with sink() as one:
    … url=one.url …
    one.behave = answers(500)
    assert one.received[0].headers["webhook-id"] == "…"
```
"""

import contextlib
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request that came."""

    method: str
    target: str
    headers: dict[str, str]
    """By names in lower case."""
    body: bytes
    at: float
    """By the monotonic clock."""


class Line:
    """The connection that a behaviour answers on."""

    def __init__(self, connection: Any, ending: threading.Event) -> None:
        self._connection = connection
        self._ending = ending

    def send(self, content: bytes) -> None:
        self._connection.sendall(content)

    def is_open(self, seconds: float) -> bool:
        """Wait, and tell whether the sink still runs."""
        return not self._ending.wait(seconds)


Behaviour = Callable[[Line], None]


def answers(status: int, *, body: bytes = b"thanks", **headers: str) -> Behaviour:
    """Answer; of names of headers underscores become hyphens."""

    def behave(line: Line) -> None:
        given = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in headers.items())
        head = f"HTTP/1.1 {status} It\r\n{given}content-length: {len(body)}\r\n\r\n"
        line.send(head.encode() + body)

    return behave


def hangs(line: Line) -> None:
    """Take the request and say nothing."""
    while line.is_open(0.05):
        pass


def drops(line: Line) -> None:
    """Close the connection without a word."""


def floods(line: Line) -> None:
    """Answer 200 with a body that never ends, as fast as it is taken."""
    line.send(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n")
    while line.is_open(0):
        line.send(b"x" * 65536)


def floods_headers(line: Line) -> None:
    """Answer with headers that never end."""
    line.send(b"HTTP/1.1 200 OK\r\n")
    while line.is_open(0):
        line.send(b"x-more: " + b"x" * 8192 + b"\r\n")


def drips(line: Line) -> None:
    """Answer a byte at a time: no single wait is long, and all of it never ends."""
    for byte in b"HTTP/1.1 200 OK\r\n" + b"x-slow: " + b"x" * 100_000:
        if not line.is_open(0.02):
            return
        line.send(bytes([byte]))


def talks_nonsense(line: Line) -> None:
    line.send(b"220 mail.example ESMTP\r\n")


@dataclass
class Sink:
    """A receiver, and what it received."""

    port: int
    host: str = HOST
    scheme: str = "http"
    behave: Behaviour = field(default_factory=lambda: answers(200))
    received: list[Received] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)
    names: list[str | None] = field(default_factory=list)
    """What TLS was asked for (SNI)."""

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        """Return the ids of what came, in order."""
        return [one.headers["webhook-id"] for one in self.received]

    def wait_for(self, count: int, *, seconds: float = 10) -> None:
        """Wait until so many requests came. Raises TimeoutError."""
        with self.came:
            if not self.came.wait_for(lambda: len(self.received) >= count, seconds):
                raise TimeoutError(f"{len(self.received)} of {count} came in {seconds} seconds.")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


@contextlib.contextmanager
def sink(
    behave: Behaviour | None = None, *, host: str = HOST, tls: ssl.SSLContext | None = None
) -> Iterator[Sink]:
    """Run a receiver on a free port."""
    ending = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        timeout = 30

        def setup(self) -> None:
            if tls is not None:
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()
            self.request.close()

        def handle(self) -> None:
            found = _read(self.rfile)
            if found is None:
                return
            with one.came:
                one.received.append(found)
                one.came.notify_all()
            with contextlib.suppress(OSError):  # the sender has had enough
                one.behave(Line(self.request, ending))

    class Quiet(_Server):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing: clients that break off are what is tested."""

    with Quiet((host, 0), Handler) as server:
        one = Sink(port=server.server_address[1], host=host, scheme="https" if tls else "http")
        if behave is not None:
            one.behave = behave
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: one.names.append(name)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield one
        finally:
            ending.set()
            server.shutdown()


def _read(stream: Any) -> Received | None:
    line = stream.readline(65536).decode("latin-1").split()
    if len(line) != 3:
        return None
    headers = {}
    while text := stream.readline(65536).decode("latin-1").strip():
        name, _colon, value = text.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    body = stream.read(length)
    if len(body) < length:
        return None  # the sender died in the middle of it
    return Received(
        method=line[0],
        target=line[1],
        headers=headers,
        body=body,
        at=monotonic(),
    )
