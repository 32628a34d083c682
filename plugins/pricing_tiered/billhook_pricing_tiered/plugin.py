"""Prices in tiers: graduated, volume, stairstep, package and tiered package."""

from collections.abc import Sequence

import click

from billhook.sdk.hookspecs import HOOK_API, hookimpl
from billhook.sdk.info import PluginInfo
from billhook.sdk.portal import PortalPage
from billhook.sdk.providers import PricingModelFactory
from billhook_pricing_tiered import __version__
from billhook_pricing_tiered.commands import check, quote
from billhook_pricing_tiered.portal import PRICES
from billhook_pricing_tiered.pricing import Graduated, Package, Stairstep, TieredPackage, Volume

info = PluginInfo(
    name="pricing_tiered",
    title="Tiered prices",
    summary="Prices that change with the quantity: by tier, by volume, by step, by package.",
    version=__version__,
    hook_api=HOOK_API,
)


@hookimpl
def register_pricing_models() -> Sequence[PricingModelFactory]:
    return [Graduated, Volume, Stairstep, Package, TieredPackage]


@hookimpl
def register_commands() -> Sequence[click.Command]:
    return [quote, check]


@hookimpl
def register_portal_pages() -> Sequence[PortalPage]:
    return [PRICES]
