"""The page “Your prices”: what a client pays by the quantity, its own prices before those of all."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from billhook.i18n import current_language
from billhook.money import minor_digits
from billhook.sdk.context import Context
from billhook.sdk.portal import (
    Block,
    Facts,
    Grid,
    GridColumn,
    Panel,
    PortalPage,
    PortalVisitor,
    Text,
)
from billhook.sdk.ports import CustomerPrice
from billhook_pricing_tiered.parameters import FREE_UNITS, PACKAGE_PRICE, PACKAGE_SIZE, TIERS
from billhook_pricing_tiered.pricing import (
    MODELS,
    Graduated,
    Package,
    Stairstep,
    TieredPackage,
    Volume,
)
from billhook_pricing_tiered.texts import gettext as _
from billhook_pricing_tiered.texts import lazy_gettext
from billhook_pricing_tiered.tiers import Tier, read_tiers


def prices(ctx: Context, visitor: PortalVisitor) -> Sequence[Panel]:
    """Show what the client pays today for what it buys by the quantity."""
    keys = {model.key for model in MODELS.values()}
    found = ctx.ports.prices.of_customer(
        ctx, customer_id=visitor.customer_id, on=ctx.today(), models=keys
    )
    if not found:
        nothing = Text(_("Nothing that you buy has a price that depends on the quantity."))
        return [Panel(title=_("Prices by quantity"), blocks=(nothing,))]
    return [_panel(one) for one in found]


PRICES = PortalPage(
    name="prices", title=lazy_gettext("Your prices"), permission="client.see", show=prices
)


def _panel(found: CustomerPrice) -> Panel:
    since = format_date(found.since, format="long", locale=_locale())
    whose = (
        _("Your own price, since %(day)s.", day=since)
        if found.is_own
        else _("The price for everybody, since %(day)s.", day=since)
    )
    return Panel(title=found.product, blocks=(*_shown(found), Text(whose, is_quiet=True)))


def _shown(found: CustomerPrice) -> tuple[Block, ...]:
    parameters, currency = found.price.parameters, found.price.currency
    return _SHOWN[found.price.model](parameters, currency)


_Parameters = Mapping[str, str]


def _graduated(parameters: _Parameters, currency: str) -> tuple[Block, ...]:
    how = _("Each part of your quantity costs the price of its own row.")
    return (Text(how), _tiers(parameters, _("Price of one"), currency))


def _volume(parameters: _Parameters, currency: str) -> tuple[Block, ...]:
    how = _("Your whole quantity costs the price of the row that it falls into.")
    return (Text(how), _tiers(parameters, _("Price of one"), currency))


def _stairstep(parameters: _Parameters, currency: str) -> tuple[Block, ...]:
    how = _("You pay one price for all, that of the row that your quantity falls into.")
    return (Text(how), _tiers(parameters, _("Price in all"), currency))


def _tiered_package(parameters: _Parameters, currency: str) -> tuple[Block, ...]:
    how = _(
        "You pay by packages of %(size)s; one that is begun counts whole. Each costs the price of "
        "its row.",
        size=_number(parameters[PACKAGE_SIZE]),
    )
    return (Text(how), _tiers(parameters, _("Price of a package"), currency))


def _package(parameters: _Parameters, currency: str) -> tuple[Block, ...]:
    how = _("You pay by packages; one that is begun counts whole.")
    rows = [
        (_("Price of a package"), _money(Decimal(parameters[PACKAGE_PRICE]), currency)),
        (_("Units of a package"), _number(parameters[PACKAGE_SIZE])),
    ]
    if Decimal(parameters.get(FREE_UNITS, "0")):
        rows.append((_("Free units"), _number(parameters[FREE_UNITS])))
    return (Text(how), Facts(tuple(rows)))


_SHOWN: Mapping[str, Callable[[_Parameters, str], tuple[Block, ...]]] = {
    Graduated.key: _graduated,
    Volume.key: _volume,
    Stairstep.key: _stairstep,
    Package.key: _package,
    TieredPackage.key: _tiered_package,
}


def _tiers(parameters: _Parameters, title: str, currency: str) -> Grid:
    tiers, _problems = read_tiers(parameters[TIERS])
    has_fee = any(tier.fee for tier in tiers)
    columns = [GridColumn(_("Quantity")), GridColumn(title, is_number=True)]
    if has_fee:
        columns.append(GridColumn(_("Fixed fee"), is_number=True))
    return Grid(
        caption=_("By quantity, in %(currency)s", currency=currency),
        columns=tuple(columns),
        rows=tuple(_row(tier, currency, has_fee=has_fee) for tier in tiers),
    )


def _row(tier: Tier, currency: str, *, has_fee: bool) -> tuple[str, ...]:
    fees = (_money(tier.fee, currency) if tier.fee else "",) if has_fee else ()
    return (_covered(tier), _money(tier.price, currency), *fees)


def _covered(tier: Tier) -> str:
    if tier.last is None:
        return _("from %(first)s", first=_number(tier.first))
    if not tier.first:
        return _("up to %(last)s", last=_number(tier.last))
    return _("%(first)s to %(last)s", first=_number(tier.first), last=_number(tier.last))


def _money(price: Decimal, currency: str) -> str:
    """Write a price with all its digits, and at least those of the currency."""
    least = minor_digits(currency)
    decimals = "." + "0" * least + "#" * (12 - least) if least else ".############"
    written: str = format_decimal(price, format=f"#,##0{decimals}", locale=_locale())
    return f"{written} {currency}"


def _number(value: Decimal | str) -> str:
    written: str = format_decimal(Decimal(value), locale=_locale(), decimal_quantization=False)
    return written


def _locale() -> Locale:
    return Locale.parse(current_language(), sep="-")
