"""``billhook tenant``: the companies that bill."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from billhook.cli.command import plain_command, tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.values import DAY
from billhook.domain.states import Supply, TaxRounding
from billhook.domain.tax import SCHEMES
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from billhook.sdk.context import Context

_SUPPLIES = click.Choice([supply.value for supply in Supply])


@click.group()
def tenant() -> None:
    """Open and change tenants, each one legal entity.

    \b
    billhook tenant create shop --name "Shop Ltd" --country GB --currency GBP
    billhook tenant list
    """


@plain_command(tenant, "create")
@click.argument("slug")
@click.option("--name", required=True, help="The company's name, as documents print it.")
@click.option("--country", required=True, help="ISO 3166 code, such as DE.")
@click.option("--currency", required=True, help="Base currency by ISO 4217, such as EUR.")
@click.option("--vat-id", default="", help="Tax number; makes the first tax registration.")
@click.option(
    "--supplies",
    type=_SUPPLIES,
    default=Supply.SERVICE.value,
    show_default=True,
    help="What is sold where a product does not say.",
)
@click.option("--time-zone", default="", help="Such as Europe/Berlin; the country's only one.")
@click.option("--language", default="en", show_default=True, help="Such as de or pt-BR.")
@click.option("--pack", help="Plugins to enable, by comma; the usual ones where it is left out.")
@click.option("--admin-email", default="", help="Whom to invite as administrator.")
@click.option("--admin-name", default="", help="The administrator's name.")
@click.option("--sandbox", "is_sandbox", is_flag=True, help="For trying out, for good.")
def create(pack: str | None, **values: Any) -> Answer:
    """Open a tenant with its books, its number series and its plugins.

    \b
    billhook tenant create shop --name "Shop Ltd" --country GB --currency GBP \\
        --vat-id GB980780684 --supplies goods --admin-email ann@example.org

    SLUG names the tenant in commands and addresses, and never changes.

    Next: billhook import customers FILE --tenant SLUG
    """
    from billhook.services import tenants
    from billhook.services.tenants import NewTenant

    if pack is not None:
        values["pack"] = tuple(name.strip() for name in pack.split(",") if name.strip())
    made = tenants.create(NewTenant(**values))
    shown = made.context.tenant
    link = made.invitation.link if made.invitation else None
    content = {
        **_snapshot(made.context),
        "left_out": made.left_out,
        "invitation": record(made.invitation) if made.invitation else None,
    }
    texts = [
        _("Opened %(name)s (%(slug)s).", name=shown.party.name, slug=shown.slug),
        _("Plugins: %(names)s", names=", ".join(sorted(shown.plugins)) or _("none")),
    ]
    if made.left_out:
        texts.append(_("Not installed: %(names)s", names=", ".join(made.left_out)))
    if link:
        texts.append(_("One-time link for the administrator: %(link)s", link=link))
    warnings = [problem.message for problem in made.warnings]
    return Answer(content, texts, warnings=warnings)


@plain_command(tenant, "list")
def list_tenants() -> Answer:
    """List all tenants of this installation.

    \b
    billhook tenant list --json
    """
    from billhook.services import tenants

    found = tenants.listing()
    titles = (_("slug"), _("name"), _("country"), _("currency"), _("time zone"), _("sandbox"))
    rows = [
        (one.slug, one.name, one.country, one.currency, one.time_zone, one.is_sandbox)
        for one in found
    ]
    return Answer({"tenants": [record(one) for one in found]}, [Table(titles, rows)])


@tenant_command(tenant, "show")
def show_tenant(ctx: "Context") -> Answer:
    """Show a tenant's settings, tax registrations and plugins.

    \b
    billhook tenant show --tenant shop

    Next: billhook tenant set
    """
    return _shown(ctx)


@tenant_command(tenant, "set")
@click.option("--name", help="The company's name.")
@click.option("--street", help="Street and number.")
@click.option("--postal-code", help="Postal code.")
@click.option("--city", help="City.")
@click.option("--subdivision", help="ISO 3166-2 code without the country, such as CA.")
@click.option("--extra", help="A second address line.")
@click.option("--email", help="Where customers reach the company.")
@click.option("--phone", help="The contact's phone.")
@click.option("--contact-name", help="Whom documents name as contact.")
@click.option("--legal-id", help="Number in the trade register.")
@click.option("--legal-id-scheme", help="Its ISO 6523 code, such as 0002 for SIRENE.")
@click.option("--electronic-address", help="Where e-invoices come from, such as a GLN.")
@click.option("--electronic-scheme", help="Its scheme by the EAS list, such as 0088.")
@click.option("--channels", help="How documents go out by themselves: keys by comma, or none.")
@click.option("--formats", help="E-invoice formats that documents must pass: keys, or none.")
@click.option("--time-zone", help="Such as Europe/Berlin; what is past stays.")
@click.option("--language", help="Such as de or pt-BR.")
@click.option("--supplies", type=_SUPPLIES, help="What is sold where a product does not say.")
@click.option("--vat-id", help="One more tax registration.")
@click.option("--tax-engine", help="Key of the tax engine, such as tax_rules.eu.")
@click.option(
    "--tax-rounding",
    type=click.Choice([where.value for where in TaxRounding]),
    help="Where tax is rounded: once per tax group, or on each line.",
)
@click.option(
    "--prices-include-tax/--prices-exclude-tax", default=None, help="Whether prices hold the tax."
)
@click.option("--cash-rounding", type=int, help="In minor units: 5 rounds to 0.05; 0 does not.")
@click.option("--payment-days", type=int, help="Days until payment is due.")
@click.option("--retention-years", type=int, help="Years to keep personal data in documents.")
def set_tenant(ctx: "Context", **values: Any) -> Answer:
    """Change a tenant's settings. What was issued stays as it is.

    \b
    billhook tenant set --tenant shop --street "1 High St" --city London --payment-days 14
    """
    from billhook.services import company
    from billhook.services.company import TenantChange

    given = {name: value for name, value in values.items() if value is not None}
    if not given:
        raise click.UsageError(_("Say what to change, such as --payment-days 14."))
    return _shown(company.change(ctx, TenantChange(**given)))


@tenant_command(tenant, "register")
@click.argument("place")
@click.option("--scheme", type=click.Choice(SCHEMES), help="The usual one of PLACE if left out.")
@click.option("--number", default="", help="As the tax office gave it.")
@click.option("--from", "valid_from", type=DAY, help="First day; always where it is left out.")
@click.option("--until", type=DAY, help="Last day; until further notice where it is left out.")
def register(ctx: "Context", place: str, scheme: str | None, **values: Any) -> Answer:
    """Note that the tenant is registered for tax somewhere, and charges it there.

    \b
    billhook tenant register FR --scheme oss --number FR61954506077 --tenant shop
    billhook tenant register CA-QC --number 1234567890TQ0001 --tenant shop
    billhook tenant register US-NY --from 2026-01-01 --tenant shop

    PLACE is a country by ISO 3166, or one of its states or provinces. In the
    United States, the registrations are the list of states with nexus.

    Next: billhook tenant show
    """
    from billhook.services import registrations
    from billhook.services.registrations import NewRegistration

    wanted = NewRegistration(place=place, scheme=scheme or "", **values)
    return _shown(registrations.register(ctx, wanted))


@tenant_command(tenant, "end-registration")
@click.argument("registration", type=click.UUID)
@click.option("--until", type=DAY, required=True, help="Its last day.")
def end_registration(ctx: "Context", registration: "UUID", until: "date") -> Answer:
    """Let a tax registration end; `tenant show` tells their ids.

    \b
    billhook tenant end-registration 01939a… --until 2026-12-31 --tenant shop
    """
    from billhook.services import registrations

    return _shown(registrations.end(ctx, registration, until=until))


def _shown(ctx: "Context") -> Answer:
    content = _snapshot(ctx)
    rows = [
        (name, ", ".join(map(str, value)) if isinstance(value, list) else value)
        for name, value in content.items()
        if name != "registrations"
    ]
    numbers = [
        (
            *("-".join(filter(None, (one.country, one.subdivision))), one.scheme, one.number),
            *(one.valid_from, one.valid_to and one.valid_to - timedelta(days=1), one.id),
        )
        for one in ctx.tenant.registrations
    ]
    titles = (_("registered in"), _("scheme"), _("number"), _("from"), _("until"), _("id"))
    return Answer(content, [Table((_("setting"), _("value")), rows), Table(titles, numbers)])


def _snapshot(ctx: "Context") -> dict[str, Any]:
    shown = ctx.tenant
    address = shown.party.address
    return {
        "id": shown.id,
        "slug": shown.slug,
        "name": shown.party.name,
        "country": address.country,
        "subdivision": address.subdivision,
        "street": address.street,
        "postal_code": address.postal_code,
        "city": address.city,
        "extra": address.extra,
        "email": shown.party.email,
        "phone": shown.party.phone,
        "contact_name": shown.party.contact_name,
        "legal_id": shown.party.legal_id,
        "legal_id_scheme": shown.party.legal_id_scheme,
        "electronic_address": shown.party.electronic_address,
        "electronic_scheme": shown.party.electronic_scheme,
        "channels": list(shown.channels),
        "formats": list(shown.formats),
        "currency": shown.currency,
        "time_zone": shown.time_zone,
        "language": shown.language,
        "supplies": shown.supplies.value,
        "tax_engine": shown.tax_engine,
        "tax_rounding": shown.totals.tax_rounding.value,
        "prices_include_tax": shown.totals.prices_include_tax,
        "cash_rounding": shown.totals.cash_rounding,
        "payment_days": shown.payment_days,
        "is_sandbox": shown.is_sandbox,
        "plugins": sorted(shown.plugins),
        "registrations": [record(one) for one in shown.registrations],
    }
