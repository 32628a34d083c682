"""What plugins show at the portal: pages of their own, and panels on pages of the core.

```python
Panel(
    title=_("Parking"),
    blocks=(
        Text(_("You have two places this month.")),
        Grid(
            caption=_("Places"),
            columns=(GridColumn(_("Place")), GridColumn(_("Price"), is_number=True)),
            rows=(("A 12", "40.00 EUR"),),
        ),
    ),
)
```
They are values: the core writes the markup, so that a panel looks like the rest of the
page in every theme, can be read aloud, and breaks nothing. Each checks itself when it is
made. Texts are plain, and in the language that is in force.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal
from uuid import UUID

from babel.support import LazyProxy

from billhook.domain.states import DocumentType
from billhook.sdk.context import Context

Slot = Literal["home", "document", "profile"]
"""Where panels stand: on the first page, beside a document, below a client's own data."""

Permission = Literal["client.see", "client.pay", "client.manage"]
"""What a contact may do: see documents, pay them, manage the account and its people."""

MOST_ROWS = 500
MOST_TEXT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalVisitor:
    """The client for whom something is shown."""

    customer_id: UUID
    customer_name: str
    currency: str
    """What the client is billed in."""
    language: str
    permissions: frozenset[str]
    """Of `Permission`; without any it is a guest, whom a link shows one document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalFile:
    """An e-invoice of a document that the client can load."""

    format: str
    """The format's key, such as ``einvoice_ubl.en16931``."""
    name: str = ""
    size: int = 0
    sha256: str = ""
    """As hexadecimal digits; empty, as name and size, where nobody has loaded or sent it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalDocument:
    """The document beside which a panel stands."""

    id: UUID
    number: str
    type: DocumentType
    issue_on: date
    files: tuple[PortalFile, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    is_quiet: bool = False

    def __post_init__(self) -> None:
        _check(self, self.text)


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels, and what stands beside each."""

    rows: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        _check(self, *(text for row in self.rows for text in _pair(row)))


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column; numbers stand to the right."""

    label: str
    is_number: bool = False

    def __post_init__(self) -> None:
        _check(self, self.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table; on a phone each row is a card, whose title is the first cell."""

    caption: str
    """What the table says, for readers of screens and above it."""
    columns: tuple[GridColumn, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        _check(self, self.caption, *(text for row in self.rows for text in row))
        if not all(isinstance(one, GridColumn) for one in self.columns) or not self.columns:
            raise TypeError("Grid needs columns of GridColumn.")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("Each row of a Grid has a cell for each column.")
        if len(self.rows) > MOST_ROWS:
            raise ValueError(f"A Grid has at most {MOST_ROWS} rows.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """Leads to a page that the same plugin registers, by its name."""

    label: str
    page: str

    def __post_init__(self) -> None:
        _check(self, self.label, self.page)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLink:
    """Loads a file of the document beside which the panel stands, by its format."""

    label: str
    format: str

    def __post_init__(self) -> None:
        _check(self, self.label, self.format)


Block = Text | Facts | Grid | PageLink | FileLink


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A part of a page, with its heading."""

    title: str
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        _check(self, self.title)
        if not all(isinstance(one, Block) for one in self.blocks):
            raise TypeError("The blocks of a Panel are Text, Facts, Grid, PageLink or FileLink.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPage:
    """A page of its own at the portal, which the navigation leads to.

    Its address ends with ``/x/<plugin>/<name>``. Whom it is shown to is asked before
    `show` is called; what `show` reads is the client's own, as everywhere at the portal.
    """

    name: str
    """Small letters, digits and hyphens, such as ``prices``."""
    title: str | LazyProxy
    permission: Permission
    show: Callable[[Context, PortalVisitor], Sequence[Panel]]


def _pair(row: Any) -> tuple[Any, ...]:
    if not isinstance(row, tuple) or len(row) != 2:
        raise TypeError("A row of Facts is a label and a text.")
    return row


def _check(shown: Any, *texts: Any) -> None:
    """Refuse what no page can show. Raises TypeError, ValueError."""
    names = ", ".join(field.name for field in fields(shown))
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"{type(shown).__name__} ({names}) needs texts as str.")
    if any(len(text) > MOST_TEXT for text in texts):
        raise ValueError(f"A text of {type(shown).__name__} has at most {MOST_TEXT} characters.")
