"""Memos: short messages to one person, by the first channel of the tenant that carries them.

A tenant without such a channel sends none, nor does a sandbox: who calls shows the
link to somebody who can pass it on.
"""

from dataclasses import dataclass
from typing import Literal

from billhook.domain.deliveries import Memo, Message
from billhook.errors import BillhookError, OutcomeUnknown, PluginUnavailable, ValidationFailed
from billhook.i18n import current_language
from billhook.i18n import gettext as _
from billhook.plugins.outward import FencedChannel
from billhook.plugins.registries import CHANNELS
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import brands


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a memo."""

    state: Literal["sent", "not_sent"]
    reason: str = ""
    """Why it was not; empty where there is no channel for it."""


def can_send(ctx: Context) -> bool:
    """Tell whether the tenant has a channel that carries memos; whether it works shows later."""
    return _carrier(ctx) is not None


def send(ctx: Context, *, to: str, name: str, subject: str, text: str) -> None:
    """Hand a memo over, outside any transaction.

    Raises PluginUnavailable where no channel carries memos, and what the channel raises.
    """
    carry(ctx, _plain(ctx, to=to, name=name, subject=subject, text=text))


def carry(ctx: Context, memo: Memo) -> None:
    """Hand over a memo that is written, outside any transaction.

    Raises PluginUnavailable where no channel carries memos, and what the channel raises.
    """
    channel = _carrier(ctx)
    if channel is None:
        raise PluginUnavailable(_("No channel of this company carries short messages."))
    channel.carry(memo)


def try_to_send(ctx: Context, *, to: str, name: str, subject: str, text: str) -> Sent:
    """Hand a memo over where that works, and say why it did not."""
    return try_to_carry(ctx, _plain(ctx, to=to, name=name, subject=subject, text=text))


def try_to_carry(ctx: Context, memo: Memo) -> Sent:
    """Hand over a memo that is written where that works, and say why it did not."""
    if not can_send(ctx):
        return Sent(state="not_sent")
    try:
        carry(ctx, memo)
    except OutcomeUnknown as error:
        return Sent(state="not_sent", reason=error.message)
    except ValidationFailed as error:
        return Sent(state="not_sent", reason=" ".join(each.message for each in error.problems))
    except BillhookError as error:
        return Sent(state="not_sent", reason=error.message)
    return Sent(state="sent")


def _plain(ctx: Context, *, to: str, name: str, subject: str, text: str) -> Memo:
    return Memo(
        sender=brands.brand_of(ctx, brands.default_row(ctx)).sender,
        to=to,
        name=name,
        message=Message(subject=subject, text=text, html=""),
        language=current_language(),
    )


def _carrier(ctx: Context) -> FencedChannel | None:
    """Return the first channel that carries memos, those that documents go by before others."""
    if ctx.tenant.is_sandbox:
        return None
    found = relay(ctx)
    known = found.keys(CHANNELS)
    for key in (*(one for one in ctx.tenant.channels if one in known), *known):
        try:
            channel = found.channel(key, ctx)
        except BillhookError:
            continue  # it is not set up, which its own page says
        if channel.carries_memos:
            return channel
    return None
