"""Flat prices and prices per unit."""

from collections.abc import Sequence

import click

from billhook.sdk.hookspecs import HOOK_API, hookimpl
from billhook.sdk.info import PluginInfo
from billhook.sdk.providers import PricingModelFactory
from billhook_pricing_standard import __version__
from billhook_pricing_standard.commands import quote
from billhook_pricing_standard.pricing import Flat, PerUnit
from billhook_pricing_standard.settings import PricingStandardSettings

info = PluginInfo(
    name="pricing_standard",
    title="Standard prices",
    summary="Flat prices, and prices per unit or per any number of units.",
    version=__version__,
    hook_api=HOOK_API,
)


@hookimpl
def register_settings() -> type[PricingStandardSettings]:
    return PricingStandardSettings


@hookimpl
def register_pricing_models() -> Sequence[PricingModelFactory]:
    return [Flat, PerUnit]


@hookimpl
def register_commands() -> Sequence[click.Command]:
    return [quote]
