"""What became of the e-mails of the last days, on the first page."""

from datetime import timedelta

from billhook.domain.deliveries import DeliveryState
from billhook.sdk.context import Context
from billhook.sdk.providers import Figure, Tile
from billhook_delivery_email.channel import SmtpChannel
from billhook_delivery_email.texts import gettext, lazy_gettext

SPAN = timedelta(days=7)


class EmailTile:
    """Messages of seven days: how many went out, and how many did not arrive."""

    key = "delivery_email.last_days"
    title = lazy_gettext("E-mails of 7 days")
    permission = "deliveries.view"

    def __init__(self, ctx: Context) -> None:
        since = ctx.now() - SPAN
        self._counts = ctx.ports.deliveries.counts(ctx, channel=SmtpChannel.key, since=since)

    def show(self) -> Tile:
        bounced = self._counts.get(DeliveryState.BOUNCED, 0)
        failed = self._counts.get(DeliveryState.FAILED, 0)
        return Tile(
            figures=(
                Figure(label=gettext("Written"), value=str(sum(self._counts.values()))),
                Figure(
                    label=gettext("Came back"),
                    value=str(bounced),
                    tone="warn" if bounced else "good",
                    address="/outbox?state=bounced",
                ),
                Figure(
                    label=gettext("Failed"),
                    value=str(failed),
                    tone="bad" if failed else "good",
                    address="/outbox?state=failed",
                ),
            )
        )
