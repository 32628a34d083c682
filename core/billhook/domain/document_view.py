"""A document as people read it: every figure formatted, every label in their language.

Screen, PDF and mail show this and nothing else, so that they cannot differ. All
texts are plain, not markup: themes escape them. A text of several lines has ``\\n``
between them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from billhook.domain.brands import Block, Column

Direction = Literal["ltr", "rtl"]
Paper = Literal["a4", "letter"]


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
    """A column of the table of lines."""

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
    subtotal_label: str = ""
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
    paper: Paper
    title: str
    number: str
    subtitle: str
    """What a credit note credits; empty on an invoice."""
    mark: str
    """Across the page: a draft or a sandbox says so; empty on a real document."""
    currency: str
    fields: tuple[Field, ...]
    due: Field
    """What is to be paid or refunded, for a place that is seen first."""
    seller: ViewParty
    buyer: ViewParty
    blocks: tuple[Block, ...]
    """The parts to show, in their order."""
    columns: tuple[ViewColumn, ...]
    sections: tuple[ViewSection, ...]
    adjustments: tuple[ViewTotal, ...]
    """Discounts and surcharges of the whole document."""
    tax_columns: tuple[str, ...]
    """Labels of tax, net, rate and amount."""
    taxes: tuple[ViewTax, ...]
    totals: tuple[ViewTotal, ...]
    information: tuple[str, ...]
    """Below the totals: tax in the seller's currency, what the customer withholds."""
    payment: ViewPayment | None
    intro: tuple[str, ...] = ()
    """Paragraphs."""
    notes: tuple[str, ...] = ()
    notes_label: str = ""
    terms: tuple[str, ...] = ()
    terms_label: str = ""
    closing: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    attachments_label: str = ""
    footer: tuple[str, ...] = ()
    page_words: tuple[str, str, str] = ("", "", "")
    """What stands before, between and after the page's number and their count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture among the page's resources, with the size at which it fits.

    Millimetres in a document, pixels in a mail.
    """

    name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A theme in a brand's colours, with its logo.

    Beside each colour of the theme, such as `accent`, stand `on_accent` (black or
    white, whichever reads better on it), `accent_text` (the colour made legible on
    white) and `accent_tint` (a pale ground).
    """

    brand: str
    website: str
    colours: Mapping[str, str]
    """Each as #rrggbb."""
    logo: Picture | None
