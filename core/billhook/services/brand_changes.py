"""What people may say about a brand: read, checked, and turned into a row's values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from billhook import limits
from billhook.domain.brands import BankAccount
from billhook.i18n import gettext as _
from billhook.models.brands import BrandRow
from billhook.plugins import pictures
from billhook.plugins.colours import is_colour
from billhook.plugins.registries import RENDERERS
from billhook.plugins.runtime import relay, runtime
from billhook.sdk.context import Context
from billhook.services.fields import Fields

LOGO_BYTES = 1024 * 1024
LOGO_PIXELS = 4_000
"""The longest side of a logo."""
LEGAL_TEXT = 400
"""Characters in the foot of each page."""
MOST_ACCOUNTS = 10


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
    """Return the columns that a change sets, without the logo; problems go to `read`."""
    values = _texts(ctx, given, read)
    if given.colours:
        values["colours"] = _colours(values.get("theme") or row.theme, row, given.colours, read)
    if given.bank_accounts is not None:
        values["bank_accounts"] = _accounts(given.bank_accounts, read)
    if given.logo:
        check_logo(given.logo, read)
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


def check_logo(content: bytes, read: Fields) -> None:
    """Refuse what no page could show, before a document needs it."""
    if len(content) > LOGO_BYTES:
        read.refuse(
            "logo",
            "brand.logo_too_large",
            _("The logo has more than %(kilobytes)s kB. Save it smaller.", kilobytes=1024),
        )
        return
    size = pictures.pixels(content)
    if size is None or not pictures.is_whole(content):
        read.refuse(
            "logo",
            "brand.logo_unknown",
            _("The logo is neither a PNG nor a JPEG, or not all of it is there. Save it anew."),
        )
    elif not all(0 < side <= LOGO_PIXELS for side in size):
        read.refuse(
            "logo",
            "brand.logo_too_large",
            _(
                "The logo has %(width)s × %(height)s pixels; at most %(most)s × %(most)s are "
                "possible. Save it smaller.",
                width=size[0],
                height=size[1],
                most=LOGO_PIXELS,
            ),
        )


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
