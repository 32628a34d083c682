"""Sending a document because a person wants it: again, elsewhere, to somebody else."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from billhook import limits
from billhook.domain.deliveries import Recipient, RecipientKind, Tone
from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.plugins.registries import CHANNELS
from billhook.plugins.runtime import relay
from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.services import documents, idempotency, preferences
from billhook.services.delivering import parcels
from billhook.services.delivering.parcels import Parcel
from billhook.services.delivering.reading import DeliveryEntry, entry_of


def send(
    ctx: Context,
    document_id: UUID,
    *,
    channel: str = "",
    recipients: Sequence[Recipient] = (),
    tone: Tone | None = None,
    key: str | None = None,
) -> DeliveryEntry:
    """Send an issued document; return its delivery, which a job hands over.

    Without a channel it is the customer's first, else the only one that is on;
    without recipients they are those whom the channel finds. A repeat with the
    same key sends nothing more.

    Raises NotFound, Conflict for a void document, ValidationFailed, and what
    making the document's files raises.
    """
    ctx.require("deliveries.send")
    outcome = idempotency.computed_once(
        ctx,
        route="deliveries.send",
        key=key,
        request=[
            str(document_id),
            channel,
            [[one.kind.value, one.address, one.name] for one in recipients],
            tone.value if tone else "",
        ],
        compute=lambda: _parcel(ctx, document_id, channel, recipients, tone),
        effect=lambda made: _written(ctx, made),
    )
    return entry_of(ctx, UUID(outcome.answer["id"]))


def _written(ctx: Context, made: Parcel) -> Mapping[str, Any]:
    return {"id": str(parcels.dispatch(ctx, made))}


def _parcel(
    ctx: Context,
    document_id: UUID,
    channel: str,
    recipients: Sequence[Recipient],
    tone: Tone | None,
) -> Parcel:
    if documents.get(ctx, document_id).entry.is_void:
        raise Conflict(_("This document is void. Send the one that replaced it."))
    made = parcels.contents(ctx, document_id, tone=tone)
    chosen = channel or chosen_channel(ctx, made.publication.document.customer_id)
    _refuse_bad(ctx, chosen, recipients)
    ready = parcels.parcel(ctx, made, chosen, chosen=recipients)
    if ready.obstacle:
        raise ValidationFailed(
            [Problem(code="delivery.no_recipient", path="recipients", message=ready.obstacle)]
        )
    return ready


def chosen_channel(ctx: Context, customer_id: UUID | None = None) -> str:
    """Return the customer's first channel, else the only one that is on.

    Raises ValidationFailed.
    """
    wanted = preferences.of_customer(ctx, customer_id).channels if customer_id else ()
    if wanted or ctx.tenant.channels:
        return (*wanted, *ctx.tenant.channels)[0]
    known = relay(ctx).keys(CHANNELS)
    if len(known) == 1:
        return known[0]
    raise ValidationFailed(
        [
            Problem(
                code="delivery.channel_missing",
                path="channel",
                message=_(
                    "By which channel? There are %(known)s.", known=", ".join(known) or _("none")
                ),
            )
        ]
    )


def _refuse_bad(ctx: Context, channel: str, recipients: Sequence[Recipient]) -> None:
    """Raises ValidationFailed, PluginUnavailable."""
    problems = list(relay(ctx).channel(channel, ctx).recipient_problems(recipients))
    if len(recipients) > limits.RECIPIENTS:
        message = _("A delivery has %(most)s recipients at most.", most=limits.RECIPIENTS)
        problems.append(
            Problem(code="delivery.too_many_recipients", path="recipients", message=message)
        )
    problems += [
        Problem(
            code="delivery.recipient_too_long",
            path="recipients",
            message=_("Shorten the address or name of %(name)s.", name=one.address[:40]),
        )
        for one in recipients
        if len(one.address) > limits.EMAIL or len(one.name) > limits.NAME
    ]
    if recipients and all(one.kind is RecipientKind.BCC for one in recipients):
        message = _("Give at least one recipient who is not a blind copy.")
        problems.append(Problem(code="delivery.no_recipient", path="recipients", message=message))
    if stopping := errors(problems):
        raise ValidationFailed(stopping)
