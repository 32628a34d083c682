"""``billhook brand``: a tenant's faces towards its clients."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.values import PAIR
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.domain.brands import BankAccount, Brand, LegalLink, Template
    from billhook.sdk.context import Context

TYPES = ("invoice", "credit_note")


@click.group()
def brand() -> None:
    """Say how documents and mails look, and from whom they come.

    \b
    billhook brand list --tenant shop
    billhook brand set --logo logo.png --colour accent=#0b5cad --tenant shop
    billhook brand template --language en --terms "Payable to {seller} by {due_on}." --tenant shop
    """


@tenant_command(brand, "list")
def list_brands(ctx: "Context") -> Answer:
    """List the brands. Customers without a choice of their own see the default one.

    \b
    billhook brand list --tenant shop
    """
    from billhook.services import brands

    found = brands.listing(ctx)
    titles = (_("brand"), _("default"), _("name"), _("theme"), _("sender"))
    rows = [(one.code, one.is_default, one.name, one.theme, one.sender.email) for one in found]
    return Answer({"brands": [record(one) for one in found]}, [Table(titles, rows)])


@tenant_command(brand, "show")
@click.argument("code", default="")
def show(ctx: "Context", code: str) -> Answer:
    """Show a brand, with its bank accounts and templates.

    \b
    billhook brand show --tenant shop
    billhook brand show north-shop --tenant shop
    """
    from billhook.domain.states import DocumentType
    from billhook.services import brands, templates

    found = brands.get(ctx, code)
    known = [templates.template(ctx, found.id, DocumentType(kind)) for kind in TYPES]
    return _page(found, known)


@tenant_command(brand, "set")
@click.argument("code", default="")
@click.option("--name", help="Its name; what pages show where there is no logo.")
@click.option("--theme", help="One of “billhook theme list”.")
@click.option("--renderer", help="The plugin's key, such as render_pdf.xhtml2pdf.")
@click.option(
    "--logo",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A PNG or JPEG of at most 1 MB.",
)
@click.option("--no-logo", is_flag=True, help="Take the logo away.")
@click.option(
    "--colour",
    "colours",
    multiple=True,
    type=PAIR,
    help="Such as accent=#0b5cad; accent= goes back to the theme's own.",
)
@click.option("--sender-name", help="From whom mails come.")
@click.option("--sender-email", help="Their address.")
@click.option("--reply-to", help="Where answers go, if not there.")
@click.option("--website", help="Printed with the sender, such as www.shop.example.")
@click.option("--legal-text", help="In the foot of each page; \\n begins a new line.")
@click.option("--font", help="The portal's typeface, such as inter; “” for the theme's own.")
@click.option(
    "--favicon",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A PNG or ICO of at most 100 kB, for the tabs of browsers.",
)
@click.option("--no-favicon", is_flag=True, help="Take the icon away; the logo takes its place.")
@click.option(
    "--legal-link",
    "links",
    multiple=True,
    type=PAIR,
    help="Such as Imprint=https://shop.example/imprint; Imprint= takes it away.",
)
@click.option("--iban", help="Adds a bank account, or changes that of this IBAN.")
@click.option("--account-number", help="The same where a country has no IBAN.")
@click.option("--account-holder", help="Of the account; else the brand's name.")
@click.option("--bic", help="BIC of the account, where payers abroad need it.")
@click.option("--bank", help="The bank's name.")
@click.option("--account-currency", default="", help="The currency that it takes; else any.")
@click.option("--forget-account", metavar="IBAN", help="Takes a bank account away.")
@click.option("--default", "is_default", is_flag=True, help="Makes it the default brand.")
def set_brand(
    ctx: "Context",
    code: str,
    logo: Path | None,
    no_logo: bool,
    colours: tuple[tuple[str, str], ...],
    legal_text: str | None,
    favicon: Path | None,
    no_favicon: bool,
    links: tuple[tuple[str, str], ...],
    iban: str | None,
    account_number: str | None,
    account_holder: str | None,
    bic: str | None,
    bank: str | None,
    account_currency: str,
    forget_account: str | None,
    is_default: bool,
    **texts: Any,
) -> Answer:
    """Change a brand, or make one of a new code. Without a code it is the default one.

    \b
    billhook brand set --logo logo.png --colour accent=#0b5cad --tenant shop
    billhook brand set --iban DE89370400440532013000 --bic COBADEFFXXX --tenant shop
    billhook brand set --font inter --legal-link Imprint=https://shop.example/imprint --tenant shop
    billhook brand set north-shop --name "North Shop" --theme atelier --tenant shop

    Next: billhook brand show CODE
    """
    from billhook.domain.brands import BankAccount
    from billhook.services import brands
    from billhook.services.brand_changes import BrandInput

    account = None
    if iban or account_number:
        account = BankAccount(
            holder=account_holder or "",
            iban=iban or "",
            number=account_number or "",
            bic=bic or "",
            bank=bank or "",
            currency=account_currency,
        )
    present = _present(ctx, code)
    saved = brands.save(
        ctx,
        BrandInput(
            code=code,
            logo=b"" if no_logo else logo.read_bytes() if logo else None,
            colours=dict(colours),
            legal_text=None if legal_text is None else legal_text.replace("\\n", "\n"),
            favicon=b"" if no_favicon else favicon.read_bytes() if favicon else None,
            legal_links=_links(present, links),
            bank_accounts=_accounts(present, account, forget_account),
            is_default=is_default or None,
            **texts,
        ),
    )
    return _page(saved, [])


def _present(ctx: "Context", code: str) -> "Brand":
    """Return the brand, or for a new code the default one, which the new one is made like."""
    from billhook.errors import NotFound
    from billhook.services import brands

    try:
        return brands.get(ctx, code)
    except NotFound:
        return brands.get(ctx)


def _links(present: "Brand", given: tuple[tuple[str, str], ...]) -> "tuple[LegalLink, ...] | None":
    """Return the legal links as they are to be; None where nothing was said of them."""
    from billhook.domain.brands import LegalLink

    if not given:
        return None
    told = {one.label: one.address for one in present.legal_links} | dict(given)
    return tuple(LegalLink(label=label, address=at) for label, at in told.items() if at)


def _accounts(
    present: "Brand", account: "BankAccount | None", forgotten: str | None
) -> "tuple[BankAccount, ...] | None":
    """Return the accounts as they are to be; None where nothing was said of them."""
    if account is None and forgotten is None:
        return None
    gone = {_key(forgotten or "")}
    if account is not None:
        account = replace(account, holder=account.holder or present.name)
        gone.add(_key(account.iban or account.number))
    kept = [one for one in present.bank_accounts if _key(one.iban or one.number) not in gone]
    return (*kept, account) if account is not None else tuple(kept)


def _key(text: str) -> str:
    return "".join(text.split()).upper()


@tenant_command(brand, "template")
@click.argument("code", default="")
@click.option(
    "--type", "kind", type=click.Choice(TYPES), default="invoice", help="Which documents."
)
@click.option("--columns", help="In their order, such as position,description,quantity,net.")
@click.option("--blocks", help="In their order, such as intro,lines,totals,payment.")
@click.option("--language", default="", help="Of the texts: en, de, …")
@click.option("--title", help="Instead of “Invoice”.")
@click.option("--intro", help="Above the lines.")
@click.option("--notes", help="Printed below the sums, on every document of the type.")
@click.option("--terms", help="Terms of payment and delivery.")
@click.option("--closing", help="At the end.")
def set_template(
    ctx: "Context",
    code: str,
    kind: str,
    columns: str | None,
    blocks: str | None,
    **texts: Any,
) -> Answer:
    """Change what a brand's documents of one type show and say.

    \b
    billhook brand template --columns position,description,quantity,unit_price,net --tenant shop
    billhook brand template --language de --terms "Zahlbar bis {due_on}." --tenant shop

    Texts may name {number}, {issue_on}, {due_on}, {customer}, {reference}, {seller}, {total},
    {purchase_order} and {credited}. An empty line begins a paragraph.
    """
    from billhook.domain.states import DocumentType
    from billhook.services import templates

    saved = templates.save(
        ctx,
        templates.TemplateInput(
            brand=code,
            document_type=DocumentType(kind),
            columns=None if columns is None else _words(columns),
            blocks=None if blocks is None else _words(blocks),
            **texts,
        ),
    )
    return Answer(record(saved), _template(saved))


def _words(text: str) -> list[str]:
    return [word for word in text.replace(" ", "").split(",") if word]


def _page(found: "Brand", templates: "list[Template]") -> Answer:
    rows = [
        (_("code"), found.code),
        (_("name"), found.name),
        (_("default"), found.is_default),
        (_("theme"), found.theme),
        (_("renderer"), found.renderer),
        (_("logo"), found.logo.content_type if found.logo else ""),
        (_("colours"), " ".join(f"{name}={colour}" for name, colour in found.colours)),
        (_("sender"), f"{found.sender.name} <{found.sender.email}>"),
        (_("replies to"), found.sender.reply_to),
        (_("website"), found.website),
        (_("legal text"), found.legal_text),
        (_("typeface"), found.font),
        (_("icon"), found.favicon.content_type if found.favicon else ""),
        (_("legal links"), "\n".join(f"{one.label}: {one.address}" for one in found.legal_links)),
    ]
    accounts = [
        (one.iban or one.number, one.bic, one.holder, one.bank, one.currency)
        for one in found.bank_accounts
    ]
    titles = (_("account"), _("BIC"), _("holder"), _("bank"), _("currency"))
    parts: list[Table | str] = [Table((_("setting"), _("value")), rows), Table(titles, accounts)]
    for one in templates:
        parts += _template(one)
    content = record(found) | {"templates": [record(one) for one in templates]}
    return Answer(content, parts)


def _template(found: "Template") -> list[Table | str]:
    texts = [
        (code, name, getattr(told, name))
        for code, told in found.texts
        for name in ("title", "intro", "notes", "terms", "closing")
        if getattr(told, name)
    ]
    rows = [
        (_("template of"), found.document_type),
        (_("blocks"), ", ".join(found.blocks)),
        (_("columns"), ", ".join(found.columns)),
    ]
    parts: list[Table | str] = [Table((_("setting"), _("value")), rows)]
    if texts:
        parts.append(Table((_("language"), _("text"), _("words")), texts))
    return parts
