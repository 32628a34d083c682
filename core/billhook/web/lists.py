"""Lists as people work in them, described once and shown, sorted, saved and exported alike.

```python
PAGE = ListPage(
    name="customers", title=_("Customers"), permission="customers.view",
    columns=(
        Column(key="name", label=_("Name"), value=lambda c: c.name, href=_address, sort="name"),
        Column(key="gross", label=_("Gross"), kind=Kind.MONEY, value=lambda d: Money(d.gross, d.currency)),
    ),
    filters=(Filter.choice("state", _("State"), _states),),
    fetch=_fetch, identify=lambda c: c.id,
)
add_list(blueprint, PAGE)
```
A list narrows by what stands in its address, so that it can be sent to a colleague.
The first page counts nothing: sums come afterwards, as a fragment of their own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from babel.support import LazyProxy
from flask import g, request, url_for

from billhook.sdk.context import Context
from billhook.services.paging import Slice
from billhook.web import paging

PAGE = 50
MOST_AT_ONCE = 5_000
"""Rows of one bulk act."""

_PLACE = UUID(int=0)

Text = str | LazyProxy


class Kind(StrEnum):
    """How a cell is written."""

    TEXT = "text"
    CODE = "code"  # numbers, references: never wrapped
    MONEY = "money"
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"
    BADGE = "badge"


class Money(NamedTuple):
    """An amount in minor units of a currency."""

    minor: int
    currency: str


class Badge(NamedTuple):
    """A word in a colour; the word alone says all. Tones: good, bad, warn, info, quiet."""

    text: str
    tone: str = "quiet"


Value = str | int | Decimal | date | datetime | Money | Badge | LazyProxy | None


class Choice(NamedTuple):
    """One of a filter's values."""

    value: str
    label: Text


class FilterKind(StrEnum):
    TEXT = "text"
    DAY = "day"
    CHOICE = "choice"


class Address:
    """Where a row's page is: `Address("customers.customer", customer_id=lambda row: row.id)`.

    The route is looked up once for a list and not for each row; ids need no quoting.
    """

    def __init__(self, endpoint: str, **given: Callable[[Any], UUID | None]) -> None:
        ((self._name, self._id),) = given.items()
        self._endpoint = endpoint

    def __call__(self, row: Any) -> str:
        """Return the row's address, empty where it has none."""
        row_id = self._id(row)
        return "" if row_id is None else self._pattern().replace(str(_PLACE), str(row_id))

    def _pattern(self) -> str:
        known: dict[str, str] = g.setdefault("patterns", {})
        if self._endpoint not in known:
            place: dict[str, Any] = {self._name: _PLACE}
            known[self._endpoint] = url_for(self._endpoint, **place)
        return known[self._endpoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list can be narrowed by; its `key` stands in the address."""

    key: str
    label: Text
    kind: FilterKind = FilterKind.TEXT
    choices: Callable[[Context], Sequence[Choice]] = lambda _ctx: ()
    default: str = ""
    """What it is narrowed by until somebody chooses; “all” then narrows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column; `value` takes a row as `fetch` gave it."""

    key: str
    label: Text
    value: Callable[[Any], Value]
    kind: Kind = Kind.TEXT
    href: Callable[[Any], str] | None = None
    sort: str = ""
    """The name by which `fetch` sorts; empty where it cannot."""
    hint: Callable[[Any], str] | None = None
    """A second line in the cell, such as a reason."""
    is_title: bool = False
    """Whether it heads the row's card on a phone; one column does."""
    is_extra: bool = False
    """Whether it is shown only to those who ask for it."""


class Figures(NamedTuple):
    """What all that was found comes to: a small table under the list."""

    header: Sequence[str]
    rows: Sequence[Sequence[Value]]


class Asked(NamedTuple):
    """What a question wants to know: the act finds it in the form under its name."""

    name: str
    label: str
    choices: Sequence[Choice] | None = None
    """None for a text."""


class Question(NamedTuple):
    """What a bulk act asks before it is done."""

    text: str
    """What will happen, and to how many."""
    details: Sequence[str] = ()
    problems: Sequence[str] = ()
    """Why it cannot be done, or not to all."""
    asked: Asked | None = None


class Outcome(NamedTuple):
    """What a bulk act did."""

    text: str
    problems: Sequence[str] = ()
    page: str = ""
    """Where it is followed; back to the list where empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAct:
    """Something done to many rows at once, after a question."""

    key: str
    label: Text
    permission: str
    question: Callable[[Context, Sequence[UUID]], Question]
    act: Callable[[Context, Sequence[UUID]], Outcome]
    icon: str = "check"
    is_destructive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What the address asks for, read leniently."""

    text: str
    sort: str
    is_descending: bool
    after: str
    defaults: Mapping[str, str] = field(default_factory=dict)

    def value(self, key: str) -> str:
        """Return a filter's text, empty where it is not narrowed by it."""
        return paging.text(key) or self.defaults.get(key, "")

    day = staticmethod(paging.day)
    choice = staticmethod(paging.choice)
    key = staticmethod(paging.key)


class Fetch(Protocol):
    """Gives a page of rows in the order that the query asks for."""

    def __call__(
        self, ctx: Context, query: ListQuery, *, after: str, limit: int
    ) -> Slice[Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A list: what it shows, by what it can be narrowed, and what can be done with its rows."""

    name: str
    title: Text
    permission: str
    columns: tuple[Column, ...]
    fetch: Fetch
    identify: Callable[[Any], UUID | str]
    template: str = "list.html"
    search: Text = ""
    """What the search field looks for; without it there is none."""
    filters: tuple[Filter, ...] = ()
    bulk: tuple[BulkAct, ...] = ()
    figures: Callable[[Context, ListQuery], Figures] | None = None
    default_sort: str = ""
    default_descending: bool = False

    def query(self) -> ListQuery:
        """Read the request's address; what makes no sense narrows nothing."""
        asked = paging.text("sort")
        known = {column.sort for column in self.columns if column.sort}
        name = asked.removeprefix("-")
        if name not in known:
            return self._query(self.default_sort, is_descending=self.default_descending)
        return self._query(name, is_descending=asked.startswith("-"))

    def _query(self, sort: str, *, is_descending: bool) -> ListQuery:
        return ListQuery(
            text=paging.text("search"),
            sort=sort,
            is_descending=is_descending,
            after=paging.text("after"),
            defaults={one.key: one.default for one in self.filters if one.default},
        )

    def shown(self) -> list[Column]:
        """Return the columns that the address asks for, else those that everybody sees."""
        wanted = request.args.getlist("column")
        chosen = [column for column in self.columns if column.key in wanted]
        return chosen or [column for column in self.columns if not column.is_extra]

    def all_rows(self, ctx: Context, query: ListQuery) -> Iterator[Any]:
        """Give every row that was found, a thousand at a time."""
        after = ""
        while True:
            page = self.fetch(ctx, query, after=after, limit=1_000)
            yield from page.rows
            if not page.next:
                return
            after = page.next
