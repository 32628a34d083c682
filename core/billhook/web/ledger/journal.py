"""The journal, and one entry of it with its seal."""

import re
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from flask import render_template, url_for

from billhook.domain.states import DocumentType
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import journals, ledgers
from billhook.services.journals import EntryFilter, FoundEntry
from billhook.services.paging import Slice
from billhook.web import paging
from billhook.web.access import context, requires
from billhook.web.labels import label
from billhook.web.ledger.rooms import blueprint
from billhook.web.list_routes import add_list, shown
from billhook.web.lists import (
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
    Money,
)
from billhook.web.objects import address_of

_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,4})?", re.ASCII)


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[FoundEntry]:
    kind = paging.choice("type", DocumentType)
    wanted = EntryFilter(
        text=query.text,
        since=paging.day("since"),
        until=paging.day("until"),
        account=query.value("account"),
        document_type=kind.value if kind else "",
        amount=_amount(query.value("amount")),
    )
    return journals.search(
        ctx, wanted, after=after, limit=limit, is_descending=query.is_descending
    )


def _amount(text: str) -> Decimal | None:
    """Read an amount with a point or a comma; what is none narrows nothing."""
    if not _AMOUNT.fullmatch(text):
        return None
    return Decimal(text.replace(",", "."))


def _accounts(ctx: Context) -> Sequence[Choice]:
    names = {one.code: one.name for one in ledgers.accounts(ctx)}
    return [Choice(code, f"{code} {name}") for code, name in names.items()]


def _types(_ctx: Context) -> Sequence[Choice]:
    return [
        Choice(one.value, label(one)) for one in (DocumentType.INVOICE, DocumentType.CREDIT_NOTE)
    ]


def _entry_address(entry: FoundEntry) -> str:
    return url_for("ledger.entry", entry_id=entry.id)


def _document_address(entry: FoundEntry) -> str:
    return address_of("document", entry.document_id) if entry.document_id else ""


PAGE = ListPage(
    name="journal",
    title=_("Journal"),
    permission="ledger.view",
    template="ledger/journal.html",
    search=_("Number, customer's reference or entry"),
    default_sort="sequence",
    default_descending=True,
    columns=(
        Column(
            key="sequence",
            label=_("Entry"),
            kind=Kind.NUMBER,
            value=lambda entry: entry.sequence,
            href=_entry_address,
            sort="sequence",
            is_title=True,
        ),
        Column(key="entry_on", label=_("Date"), kind=Kind.DAY, value=lambda entry: entry.entry_on),
        Column(
            key="number",
            label=_("Document"),
            kind=Kind.CODE,
            value=lambda entry: entry.number,
            href=_document_address,
        ),
        Column(
            key="type",
            label=_("Type"),
            value=lambda entry: (
                label(DocumentType(entry.document_type)) if entry.document_type else entry.kind
            ),
        ),
        Column(
            key="customer",
            label=_("Customer"),
            value=lambda entry: entry.customer_name,
            hint=lambda entry: entry.customer,
        ),
        Column(
            key="amount",
            label=_("Amount"),
            kind=Kind.MONEY,
            value=lambda entry: Money(entry.amount, entry.currency),
        ),
    ),
    filters=(
        Filter(key="since", label=_("From"), kind=FilterKind.DAY),
        Filter(key="until", label=_("Until"), kind=FilterKind.DAY),
        Filter(key="account", label=_("Account"), kind=FilterKind.CHOICE, choices=_accounts),
        Filter(key="type", label=_("Type"), kind=FilterKind.CHOICE, choices=_types),
        Filter(key="amount", label=_("Amount")),
    ),
    fetch=_fetch,
    identify=lambda entry: entry.id,
)


@blueprint.get("")
@requires("ledger.view")
def journal() -> str:
    """List the entries, the newest first."""
    return render_template(PAGE.template, list=shown(PAGE))


add_list(blueprint, PAGE)


@blueprint.get("/entries/<uuid:entry_id>")
@requires("ledger.view")
def entry(entry_id: UUID) -> str:
    """Show an entry with its postings, its document and its seal."""
    view = journals.get(context(), entry_id)
    return render_template(
        "ledger/entry.html",
        view=view,
        entry=view.entry,
        document_address=_document_address(view.entry),
        type=label(DocumentType(view.entry.document_type)) if view.entry.document_type else "",
    )
