"""What went wrong and waits for a person: said where everybody begins."""

from dataclasses import dataclass

from flask import url_for

from billhook.domain.deliveries import DeliveryState
from billhook.i18n import ngettext
from billhook.sdk.context import Context
from billhook.services import delivering, outbox
from billhook.web.navigation import may

MOST = 100
"""Nobody counts further; the page behind shows all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A sentence, and where to see to it."""

    text: str
    address: str


def troubles(ctx: Context) -> list[Trouble]:
    """Return what the member may see of what failed."""
    found = []
    if may("deliveries.view"):
        found += [
            _messages(ctx, DeliveryState.FAILED),
            _messages(ctx, DeliveryState.BOUNCED),
        ]
    if may("outbox.view"):
        found.append(_jobs(ctx))
    return [one for one in found if one]


def _messages(ctx: Context, state: DeliveryState) -> Trouble | None:
    count = len(delivering.listing(ctx, state=state, limit=MOST))
    if not count:
        return None
    if state is DeliveryState.BOUNCED:
        text = ngettext("%(count)s message came back.", "%(count)s messages came back.", count)
    else:
        text = ngettext(
            "%(count)s message did not go out.", "%(count)s messages did not go out.", count
        )
    return Trouble(text=text, address=url_for("outbox.listing", state=state.value))


def _jobs(ctx: Context) -> Trouble | None:
    count = len(outbox.listing(ctx, state="dead", limit=MOST))
    if not count:
        return None
    text = ngettext("%(count)s job was given up.", "%(count)s jobs were given up.", count)
    return Trouble(text=text, address=url_for("work.listing"))
