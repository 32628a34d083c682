"""A test message through a channel, step by step, before any client gets one."""

from billhook.domain.deliveries import Recipient, Trial
from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.plugins.runtime import relay
from billhook.problems import errors
from billhook.sdk.context import Context
from billhook.services import audit, brands
from billhook.services.delivering.sending import chosen_channel


def trial(ctx: Context, address: str, *, channel: str = "") -> Trial:
    """Send a short test message to an address, and tell each step.

    Raises Conflict in a sandbox, ValidationFailed, PluginUnavailable.
    """
    ctx.require("deliveries.send")
    if ctx.tenant.is_sandbox:
        raise Conflict(
            _("This is a sandbox: it sends nothing. Try the channel in a tenant that does.")
        )
    key = channel or chosen_channel(ctx)
    found = relay(ctx).channel(key, ctx)
    recipient = Recipient(address=address)
    if problems := errors(found.recipient_problems([recipient])):
        raise ValidationFailed(problems)
    told = found.trial(brands.get(ctx).sender, recipient)
    with ctx.transaction():
        audit.record(
            ctx, "channel.tried", "channel", key, outcome="good" if told.is_good else "bad"
        )
    return told
