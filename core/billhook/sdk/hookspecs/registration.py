"""What a plugin has to offer.

Asked once, when the application starts, without a tenant. A plugin that fails
here, or offers what clashes, is refused with the reason.
"""

from collections.abc import Sequence

import click

from billhook.sdk.api import Routes
from billhook.sdk.hookspecs.markers import Failure, hookspec
from billhook.sdk.jobs import PluginJob
from billhook.sdk.permissions import Permission
from billhook.sdk.portal import PortalPage
from billhook.sdk.providers import (
    ChannelFactory,
    DashboardTileFactory,
    DocumentFormatFactory,
    LedgerExportFactory,
    PricingModelFactory,
    RendererFactory,
    TaxEngineFactory,
)
from billhook.sdk.settings import Settings


@hookspec(failure=Failure.STRICT, since="0.1")
def register_settings() -> type[Settings] | None:
    """Return the class of the plugin's settings per tenant."""


@hookspec(failure=Failure.STRICT, since="0.1")
def register_permissions() -> Sequence[Permission]:
    """Return the permissions that the plugin checks, named ``<plugin>.<verb>``."""


@hookspec(failure=Failure.STRICT, since="0.1")
def register_commands() -> Sequence[click.Command]:
    """Return commands for ``billhook <plugin> …``.

    They run inside a tenant that has the plugin enabled, and are absent elsewhere.
    """


@hookspec(failure=Failure.STRICT, since="0.1")
def register_jobs() -> Sequence[PluginJob]:
    """Return the plugin's jobs: on demand, recurring, or one for each event of a name.

    A job that fails is retried and then listed as dead. While the plugin is off none
    runs, and none comes up.
    """


@hookspec(failure=Failure.STRICT, since="0.1")
def register_api_routes() -> Sequence[Routes]:
    """Return the plugin's routes of the API, which are found below ``/api/v1/x/<plugin>``.

    They are in the API's description and answer 404 where the plugin is off. What
    they need is a permission of the plugin, of the core, or none.
    """


@hookspec(failure=Failure.STRICT, since="0.1")
def register_pricing_models() -> Sequence[PricingModelFactory]:
    """Return the plugin's pricing models; their keys are ``<plugin>.<name>``."""


@hookspec(failure=Failure.STRICT, since="0.1")
def register_tax_engines() -> Sequence[TaxEngineFactory]:
    """Return the plugin's tax engines; their keys are ``<plugin>.<name>``."""


@hookspec(failure=Failure.STRICT, since="0.1")
def register_renderers() -> Sequence[RendererFactory]:
    """Return what turns documents into files for people; keys are ``<plugin>.<name>``."""


@hookspec(failure=Failure.STRICT, since="0.1")
def register_document_formats() -> Sequence[DocumentFormatFactory]:
    """Return what turns documents into e-invoices; keys are ``<plugin>.<name>``."""


@hookspec(failure=Failure.STRICT, since="0.1")
def register_channels() -> Sequence[ChannelFactory]:
    """Return ways by which documents reach clients; keys are ``<plugin>.<name>``."""


@hookspec(failure=Failure.STRICT, since="0.1")
def register_ledger_exports() -> Sequence[LedgerExportFactory]:
    """Return formats in which the journal goes to an accountant; keys are ``<plugin>.<name>``."""


@hookspec(failure=Failure.STRICT, since="0.1")
def register_dashboard_tiles() -> Sequence[DashboardTileFactory]:
    """Return tiles of the first page; their keys are ``<plugin>.<name>``.

    A tile that fails when it is shown is replaced by a note that names the plugin;
    the page and the other tiles stay.
    """


@hookspec(failure=Failure.STRICT, since="0.1")
def register_portal_pages() -> Sequence[PortalPage]:
    """Return pages that clients find at the portal, each with its entry in the navigation.

    They are there while the plugin is on, for contacts who have the page's permission;
    elsewhere 404. One that fails or takes longer than ten seconds is answered with an
    error page, and the rest of the portal stays.
    """
