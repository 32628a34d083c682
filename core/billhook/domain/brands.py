"""How a tenant's documents and mails look: brands, and the templates under them.

A theme is installed files and the only place for markup; a brand chooses one and
gives it a logo, colours, a sender, legal texts and bank accounts; a template says
for one type of document which blocks and columns it shows, and with which texts.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from billhook.domain.states import DocumentType


class Block(StrEnum):
    """A part of a document that a template can leave out or move."""

    INTRO = "intro"
    LINES = "lines"
    TAXES = "taxes"
    TOTALS = "totals"
    NOTES = "notes"
    TERMS = "terms"
    PAYMENT = "payment"
    ATTACHMENTS = "attachments"


class Column(StrEnum):
    """A column of the table of lines, in the order in which a template names them."""

    POSITION = "position"  # BT-126
    SKU = "sku"  # BT-155
    DESCRIPTION = "description"  # BT-153
    DATE = "date"  # of supply
    QUANTITY = "quantity"  # BT-129
    UNIT = "unit"  # BT-130
    UNIT_PRICE = "unit_price"  # BT-146
    DISCOUNT = "discount"  # BG-27, BG-28
    TAX = "tax"  # BT-152
    NET = "net"  # BT-131


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """BG-17: where money may be sent."""

    holder: str  # BT-85
    iban: str = ""  # BT-84, without spaces
    number: str = ""  # BT-84 where the country has no IBAN
    bic: str = ""  # BT-86
    bank: str = ""
    currency: str = ""
    """The currency that it takes; empty for any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A picture, by its hash."""

    file_id: UUID
    content_type: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalLink:
    """What clients have to find: imprint, privacy, terms."""

    label: str
    address: str  # https://…


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """From whom a client gets mail."""

    name: str
    email: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A tenant's face towards its clients."""

    id: UUID
    code: str
    name: str
    theme: str
    renderer: str  # a provider's key
    sender: Sender
    logo: Logo | None = None
    colours: tuple[tuple[str, str], ...] = ()
    """Name and #rrggbb, instead of the theme's own."""
    legal_text: str = ""  # BT-33: in the foot of each page
    website: str = ""
    legal_links: tuple[LegalLink, ...] = ()
    font: str = ""
    """The typeface of the portal; the theme's where empty."""
    favicon: Logo | None = None
    bank_accounts: tuple[BankAccount, ...] = ()
    is_default: bool = False
    """Whether customers without a choice of their own see it."""
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateTexts:
    """What a template says in one language; placeholders such as {number} are filled in."""

    title: str = ""
    intro: str = ""
    notes: str = ""
    terms: str = ""  # BT-20
    closing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """How a brand prints one type of document."""

    document_type: DocumentType
    blocks: tuple[Block, ...] = tuple(Block)
    columns: tuple[Column, ...] = (
        Column.POSITION,
        Column.DESCRIPTION,
        Column.QUANTITY,
        Column.UNIT_PRICE,
        Column.TAX,
        Column.NET,
    )
    texts: tuple[tuple[str, TemplateTexts], ...] = ()
    """By language."""
    version: int = 0
    """0 where the tenant changed nothing."""

    def texts_in(self, language: str) -> TemplateTexts:
        """Return the texts of a language, else of its parent ("de" for "de-CH"), else none."""
        by_language = dict(self.texts)
        return by_language.get(language) or by_language.get(
            language.partition("-")[0], TemplateTexts()
        )
