"""Brands as the API takes and gives them."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.brands import BankAccount, Brand, LegalLink, Logo
from billhook.domain.states import DocumentType
from billhook.sdk.api import Answer, Input
from billhook.services.brand_changes import (
    LEGAL_TEXT,
    LINK_LABEL,
    MOST_ACCOUNTS,
    MOST_LINKS,
    BrandInput,
)

Colour = Annotated[str, Field(max_length=7)]
Code = Annotated[str, Field(max_length=limits.CODE)]


class AccountInput(Input):
    """Where money may be sent."""

    holder: str = Field(max_length=limits.NAME)
    iban: str = Field("", max_length=60)
    number: str = Field("", max_length=limits.CODE, description="Where the country has no IBAN.")
    bic: str = Field("", max_length=20)
    bank: str = Field("", max_length=limits.NAME)
    currency: str = Field("", max_length=3, description="The one that it takes; empty for any.")


class LinkInput(Input):
    """What clients have to find, in the foot of each page of the portal."""

    label: str = Field(max_length=LINK_LABEL, examples=["Imprint"])
    address: str = Field(
        max_length=limits.NAME,
        description="Begins with `https://` or `mailto:`.",
        examples=["https://shop.example/imprint"],
    )


class BrandChanges(Input):
    """How a brand looks, and from whom its mails come; what is left out stays."""

    name: str | None = Field(None, max_length=limits.NAME)
    theme: str | None = Field(None, max_length=limits.CODE)
    renderer: str | None = Field(None, max_length=limits.NAME, description="Its key.")
    colours: dict[Code, Colour] | None = Field(
        None,
        max_length=50,
        description="By name, as #rrggbb; an empty one goes back to the theme's own.",
        examples=[{"accent": "#1d4e5f"}],
    )
    sender_name: str | None = Field(None, max_length=limits.NAME)
    sender_email: str | None = Field(None, max_length=limits.EMAIL)
    reply_to: str | None = Field(None, max_length=limits.EMAIL)
    website: str | None = Field(None, max_length=limits.NAME)
    legal_text: str | None = Field(
        None, max_length=LEGAL_TEXT, description="In the foot of each page."
    )
    font: str | None = Field(
        None,
        max_length=limits.CODE,
        description="Name of the portal's typeface, see `/brand-choices`; empty for the theme's.",
    )
    legal_links: list[LinkInput] | None = Field(
        None, max_length=MOST_LINKS, description="All of them, in their order."
    )
    bank_accounts: list[AccountInput] | None = Field(
        None, max_length=MOST_ACCOUNTS, description="All of them."
    )
    is_default: Literal[True] | None = Field(
        None, description="Lets customers see it unless they have another."
    )

    def as_input(self, code: str, version: int | None) -> BrandInput:
        """Return the change as the service takes it."""
        given: dict[str, Any] = self.model_dump(
            include=set(BrandChanges.model_fields) - {"colours", "bank_accounts", "legal_links"}
        )
        links = None
        if self.legal_links is not None:
            links = tuple(LegalLink(**one.model_dump()) for one in self.legal_links)
        accounts = None
        if self.bank_accounts is not None:
            accounts = tuple(BankAccount(**one.model_dump()) for one in self.bank_accounts)
        return BrandInput(
            **given,
            code=code,
            colours=self.colours or {},
            bank_accounts=accounts,
            legal_links=links,
            version=version,
        )


class NewBrand(BrandChanges):
    """A brand to be; what is left out is as the default brand has it."""

    code: str = Field(
        min_length=1,
        max_length=limits.CODE,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        examples=["north-shop"],
    )


class Shown(StrEnum):
    """What of a brand is shown."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    MAIL = "mail"

    @property
    def kind(self) -> DocumentType:
        return DocumentType.CREDIT_NOTE if self is Shown.CREDIT_NOTE else DocumentType.INVOICE


class BrandTrial(BrandChanges):
    """A change of a brand that is looked at and not kept."""

    shown: Shown = Shown.INVOICE


class LogoAnswer(Answer):
    """A picture, by its hash."""

    content_type: str
    sha256: str

    @classmethod
    def of(cls, picture: Logo | None) -> "LogoAnswer | None":
        """Return how the API shows a picture of a brand."""
        if picture is None:
            return None
        return cls(content_type=picture.content_type, sha256=picture.sha256)


class LegalLinkAnswer(Answer):
    """A label, and where it leads."""

    label: str
    address: str


class AccountAnswer(Answer):
    """Where money may be sent."""

    holder: str
    iban: str
    number: str
    bic: str
    bank: str
    currency: str


class BrandAnswer(Answer):
    """How documents and mails look, and from whom they come."""

    id: UUID
    code: str
    name: str
    theme: str
    renderer: str
    colours: dict[str, str] = Field(description="Instead of the theme's own.")
    sender_name: str
    sender_email: str
    reply_to: str
    website: str
    legal_text: str
    font: str = Field(description="Of the portal; empty for the theme's own.")
    legal_links: list[LegalLinkAnswer]
    bank_accounts: list[AccountAnswer]
    logo: LogoAnswer | None
    favicon: LogoAnswer | None = Field(description="What browsers show in tabs of the portal.")
    is_default: bool
    version: int

    @classmethod
    def of(cls, brand: Brand) -> "BrandAnswer":
        """Return how the API shows a brand."""
        return cls(
            id=brand.id,
            code=brand.code,
            name=brand.name,
            theme=brand.theme,
            renderer=brand.renderer,
            colours=dict(brand.colours),
            sender_name=brand.sender.name,
            sender_email=brand.sender.email,
            reply_to=brand.sender.reply_to,
            website=brand.website,
            legal_text=brand.legal_text,
            bank_accounts=[AccountAnswer(**asdict(one)) for one in brand.bank_accounts],
            font=brand.font,
            legal_links=[LegalLinkAnswer(**asdict(one)) for one in brand.legal_links],
            logo=LogoAnswer.of(brand.logo),
            favicon=LogoAnswer.of(brand.favicon),
            is_default=brand.is_default,
            version=brand.version,
        )


class ThemeAnswer(Answer):
    """A theme, and the colours that a brand may give it."""

    name: str
    title: str
    colours: dict[str, str] = Field(description="By name, as the theme has them.")
    fonts: dict[str, str] = Field(
        description="Names of typefaces that a brand may give its portal, with their titles."
    )


class BrandChoicesAnswer(Answer):
    """What a brand can be made of."""

    themes: list[ThemeAnswer]
    renderers: list[str] = Field(description="Keys of what makes PDFs.")
    placeholders: list[str] = Field(description="What texts of templates can name, in braces.")
