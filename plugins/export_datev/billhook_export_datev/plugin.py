"""The journal for accountants who work with DATEV."""

from collections.abc import Sequence

from billhook.sdk.hookspecs import HOOK_API, hookimpl
from billhook.sdk.info import PluginInfo
from billhook.sdk.providers import LedgerExportFactory
from billhook_export_datev import __version__
from billhook_export_datev.export import ExtfExport
from billhook_export_datev.settings import ExportDatevSettings

info = PluginInfo(
    name="export_datev",
    title="DATEV export",
    summary="Hands the journal over as an EXTF posting batch (Buchungsstapel).",
    version=__version__,
    hook_api=HOOK_API,
)


@hookimpl
def register_settings() -> type[ExportDatevSettings]:
    return ExportDatevSettings


@hookimpl
def register_ledger_exports() -> Sequence[LedgerExportFactory]:
    return [ExtfExport]
