"""Documents by e-mail, and what comes back."""

from collections.abc import Sequence
from datetime import timedelta

from billhook.sdk.hookspecs import HOOK_API, hookimpl
from billhook.sdk.info import PluginInfo
from billhook.sdk.jobs import PluginJob
from billhook.sdk.providers import ChannelFactory
from billhook_delivery_email import __version__
from billhook_delivery_email.channel import SmtpChannel
from billhook_delivery_email.reading import read_bounces
from billhook_delivery_email.settings import DeliveryEmailSettings

info = PluginInfo(
    name="delivery_email",
    title="E-mail",
    summary="Sends documents by SMTP, and reads from a mailbox what bounced.",
    version=__version__,
    hook_api=HOOK_API,
)


@hookimpl
def register_settings() -> type[DeliveryEmailSettings]:
    return DeliveryEmailSettings


@hookimpl
def register_channels() -> Sequence[ChannelFactory]:
    return [SmtpChannel]


@hookimpl
def register_jobs() -> Sequence[PluginJob]:
    return [
        PluginJob(
            name="delivery_email.read_bounces",
            work=read_bounces,
            every=timedelta(minutes=10),
        )
    ]
