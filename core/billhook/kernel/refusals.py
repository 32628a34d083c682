"""Which guard of the database refused a statement."""

import re

from sqlalchemy.exc import DBAPIError

_NAMED = re.compile(r"([a-z]+(?:_[a-z]+)*): ")


def refusal(error: DBAPIError) -> str:
    """Name the guard: ``period_closed``, ``entry_balances``, …; empty where it was another rule."""
    message = str(error.orig).splitlines()[0]
    found = _NAMED.match(message)
    return found[1] if found else ""
