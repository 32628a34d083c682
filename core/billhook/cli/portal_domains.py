"""``billhook portal domain``: names of the tenant's own at which its portal answers."""

from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.portal import portal
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billhook.sdk.context import Context
    from billhook.services.portal_domains import DomainEntry

_DOMAIN = click.argument("name", metavar="DOMAIN")
_BRAND = click.option("--brand", default="", help="Whose face strangers see; the default brand's.")


@portal.group("domain")
def domain() -> None:
    """Let the portal answer at names of your own.

    \b
    billhook portal domain add billing.company.example --tenant shop
    billhook portal domain check billing.company.example --tenant shop
    """


@tenant_command(domain, "list")
def list_domains(ctx: "Context") -> Answer:
    """List the domains, and since when each is proved.

    \b
    billhook portal domain list --tenant shop
    """
    from billhook.services import portal_domains

    return _answer(portal_domains.listing(ctx))


@tenant_command(domain, "add")
@_DOMAIN
@_BRAND
def add(ctx: "Context", name: str, brand: str) -> Answer:
    """Add a domain, and print the records that its DNS needs.

    \b
    billhook portal domain add billing.company.example --tenant shop

    Next: make the records, then billhook portal domain check DOMAIN
    """
    from billhook.services import portal_domains

    return _answer([portal_domains.add(ctx, name, brand=brand)])


@tenant_command(domain, "check")
@_DOMAIN
def check(ctx: "Context", name: str) -> Answer:
    """Ask the DNS whether the domain is proved; the portal answers there within half a minute.

    \b
    billhook portal domain check billing.company.example --tenant shop
    """
    from billhook.services import portal_domains

    checked = portal_domains.check(ctx, name)
    found = ", ".join((*checked.texts, *checked.aliases)) or _("nothing")
    text = _("The DNS says: %(found)s.", found=found)
    content = {"domain": record(checked.entry), "texts": checked.texts, "aliases": checked.aliases}
    return Answer(content, [*_texts([checked.entry]), text])


@tenant_command(domain, "dress")
@_DOMAIN
@_BRAND
def dress(ctx: "Context", name: str, brand: str) -> Answer:
    """Choose whose face strangers see at a domain, and whose mails lead there.

    \b
    billhook portal domain dress billing.company.example --brand atelier --tenant shop
    """
    from billhook.services import portal_domains

    return _answer([portal_domains.dress(ctx, name, brand=brand)])


@tenant_command(domain, "confirm")
@_DOMAIN
def confirm(ctx: "Context", name: str) -> Answer:
    """Take a domain as proved without the DNS, because you know whose it is.

    \b
    billhook portal domain confirm billing.company.example --tenant shop
    """
    from billhook.services import portal_domains

    return _answer([portal_domains.confirm(ctx, name)])


@tenant_command(domain, "remove")
@_DOMAIN
def remove(ctx: "Context", name: str) -> Answer:
    """Let the portal answer at a domain no more. Links in mails that lead there are lost.

    \b
    billhook portal domain remove billing.company.example --tenant shop
    """
    from billhook.services import portal_domains

    portal_domains.remove(ctx, name)
    return Answer({"removed": name}, [_("The domain is removed.")])


def _answer(found: "Sequence[DomainEntry]") -> Answer:
    return Answer({"domains": [record(one) for one in found]}, _texts(found))


def _texts(found: "Sequence[DomainEntry]") -> list[Table | str]:
    titles = (_("domain"), _("brand"), _("proved"))
    rows = [(one.shown, one.brand, one.verified_at or "") for one in found]
    records = [
        _(
            "Records for %(domain)s: TXT %(record)s says %(text)s; CNAME %(domain)s leads to "
            "%(target)s",
            domain=one.domain,
            record=one.record,
            text=one.text,
            target=one.target,
        )
        for one in found
        if one.verified_at is None
    ]
    return [Table(titles, rows), *records]
