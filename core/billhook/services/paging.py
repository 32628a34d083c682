"""Pages of long lists by keyset: each begins where the last one ended, however far down it is.

```python
orders = (Order(Customer.name, str), Order(Customer.id, UUID))
page = cut(query, orders, after=cursor, limit=50, make=entry)
```
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Row, Select, literal, tuple_

from billhook.db import db
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.money import LARGEST_AMOUNT
from billhook.problems import Problem

R = TypeVar("R")
Key = str | int | date | datetime | UUID
_LONGEST = 2_000

_READERS: dict[type, Callable[[str], Key]] = {
    str: str,
    int: lambda text: _whole(text),
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    UUID: UUID,
}


def _whole(text: str) -> int:
    """Read a number that a column can hold. Raises ValueError."""
    found = int(text)
    if abs(found) > LARGEST_AMOUNT:
        raise ValueError
    return found


@dataclass(frozen=True, slots=True)
class Order:
    """A column that a list is sorted by, never empty, and the type that its cursor carries."""

    column: Any
    kind: type[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice(Generic[R]):
    """A page of a list; `next` is the cursor of the one after, empty on the last."""

    rows: tuple[R, ...]
    next: str = ""


def cut(
    query: Select[Any],
    orders: Sequence[Order],
    *,
    after: str,
    limit: int,
    make: Callable[[Row[Any]], R],
    is_descending: bool = False,
) -> Slice[R]:
    """Return the page that follows a cursor; the last order must tell any two rows apart.

    Raises ValidationFailed for a cursor that is none of this list.
    """
    columns = [order.column for order in orders]
    wanted = query.add_columns(*columns)
    if after:
        wanted = wanted.where(_beyond(orders, _place(after, orders), is_descending=is_descending))
    directions = [column.desc() if is_descending else column.asc() for column in columns]
    rows = db.session.execute(wanted.order_by(None).order_by(*directions).limit(limit + 1)).all()
    shown = rows[:limit]
    last = _cursor(shown[-1][-len(columns) :]) if len(rows) > limit else ""
    return Slice(rows=tuple(make(row) for row in shown), next=last)


def _beyond(orders: Sequence[Order], place: Sequence[Key], *, is_descending: bool) -> Any:
    columns = tuple_(*(order.column for order in orders))
    values = tuple_(
        *(literal(key, order.column.type) for key, order in zip(place, orders, strict=True))
    )
    return columns < values if is_descending else columns > values


def _cursor(keys: Sequence[Key]) -> str:
    texts = [key.isoformat() if isinstance(key, date) else str(key) for key in keys]
    written = json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def _place(cursor: str, orders: Sequence[Order]) -> list[Key]:
    try:
        if len(cursor) > _LONGEST:
            raise ValueError
        padded = cursor + "=" * (-len(cursor) % 4)
        texts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ValueError
        return [_READERS[order.kind](text) for text, order in zip(texts, orders, strict=True)]
    except (ValueError, binascii.Error, RecursionError):
        message = _("This page of the list is gone. Begin at the first one.")
        raise ValidationFailed(
            [Problem(code="list.cursor", path="after", message=message)]
        ) from None
