"""The list of issued documents."""

from collections.abc import Sequence
from typing import Any

from billhook.domain.deliveries import DeliveryState
from billhook.domain.states import DocumentType
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import document_search
from billhook.services.document_search import DocumentFilter, DocumentOrder, FoundDocument
from billhook.services.paging import Slice
from billhook.web.labels import label
from billhook.web.lists import (
    Address,
    Badge,
    Choice,
    Column,
    Figures,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
    Money,
    Value,
)

TONES = {
    DeliveryState.QUEUED: "info",
    DeliveryState.SENT: "good",
    DeliveryState.OPENED: "good",
    DeliveryState.BOUNCED: "bad",
    DeliveryState.FAILED: "bad",
}


def _type(row: FoundDocument) -> Badge:
    if row.entry.is_void:
        return Badge(gettext("Void"), "bad")
    is_invoice = row.entry.type is DocumentType.INVOICE
    return Badge(label(row.entry.type), "quiet" if is_invoice else "info")


def _delivery(row: FoundDocument) -> Badge:
    if row.delivery is None:
        return Badge(gettext("Not sent"), "quiet")
    return Badge(label(row.delivery), TONES[row.delivery])


def _wanted(query: ListQuery) -> DocumentFilter:
    return DocumentFilter(
        text=query.text,
        kind=query.choice("type", DocumentType),
        currency=query.value("currency"),
        customer=query.value("customer"),
        delivery=query.choice("delivery", DeliveryState),
        is_disputed=query.value("disputed") == "yes",
        since=query.day("since"),
        until=query.day("until"),
    )


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[Any]:
    return document_search.search(
        ctx,
        _wanted(query),
        by=DocumentOrder(query.sort),
        is_descending=query.is_descending,
        after=after,
        limit=limit,
    )


def _figures(ctx: Context, query: ListQuery) -> Figures:
    header = [
        gettext("Currency"),
        gettext("Documents"),
        gettext("Net"),
        gettext("Tax"),
        gettext("Gross"),
    ]
    rows: list[Sequence[Value]] = [
        (
            one.currency,
            one.documents,
            *(Money(amount, one.currency) for amount in (one.net, one.tax, one.gross)),
        )
        for one in document_search.sums(ctx, _wanted(query))
    ]
    return Figures(header, rows)


def _types(_ctx: Context) -> Sequence[Choice]:
    return [Choice(kind.value, label(kind)) for kind in DocumentType]


def _states(_ctx: Context) -> Sequence[Choice]:
    return [Choice(state.value, label(state)) for state in DeliveryState]


def _disputed(_ctx: Context) -> Sequence[Choice]:
    return [Choice("yes", gettext("Disputed"))]


def _dispute(row: FoundDocument) -> str:
    return gettext("Disputed") if row.is_disputed else ""


def _currencies(ctx: Context) -> Sequence[Choice]:
    return [Choice(code, code) for code in document_search.currencies(ctx)]


PAGE = ListPage(
    name="documents",
    title=_("Documents"),
    permission="documents.view",
    template="documents/list.html",
    search=_("Number or customer"),
    columns=(
        Column(
            key="number",
            label=_("Number"),
            kind=Kind.CODE,
            value=lambda row: row.entry.number,
            hint=_dispute,
            href=Address("documents.document", document_id=lambda row: row.entry.id),
            is_title=True,
        ),
        Column(
            key="issued",
            label=_("Issued"),
            kind=Kind.DAY,
            value=lambda row: row.entry.issue_on,
            sort="date",
        ),
        Column(
            key="due",
            label=_("Due"),
            kind=Kind.DAY,
            value=lambda row: row.entry.due_on,
            sort="due",
        ),
        Column(
            key="customer",
            label=_("Customer"),
            value=lambda row: row.entry.customer_name,
            sort="customer",
        ),
        Column(
            key="reference",
            label=_("Customer's reference"),
            kind=Kind.CODE,
            value=lambda row: row.entry.customer,
            is_extra=True,
        ),
        Column(key="type", label=_("Type"), kind=Kind.BADGE, value=_type),
        Column(key="delivery", label=_("Delivery"), kind=Kind.BADGE, value=_delivery),
        Column(key="disputed", label=_("Dispute"), value=_dispute, is_extra=True),
        Column(
            key="net",
            label=_("Net"),
            kind=Kind.MONEY,
            value=lambda row: Money(row.entry.type.sign * row.entry.net, row.entry.currency),
            is_extra=True,
        ),
        Column(
            key="gross",
            label=_("Gross"),
            kind=Kind.MONEY,
            value=lambda row: Money(row.gross, row.entry.currency),
            sort="gross",
        ),
        Column(
            key="open",
            label=_("Open"),
            kind=Kind.MONEY,
            value=lambda row: Money(row.entry.open, row.entry.currency),
            is_extra=True,
        ),
    ),
    filters=(
        Filter(key="type", label=_("Type"), kind=FilterKind.CHOICE, choices=_types),
        Filter(key="delivery", label=_("Delivery"), kind=FilterKind.CHOICE, choices=_states),
        Filter(key="disputed", label=_("Dispute"), kind=FilterKind.CHOICE, choices=_disputed),
        Filter(key="currency", label=_("Currency"), kind=FilterKind.CHOICE, choices=_currencies),
        Filter(key="since", label=_("From"), kind=FilterKind.DAY),
        Filter(key="until", label=_("Until"), kind=FilterKind.DAY),
        Filter(key="customer", label=_("Customer's reference")),
    ),
    fetch=_fetch,
    identify=lambda row: row.entry.id,
    figures=_figures,
    default_sort="date",
    default_descending=True,
)
