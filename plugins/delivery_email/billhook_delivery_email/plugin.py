"""Documents by e-mail, and what comes back."""

from collections.abc import Sequence
from datetime import timedelta

from billhook.sdk.context import Context
from billhook.sdk.health import Health
from billhook.sdk.hookspecs import HOOK_API, hookimpl
from billhook.sdk.info import PluginInfo
from billhook.sdk.jobs import PluginJob
from billhook.sdk.providers import ChannelFactory, DashboardTileFactory
from billhook_delivery_email import __version__
from billhook_delivery_email.channel import SmtpChannel
from billhook_delivery_email.checking import checked
from billhook_delivery_email.reading import read_bounces
from billhook_delivery_email.settings import DeliveryEmailSettings
from billhook_delivery_email.tile import EmailTile

info = PluginInfo(
    name="delivery_email",
    title="E-mail",
    summary="Sends documents by SMTP, and reads from a mailbox what bounced.",
    version=__version__,
    hook_api=HOOK_API,
    sends_data_to=(
        "The mail server of your settings and the recipients' servers: documents, addresses, texts."
    ),
)


@hookimpl
def register_settings() -> type[DeliveryEmailSettings]:
    return DeliveryEmailSettings


@hookimpl
def register_channels() -> Sequence[ChannelFactory]:
    return [SmtpChannel]


@hookimpl
def register_dashboard_tiles() -> Sequence[DashboardTileFactory]:
    return [EmailTile]


@hookimpl
def check_connection(ctx: Context) -> Health:
    return checked(ctx.ports.settings.read(ctx, DeliveryEmailSettings))


@hookimpl
def register_jobs() -> Sequence[PluginJob]:
    return [
        PluginJob(
            name="delivery_email.read_bounces",
            work=read_bounces,
            every=timedelta(minutes=10),
        )
    ]
