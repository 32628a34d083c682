"""The list of deliveries."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from billhook.domain.deliveries import DeliveryState
from billhook.i18n import gettext, ngettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services.delivering import DeliveryEntry, delivery_search, retrying
from billhook.services.delivering.delivery_search import DeliveryFilter
from billhook.services.paging import Slice
from billhook.services.provider_names import provider_name
from billhook.web.access import context
from billhook.web.labels import label
from billhook.web.lists import (
    Address,
    Badge,
    BulkAct,
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
    Outcome,
    Question,
)

TONES = {
    DeliveryState.QUEUED: "info",
    DeliveryState.SENT: "good",
    DeliveryState.OPENED: "good",
    DeliveryState.BOUNCED: "bad",
    DeliveryState.FAILED: "bad",
}


def state_of(row: DeliveryEntry) -> Badge:
    """Return what became of a delivery, as a word in a colour."""
    if row.is_captured and row.state is DeliveryState.SENT:
        return Badge(gettext("Kept here"), "quiet")
    if row.is_unknown:
        return Badge(gettext("Nobody knows"), "warn")
    return Badge(label(row.state), TONES[row.state])


def _recipients(row: DeliveryEntry) -> str:
    return ", ".join(person.address for person in row.recipients) or gettext("Nobody")


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[Any]:
    wanted = DeliveryFilter(
        text=query.text,
        state=query.choice("state", DeliveryState),
        channel=query.value("channel"),
        customer=query.value("customer"),
        since=query.day("since"),
        until=query.day("until"),
    )
    return delivery_search.search(ctx, wanted, after=after, limit=limit)


def _states(_ctx: Context) -> Sequence[Choice]:
    return [Choice(state.value, label(state)) for state in DeliveryState]


def _channels(ctx: Context) -> Sequence[Choice]:
    keys = delivery_search.channels(ctx)
    return [Choice(key, provider_name(ctx, key, keys)) for key in keys]


def _question(_ctx: Context, ids: Sequence[UUID]) -> Question:
    return Question(
        ngettext(
            "%(count)s message is tried again now, for those who do not have it.",
            "%(count)s messages are tried again now, each for those who do not have it.",
            len(ids),
        ),
        details=(
            gettext("What was sent already is left alone, and so are void documents."),
            gettext(
                "A message of which nobody knows whether it arrived is sent again: ask the client "
                "first."
            ),
        ),
    )


def _retry(ctx: Context, ids: Sequence[UUID]) -> Outcome:
    done = retrying.retry_some(ctx, ids)
    text = ngettext(
        "%(count)s message is tried again now.",
        "%(count)s messages are tried again now.",
        done.tried,
    )
    return Outcome(text, done.refused)


PAGE = ListPage(
    name="deliveries",
    title=_("Outbox"),
    permission="deliveries.view",
    template="outbox/list.html",
    search=_("Number, customer or address"),
    columns=(
        Column(
            key="document",
            label=_("Document"),
            kind=Kind.CODE,
            value=lambda row: row.number,
            href=Address("outbox.delivery", delivery_id=lambda row: row.id),
            is_title=True,
        ),
        Column(key="customer", label=_("Customer"), value=lambda row: row.customer_name),
        Column(key="to", label=_("To"), value=_recipients),
        Column(
            key="channel",
            label=_("Channel"),
            value=lambda row: provider_name(context(), row.channel),
        ),
        Column(
            key="state",
            label=_("State"),
            kind=Kind.BADGE,
            value=state_of,
            hint=lambda row: row.last_error,
        ),
        Column(
            key="when",
            label=_("When"),
            kind=Kind.INSTANT,
            value=lambda row: row.sent_at or row.created_at,
        ),
        Column(
            key="next_try",
            label=_("Next try"),
            kind=Kind.INSTANT,
            value=lambda row: row.next_try_at,
            is_extra=True,
        ),
        Column(key="subject", label=_("Message"), value=lambda row: row.subject, is_extra=True),
    ),
    filters=(
        Filter(key="state", label=_("State"), kind=FilterKind.CHOICE, choices=_states),
        Filter(key="channel", label=_("Channel"), kind=FilterKind.CHOICE, choices=_channels),
        Filter(key="customer", label=_("Customer's number")),
        Filter(key="since", label=_("From"), kind=FilterKind.DAY),
        Filter(key="until", label=_("Until"), kind=FilterKind.DAY),
    ),
    bulk=(
        BulkAct(
            key="retry",
            label=_("Try again"),
            permission="deliveries.send",
            question=_question,
            act=_retry,
            icon="refresh",
        ),
    ),
    fetch=_fetch,
    identify=lambda row: row.id,
)
