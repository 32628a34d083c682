"""Value added tax, GST and sales tax by date, place and kind of supply."""

from collections.abc import Sequence

import click

from billhook.domain.documents import Document
from billhook.problems import Problem
from billhook.sdk.api import Routes
from billhook.sdk.context import Context
from billhook.sdk.hookspecs import HOOK_API, hookimpl
from billhook.sdk.hookspecs.documents import Stage
from billhook.sdk.info import PluginInfo
from billhook.sdk.providers import TaxEngineFactory
from billhook_tax_rules import __version__
from billhook_tax_rules.commands import rates
from billhook_tax_rules.engine import RulesEngine
from billhook_tax_rules.findings import document_findings
from billhook_tax_rules.routes import routes
from billhook_tax_rules.settings import TaxRulesSettings

info = PluginInfo(
    name="tax_rules",
    title="Tax rules",
    summary="VAT, GST and sales tax of 37 countries by date, place and kind of supply.",
    version=__version__,
    hook_api=HOOK_API,
)


@hookimpl
def register_settings() -> type[TaxRulesSettings]:
    return TaxRulesSettings


@hookimpl
def register_tax_engines() -> Sequence[TaxEngineFactory]:
    return [RulesEngine]


@hookimpl
def register_commands() -> Sequence[click.Command]:
    return [rates]


@hookimpl
def register_api_routes() -> Sequence[Routes]:
    return [routes]


@hookimpl
def document_problems(
    ctx: Context, documents: Sequence[Document], stage: Stage
) -> Sequence[Sequence[Problem]]:
    settings = ctx.ports.settings.read(ctx, TaxRulesSettings)
    return document_findings(documents, settings)
