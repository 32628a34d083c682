"""Asking name servers without waiting for them for ever.

The system's resolver cannot be interrupted. Each question has a thread of its own
that may outlive the wait, so that names which hang are in nobody else's way; there
are so many threads and no more.
"""

import threading
from concurrent.futures import Future

from billhook.sdk.http import guard
from billhook.sdk.http.guard import HostUnknown

MOST = 256
"""How many questions wait for name servers at once."""

_free = threading.BoundedSemaphore(MOST)


def ask(host: str, port: int) -> "Future[list[str]]":
    """Begin to ask where a host is; the answer comes as a Future. Raises HostUnknown when busy."""
    places = _free
    if not places.acquire(blocking=False):
        raise HostUnknown(guard.unknown(host))
    answer: Future[list[str]] = Future()
    answer.set_running_or_notify_cancel()  # whoever stops waiting does not stop the question

    def ask_system() -> None:
        try:
            found = guard.lookup(host, port)
        except Exception as error:  # raised where somebody waits
            answer.set_exception(error)
        else:
            answer.set_result(found)
        finally:
            places.release()

    threading.Thread(target=ask_system, name="dns", daemon=True).start()
    return answer


def within(seconds: float) -> guard.Resolve:
    """Return a way to look hosts up that gives up after so long."""

    def resolve(host: str, port: int) -> list[str]:
        try:
            return ask(host, port).result(timeout=seconds)
        except TimeoutError:
            raise HostUnknown(guard.unknown(host)) from None

    return resolve
