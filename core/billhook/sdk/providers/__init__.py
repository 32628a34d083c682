"""Families of providers: alternatives that tenants and documents choose by key.

A factory is a provider class: the core calls it with the tenant's context, at
most once per act, and then hands it batches. It may read its own settings and
tables when it is made, never while it answers.
"""

from typing import Protocol, runtime_checkable

from billhook.domain.pricing import PricingModel
from billhook.domain.tax import TaxEngine
from billhook.sdk.context import Context
from billhook.sdk.providers.channels import Channel, ChannelFactory
from billhook.sdk.providers.formats import (
    DocumentFormat,
    DocumentFormatFactory,
    Verdict,
    Written,
)
from billhook.sdk.providers.ledger_exports import LedgerExport, LedgerExportFactory, LedgerFile
from billhook.sdk.providers.pricing import (
    DescribesPrices,
    ParameterTable,
    PriceDescription,
    PriceParameter,
    PricingModelFactory,
)
from billhook.sdk.providers.rendering import Page, Rendered, Renderer, RendererFactory
from billhook.sdk.providers.tiles import DashboardTile, DashboardTileFactory, Figure, Tile


@runtime_checkable
class TaxEngineFactory(Protocol):
    """Makes a tax engine for a tenant."""

    key: str

    def __call__(self, ctx: Context) -> TaxEngine: ...


__all__ = [
    "Channel",
    "ChannelFactory",
    "DashboardTile",
    "DashboardTileFactory",
    "DescribesPrices",
    "DocumentFormat",
    "DocumentFormatFactory",
    "Figure",
    "LedgerExport",
    "LedgerExportFactory",
    "LedgerFile",
    "Page",
    "ParameterTable",
    "PriceDescription",
    "PriceParameter",
    "PricingModel",
    "PricingModelFactory",
    "Rendered",
    "Renderer",
    "RendererFactory",
    "TaxEngine",
    "TaxEngineFactory",
    "Tile",
    "Verdict",
    "Written",
]
