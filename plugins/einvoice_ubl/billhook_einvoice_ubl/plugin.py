"""E-invoices: UBL 2.1 by EN 16931 and Peppol BIS Billing 3.0."""

from collections.abc import Sequence

import click

from billhook.sdk.context import Context
from billhook.sdk.health import Health
from billhook.sdk.hookspecs import HOOK_API, hookimpl
from billhook.sdk.info import PluginInfo
from billhook.sdk.portal import Panel, PortalDocument, Slot
from billhook.sdk.providers import DocumentFormatFactory
from billhook_einvoice_ubl import __version__
from billhook_einvoice_ubl.checking import checked
from billhook_einvoice_ubl.commands import check
from billhook_einvoice_ubl.formats import En16931, PeppolBis3
from billhook_einvoice_ubl.portal import panel

info = PluginInfo(
    name="einvoice_ubl",
    title="E-invoices in UBL",
    summary="UBL 2.1 by EN 16931 and Peppol BIS Billing 3.0, checked by the official rules.",
    version=__version__,
    hook_api=HOOK_API,
)


@hookimpl
def register_document_formats() -> Sequence[DocumentFormatFactory]:
    return [En16931, PeppolBis3]


@hookimpl
def check_connection(ctx: Context) -> Health:
    return checked()


@hookimpl
def register_commands() -> Sequence[click.Command]:
    return [check]


@hookimpl
def portal_panels(slot: Slot, document: PortalDocument | None) -> Sequence[Panel]:
    return panel(document) if slot == "document" and document else []
