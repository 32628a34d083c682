"""The job that reads the mailbox for bounces.

What a mail tells is recorded first, and the mail marked as seen after that: a
worker that dies between the two tells it again, which changes nothing.
"""

from collections.abc import Mapping
from typing import Any

from billhook.domain.deliveries import DeliveryReport, DeliveryState
from billhook.sdk.context import Context
from billhook_delivery_email.bounces import Bounce, bounces
from billhook_delivery_email.channel import SmtpChannel
from billhook_delivery_email.mailbox import mailbox
from billhook_delivery_email.settings import DeliveryEmailSettings


def read_bounces(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Read what came back since the last time. Raises Retryable."""
    settings = ctx.ports.settings.read(ctx, DeliveryEmailSettings)
    if not settings.bounce_host:
        return
    with mailbox(settings) as box:
        for uid in box.unseen():
            reports = [_report(one) for one in bounces(box.content(uid))]
            if reports:
                ctx.ports.deliveries.report(ctx, channel=SmtpChannel.key, reports=reports)
            box.mark_seen(uid)


def _report(bounce: Bounce) -> DeliveryReport:
    return DeliveryReport(
        remote_id="",
        delivery_id=bounce.delivery_id,
        state=DeliveryState.BOUNCED,
        address=bounce.address,
        reason=bounce.reason,
    )
