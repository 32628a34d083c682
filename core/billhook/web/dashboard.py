"""The figures of the first page, as its templates show them: each leads to what it counts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from flask import current_app, url_for

from billhook import i18n
from billhook.domain.deliveries import DeliveryState
from billhook.sdk.context import Context
from billhook.services import dashboard
from billhook.services.dashboard import Month
from billhook.web import charts
from billhook.web.charts import BarChart, Part, Point
from billhook.web.labels import label
from billhook.web.navigation import may
from billhook.web.templates import money

FIGURES = ("charges.view", "drafts.view", "documents.view", "deliveries.view")
"""Each brings a tile of its own."""

_TONES = {
    DeliveryState.SENT: "good",
    DeliveryState.OPENED: "info",
    DeliveryState.QUEUED: "quiet",
    DeliveryState.BOUNCED: "warn",
    DeliveryState.FAILED: "bad",
}


def figures_of(ctx: Context) -> dict[str, Any]:
    """Return what the member may see; None in place of the rest."""
    issued = dashboard.issued(ctx) if may("documents.view") else None
    sent = dashboard.sent(ctx) if may("deliveries.view") else None
    return {
        "waiting": dashboard.waiting(ctx) if may("charges.view") else None,
        "drafts": dashboard.drafts(ctx) if may("drafts.view") else None,
        "issued": issued,
        "days": charts.sparkline(issued.days) if issued else "",
        "sent": sent,
        "parts": _parts(sent.states) if sent else [],
        "month": ctx.today().replace(day=1),
        "address": address,
    }


def address(endpoint: str, **values: str) -> str:
    """Return a list's address; empty where the list is not there."""
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, **values)  # type: ignore[arg-type]


def _parts(states: Sequence[tuple[DeliveryState, int]]) -> list[Part]:
    return charts.stacked([(_part(state, count), _TONES[state]) for state, count in states])


def _part(state: DeliveryState, count: int) -> Point:
    return Point(
        amount=count,
        label=label(state),
        name=label(state),
        value=str(count),
        address=address("outbox.listing", state=state.value),
    )


def issued_chart(ctx: Context) -> BarChart:
    """Return the bars of twelve months, in the base currency."""
    return charts.bars(
        [_month(month, ctx.tenant.currency) for month in dashboard.issued_by_month(ctx)]
    )


def _month(month: Month, currency: str) -> Point:
    return Point(
        amount=month.net,
        label=_named(month.since, "LLL"),
        name=_named(month.since, "LLLL y"),
        value=f"{money(month.net, currency)} {currency}",
        address=address(
            "documents.listing", since=month.since.isoformat(), until=month.until.isoformat()
        ),
    )


def _named(day: date, pattern: str) -> str:
    return format_date(day, pattern, locale=i18n.current_language().replace("-", "_"))
