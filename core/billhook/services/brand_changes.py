"""What people may say about a brand: read, checked, and turned into a row's values."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from billhook import limits
from billhook.domain.brands import BankAccount, LegalLink
from billhook.i18n import gettext as _
from billhook.models.brands import BrandRow
from billhook.plugins import portal_styles
from billhook.plugins.colours import is_colour
from billhook.plugins.registries import RENDERERS
from billhook.plugins.runtime import relay, runtime
from billhook.sdk.context import Context
from billhook.services.brand_pictures import check_favicon, check_logo
from billhook.services.fields import Fields

LEGAL_TEXT = 400
"""Characters in the foot of each page."""
MOST_ACCOUNTS = 10
MOST_LINKS = 6
LINK_LABEL = 60

_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandInput:
    """New values of a brand; None leaves one as it is. An unknown code makes a new brand."""

    code: str = ""
    """Empty for the tenant's default brand."""
    name: str | None = None
    theme: str | None = None
    renderer: str | None = None
    logo: bytes | None = None
    """A PNG or JPEG; none left where empty."""
    favicon: bytes | None = None
    """A PNG or ICO, for the tabs of browsers; none left where empty."""
    font: str | None = None
    """The portal's typeface, one of the theme's or of those bundled; empty for the theme's own."""
    legal_links: tuple[LegalLink, ...] | None = None
    """All of them, in their order."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """By name, as #rrggbb; an empty one goes back to the theme's own."""
    sender_name: str | None = None
    sender_email: str | None = None
    reply_to: str | None = None
    website: str | None = None
    legal_text: str | None = None
    bank_accounts: tuple[BankAccount, ...] | None = None
    """All of them."""
    is_default: bool | None = None
    """Only a brand becomes the default; none stops being it by itself."""
    version: int | None = None
    """The version that was changed; None where nobody read one before."""


def read_brand(ctx: Context, row: BrandRow, given: BrandInput, read: Fields) -> dict[str, Any]:
    """Return the columns that a change sets, without pictures; problems go to `read`."""
    values = _texts(ctx, given, read)
    if given.colours:
        values["colours"] = _colours(values.get("theme") or row.theme, row, given.colours, read)
    if given.bank_accounts is not None:
        values["bank_accounts"] = _accounts(given.bank_accounts, read)
    if given.font is not None:
        values["font"] = _font(values.get("theme") or row.theme, given.font.strip(), read)
    if given.legal_links is not None:
        values["legal_links"] = _links(given.legal_links, read)
    if given.logo:
        check_logo(given.logo, read)
    if given.favicon:
        check_favicon(given.favicon, read)
    return values


def _texts(ctx: Context, given: BrandInput, read: Fields) -> dict[str, Any]:
    readers = {
        "name": lambda text: read.text("name", text, limit=limits.NAME, is_required=True),
        "theme": lambda text: read.one_of("theme", text, runtime().themes.installed),
        "renderer": lambda text: read.one_of("renderer", text, relay(ctx).keys(RENDERERS)),
        "sender_name": lambda text: read.text("sender_name", text, limit=limits.NAME),
        "sender_email": lambda text: read.email("sender_email", text),
        "reply_to": lambda text: read.email("reply_to", text),
        "website": lambda text: read.text("website", text, limit=limits.NAME),
        "legal_text": lambda text: read.prose("legal_text", text, limit=LEGAL_TEXT),
    }
    asked = {one.name: getattr(given, one.name) for one in fields(given)}
    values = {
        name: reader(asked[name]) for name, reader in readers.items() if asked[name] is not None
    }
    for name in ("theme", "renderer"):
        if name in values and not asked[name].strip():
            read.refuse(name, "input.missing", _("This is needed. Fill it in."))
    return values


def _colours(theme: str, row: BrandRow, given: Mapping[str, str], read: Fields) -> dict[str, str]:
    installed = runtime().themes.installed.get(theme)
    known = installed.info.colours if installed else {}
    colours = dict(row.colours)
    for name, text in given.items():
        colour = text.strip().lower()
        if name not in known:
            read.refuse(
                f"colours.{name}",
                "brand.colour_unknown",
                _(
                    "The theme “%(theme)s” has no colour “%(name)s”. It has %(known)s.",
                    theme=theme,
                    name=name[:40],
                    known=", ".join(sorted(known)) or "-",
                ),
            )
        elif colour and not is_colour(colour):
            read.refuse(
                f"colours.{name}",
                "brand.colour_malformed",
                _("“%(colour)s” is not a colour. Write it as #1d4e5f.", colour=text[:40]),
            )
        else:
            colours[name] = colour
    return {name: colour for name, colour in colours.items() if colour}


def _font(theme: str, name: str, read: Fields) -> str:
    installed = runtime().themes.installed.get(theme)
    known = portal_styles.choices(installed) if installed else {}
    if name and name not in known:
        read.refuse(
            "font",
            "brand.font_unknown",
            _(
                "With the theme “%(theme)s” there is no typeface “%(name)s”. There is %(known)s.",
                theme=theme,
                name=name[:40],
                known=", ".join(sorted(known)) or "-",
            ),
        )
        return ""
    return name


def _links(given: tuple[LegalLink, ...], read: Fields) -> list[dict[str, str]]:
    if len(given) > MOST_LINKS:
        read.refuse(
            "legal_links",
            "brand.links_too_many",
            _("A brand has at most %(most)s legal links.", most=MOST_LINKS),
        )
    return [_link(f"legal_links.{place}", one, read) for place, one in enumerate(given)]


def _link(path: str, given: LegalLink, read: Fields) -> dict[str, str]:
    address = read.text(f"{path}.address", given.address, limit=limits.NAME, is_required=True)
    if address and not is_link(address):
        read.refuse(
            f"{path}.address",
            "brand.link_malformed",
            _(
                "“%(address)s” cannot be linked to. Write it like https://shop.example/imprint, "
                "or mailto:privacy@shop.example.",
                address=address[:60],
            ),
        )
    label = read.text(f"{path}.label", given.label, limit=LINK_LABEL, is_required=True)
    return {"label": label, "address": address}


def is_link(address: str) -> bool:
    """Tell whether clients may be led to an address: a page over HTTPS, or who gets a mail."""
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return False
    if " " in address or "\\" in address:
        return False
    match parts.scheme:
        case "https":
            return bool(parts.hostname) and "@" not in parts.netloc
        case "mailto":
            return not parts.netloc and bool(_MAILBOX.fullmatch(parts.path))
    return False


def _accounts(given: tuple[BankAccount, ...], read: Fields) -> list[dict[str, str]]:
    if len(given) > MOST_ACCOUNTS:
        read.refuse(
            "bank_accounts",
            "brand.accounts_too_many",
            _("A brand has at most %(most)s bank accounts.", most=MOST_ACCOUNTS),
        )
    return [_account(f"bank_accounts.{place}", one, read) for place, one in enumerate(given)]


def _account(path: str, given: BankAccount, read: Fields) -> dict[str, str]:
    found = BankAccount(
        holder=read.text(f"{path}.holder", given.holder, limit=limits.NAME, is_required=True),
        iban=_iban(f"{path}.iban", given.iban, read),
        number=read.text(f"{path}.number", given.number, limit=limits.CODE),
        bic=_bic(f"{path}.bic", given.bic, read),
        bank=read.text(f"{path}.bank", given.bank, limit=limits.NAME),
        currency=read.currency(f"{path}.currency", given.currency),
    )
    if not given.iban.strip() and not given.number.strip():
        read.refuse(
            path,
            "brand.account_incomplete",
            _("A bank account needs an IBAN, or a number where its country has none."),
        )
    return asdict(found)


def _iban(path: str, text: str, read: Fields) -> str:
    if not text.strip():
        return ""
    try:
        return IBAN(text.strip()).compact
    except SchwiftyException:
        read.refuse(
            path,
            "brand.iban_wrong",
            _("“%(iban)s” is not an IBAN: its check digits or length are wrong.", iban=text[:60]),
        )
        return ""


def _bic(path: str, text: str, read: Fields) -> str:
    if not text.strip():
        return ""
    try:
        return BIC(text.strip()).compact
    except SchwiftyException:
        read.refuse(
            path,
            "brand.bic_wrong",
            _("“%(bic)s” is not a BIC. One has 8 or 11 characters.", bic=text[:60]),
        )
        return ""
