"""A document as people read it: every figure formatted, every label in their language.

Screen, PDF and mail show this and nothing else, so that they cannot differ. All
texts are plain, not markup: themes escape them.
"""

from dataclasses import dataclass
from typing import Literal

from billhook.domain.brands import Block, Column

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A label and what stands beside it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewParty:
    """A seller or buyer: the name, the address by its country's custom, ids and contact."""

    label: str
    name: str
    address: tuple[str, ...]
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewColumn:
    column: Column
    label: str
    is_number: bool
    """Numbers stand to the right and never wrap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewLine:
    """A row of the table: a text per column of the view, in their order."""

    cells: tuple[str, ...]
    details: tuple[str, ...] = ()
    """Below the description: period, discounts, why this price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSection:
    """Lines that belong together; without a label where the document has no sections."""

    label: str
    lines: tuple[ViewLine, ...]
    subtotal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewTax:
    """A row of the tax table: one component of a tax group."""

    label: str
    net: str
    rate: str
    tax: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewTotal:
    """A row of the sums."""

    label: str
    amount: str
    is_payable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewAccount:
    """A bank account as it is printed."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPayment:
    """How to pay."""

    label: str
    terms: tuple[str, ...]
    accounts: tuple[ViewAccount, ...] = ()
    code: str = ""
    """Name of the resource that holds the payment code, where there is one."""
    code_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """All that a theme may show of a document."""

    language: str  # IETF tag
    direction: Direction
    title: str
    number: str
    mark: str
    """Across the page: a draft or a sandbox says so; empty on a real document."""
    currency: str
    fields: tuple[Field, ...]
    seller: ViewParty
    buyer: ViewParty
    blocks: tuple[Block, ...]
    columns: tuple[ViewColumn, ...]
    sections: tuple[ViewSection, ...]
    adjustments: tuple[ViewTotal, ...]
    tax_columns: tuple[str, ...]
    taxes: tuple[ViewTax, ...]
    totals: tuple[ViewTotal, ...]
    payment: ViewPayment | None
    intro: tuple[str, ...] = ()
    """Paragraphs."""
    notes: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    attachments_label: str = ""
    footer: tuple[str, ...] = ()
    page_label: str = ""
    """Such as “Page %(page)s of %(pages)s”, with these two placeholders."""
