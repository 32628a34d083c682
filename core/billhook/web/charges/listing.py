"""The list of charges."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import url_for

from billhook.domain.states import ChargeState
from billhook.errors import Conflict
from billhook.i18n import gettext, ngettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import charging
from billhook.services.charging import ChargeEntry, ChargeFilter
from billhook.services.paging import Slice
from billhook.web.labels import label
from billhook.web.lists import (
    Badge,
    BulkAct,
    Choice,
    Column,
    Figures,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
    Money,
    Outcome,
    Question,
)

TONES = {
    ChargeState.OPEN: "info",
    ChargeState.CLAIMED: "warn",
    ChargeState.BILLED: "good",
    ChargeState.HELD: "warn",
    ChargeState.WITHDRAWN: "quiet",
}


def _address(row: ChargeEntry) -> str:
    return url_for("charges.charge", charge_id=row.id)


def badge(state: ChargeState) -> Badge:
    """Return a state's word and colour."""
    return Badge(label(state), TONES[state])


def price_hint(row: ChargeEntry) -> str:
    """Say how a charge without an amount is priced."""
    if row.amount is not None:
        return ""
    return "" if row.unit_price is not None else gettext("By its product")


def _wanted(query: ListQuery) -> ChargeFilter:
    return ChargeFilter(
        text=query.text,
        state=query.choice("state", ChargeState),
        customer=query.value("customer"),
        source=query.value("source"),
        currency=query.value("currency"),
        group=query.value("group"),
        since=query.day("since"),
        until=query.day("until"),
    )


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[Any]:
    return charging.search(
        ctx,
        _wanted(query),
        sort=query.sort,
        is_descending=query.is_descending,
        after=after,
        limit=limit,
    )


def _figures(ctx: Context, query: ListQuery) -> Figures:
    header = [
        gettext("Currency"),
        gettext("Charges"),
        gettext("Of which bring their amount"),
        gettext("Their amount"),
    ]
    rows = [
        (
            one.currency,
            one.charges,
            one.charges - one.priced_later,
            Money(one.amount, one.currency),
        )
        for one in charging.counts(ctx, _wanted(query))
    ]
    return Figures(header, rows)


def _states(_ctx: Context) -> Sequence[Choice]:
    return [Choice(state.value, label(state)) for state in ChargeState]


def _sources(ctx: Context) -> Sequence[Choice]:
    return [Choice(source, source) for source in charging.sources(ctx)]


def _hold_question(ctx: Context, chosen: Sequence[UUID]) -> Question:
    return Question(
        ngettext(
            "%(count)s charge stays out of bill runs until somebody releases it.",
            "%(count)s charges stay out of bill runs until somebody releases them.",
            len(chosen),
        ),
        problems=_not_waiting(ctx, chosen),
    )


def _release_question(ctx: Context, chosen: Sequence[UUID]) -> Question:
    return Question(
        ngettext(
            "%(count)s charge is billed by the next run again.",
            "%(count)s charges are billed by the next run again.",
            len(chosen),
        ),
        problems=_not_waiting(ctx, chosen),
    )


def _withdraw_question(ctx: Context, chosen: Sequence[UUID]) -> Question:
    return Question(
        ngettext(
            "%(count)s charge is never billed. This cannot be undone.",
            "%(count)s charges are never billed. This cannot be undone.",
            len(chosen),
        ),
        problems=_not_waiting(ctx, chosen),
    )


def _not_waiting(ctx: Context, chosen: Sequence[UUID]) -> list[str]:
    states = charging.states(ctx, chosen)
    gone = sum(
        count
        for state, count in states.items()
        if state not in (ChargeState.OPEN, ChargeState.HELD)
    )
    if not gone:
        return []
    return [
        ngettext(
            "%(count)s of them does not wait any more: leave it out, or nothing is changed.",
            "%(count)s of them do not wait any more: leave them out, or nothing is changed.",
            gone,
        )
    ]


def _hold(ctx: Context, chosen: Sequence[UUID]) -> Outcome:
    try:
        count = charging.hold(ctx, chosen, reason=gettext("From the list"))
    except Conflict as error:
        return _nothing(error)
    return Outcome(ngettext("%(count)s charge is held.", "%(count)s charges are held.", count))


def _release(ctx: Context, chosen: Sequence[UUID]) -> Outcome:
    try:
        count = charging.release(ctx, chosen, reason=gettext("From the list"))
    except Conflict as error:
        return _nothing(error)
    return Outcome(
        ngettext("%(count)s charge is released.", "%(count)s charges are released.", count)
    )


def _withdraw(ctx: Context, chosen: Sequence[UUID]) -> Outcome:
    try:
        count = charging.withdraw(ctx, chosen, reason=gettext("From the list"))
    except Conflict as error:
        return _nothing(error)
    return Outcome(
        ngettext("%(count)s charge is withdrawn.", "%(count)s charges are withdrawn.", count)
    )


def _nothing(error: Conflict) -> Outcome:
    return Outcome(gettext("Nothing was changed."), [error.message])


PAGE = ListPage(
    name="charges",
    title=_("Charges"),
    permission="charges.view",
    template="charges/list.html",
    search=_("Reference, description or customer"),
    columns=(
        Column(
            key="description",
            label=_("Description"),
            value=lambda row: row.description,
            href=_address,
            hint=lambda row: row.group,
            is_title=True,
        ),
        Column(
            key="date",
            label=_("Date"),
            kind=Kind.DAY,
            value=lambda row: row.charged_on,
            sort="date",
        ),
        Column(
            key="customer",
            label=_("Customer"),
            value=lambda row: row.customer_name,
            hint=lambda row: row.customer,
        ),
        Column(key="state", label=_("State"), kind=Kind.BADGE, value=lambda row: badge(row.state)),
        Column(
            key="quantity",
            label=_("Quantity"),
            kind=Kind.NUMBER,
            value=lambda row: row.quantity,
        ),
        Column(
            key="unit_price",
            label=_("Unit price"),
            kind=Kind.NUMBER,
            value=lambda row: row.unit_price,
            hint=price_hint,
        ),
        Column(
            key="amount",
            label=_("Amount"),
            kind=Kind.MONEY,
            value=lambda row: None if row.amount is None else Money(row.amount, row.currency),
        ),
        Column(
            key="currency",
            label=_("Currency"),
            kind=Kind.CODE,
            value=lambda row: row.currency,
            is_extra=True,
        ),
        Column(
            key="reference",
            label=_("Reference"),
            kind=Kind.CODE,
            value=lambda row: row.reference,
            is_extra=True,
        ),
        Column(key="source", label=_("Source"), value=lambda row: row.source, is_extra=True),
    ),
    filters=(
        Filter(key="state", label=_("State"), kind=FilterKind.CHOICE, choices=_states),
        Filter(key="source", label=_("Source"), kind=FilterKind.CHOICE, choices=_sources),
        Filter(key="since", label=_("From"), kind=FilterKind.DAY),
        Filter(key="until", label=_("Until"), kind=FilterKind.DAY),
        Filter(key="customer", label=_("Customer's reference")),
        Filter(key="group", label=_("Group")),
        Filter(key="currency", label=_("Currency")),
    ),
    bulk=(
        BulkAct(
            key="hold",
            label=_("Hold"),
            permission="charges.edit",
            question=_hold_question,
            act=_hold,
            icon="player-pause",
        ),
        BulkAct(
            key="release",
            label=_("Release"),
            permission="charges.edit",
            question=_release_question,
            act=_release,
            icon="player-play",
        ),
        BulkAct(
            key="withdraw",
            label=_("Withdraw"),
            permission="charges.edit",
            question=_withdraw_question,
            act=_withdraw,
            icon="trash",
            is_destructive=True,
        ),
    ),
    fetch=_fetch,
    identify=lambda row: row.id,
    figures=_figures,
    default_sort="",
    default_descending=True,
)
