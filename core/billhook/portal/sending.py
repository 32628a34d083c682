"""How many archives are on the way: each holds one of the server's threads until its last byte.

However slowly clients take theirs, the threads that are left answer everybody else.
"""

from collections.abc import Callable
from threading import Lock
from uuid import UUID

from billhook.errors import Conflict
from billhook.i18n import gettext as _

AT_ONCE = 4
"""Archives that a server sends at once, of the eight threads that `billhook serve` has."""
AT_ONCE_TO_ONE = 2
"""Of these to one client, who may begin anew where a connection was lost."""


class Sending:
    """Whose archives a server is sending now."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._whose: dict[object, UUID] = {}

    def begin(self, customer_id: UUID) -> Callable[[], None]:
        """Count one more until what is returned is called; again does no harm. Raises Conflict."""
        one = object()
        with self._lock:
            under_way = list(self._whose.values())
            if len(under_way) >= AT_ONCE or under_way.count(customer_id) >= AT_ONCE_TO_ONE:
                raise Conflict(
                    _(
                        "Other downloads are still on the way. Wait until they are done, or a "
                        "few minutes, and try again."
                    )
                )
            self._whose[one] = customer_id

        def end() -> None:
            with self._lock:
                self._whose.pop(one, None)

        return end
