"""The list of drafts, and what is done with many of them."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import abort, redirect, url_for

from billhook.domain.states import DocumentType, DraftState
from billhook.errors import BillhookError
from billhook.i18n import gettext, ngettext
from billhook.i18n import lazy_gettext as _
from billhook.money import amount_text
from billhook.sdk.context import Context
from billhook.services import draft_search, drafting, issuing
from billhook.services.draft_editing import outgoing
from billhook.services.draft_search import DraftFilter, DraftOrder, FoundDraft
from billhook.services.paging import Slice
from billhook.web.labels import label
from billhook.web.lists import (
    Badge,
    BulkAct,
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
    Money,
    Outcome,
    Question,
)
from billhook.web.templates import instant

_STATES = {DraftState.OPEN: "info", DraftState.APPROVED: "good", DraftState.DISCARDED: "quiet"}


def _address(row: FoundDraft) -> str:
    return url_for("drafts.editor", draft_id=row.id)


def _state(text: str) -> DraftState | None:
    return DraftState(text) if text in set(DraftState) else None


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[Any]:
    wanted = DraftFilter(
        text=query.text,
        state=_state(query.value("state")),
        kind=query.choice("type", DocumentType),
        currency=query.value("currency"),
        customer=query.value("customer"),
        run_id=query.key("run"),
    )
    return draft_search.search(
        ctx,
        wanted,
        by=DraftOrder(query.sort),
        is_descending=query.is_descending,
        after=after,
        limit=limit,
    )


def _states(_ctx: Context) -> Sequence[Choice]:
    return [Choice(state.value, label(state)) for state in (DraftState.OPEN, DraftState.DISCARDED)]


def _types(_ctx: Context) -> Sequence[Choice]:
    return [Choice(kind.value, label(kind)) for kind in DocumentType]


def _currencies(ctx: Context) -> Sequence[Choice]:
    return [Choice(code, code) for code in draft_search.currencies(ctx)]


def _runs(ctx: Context) -> Sequence[Choice]:
    return [
        Choice(
            str(run.id),
            ngettext(
                "%(made)s, %(count)s draft",
                "%(made)s, %(count)s drafts",
                run.drafts,
                made=instant(run.made_at),
            ),
        )
        for run in draft_search.runs(ctx)
    ]


def _asking(title: Callable[[int], str]) -> Callable[[Context, Sequence[UUID]], Question]:
    """Return the question of an act: how many, for how much, and what is left out."""

    def question(ctx: Context, ids: Sequence[UUID]) -> Question:
        found = draft_search.of_ids(ctx, ids)
        left_out = len(ids) - len(found)
        problems = []
        if left_out:
            problems.append(
                ngettext(
                    "%(count)s draft is not open any more and is left out.",
                    "%(count)s drafts are not open any more and are left out.",
                    left_out,
                )
            )
        return Question(title(len(found)), details=_sums(found), problems=problems)

    return question


def _sums(found: Sequence[FoundDraft]) -> list[str]:
    nets: dict[str, int] = {}
    for one in found:
        nets[one.currency] = nets.get(one.currency, 0) + one.net
    return [
        gettext(
            "%(amount)s %(currency)s before tax",
            amount=amount_text(net, currency),
            currency=currency,
        )
        for currency, net in sorted(nets.items())
    ]


def _doing(
    one: Callable[[Context, FoundDraft], None], told: Callable[[int], str]
) -> Callable[[Context, Sequence[UUID]], Outcome]:
    """Return an act that goes on after a draft that is refused, and says why each was."""

    def act(ctx: Context, ids: Sequence[UUID]) -> Outcome:
        done, problems = 0, []
        for row in draft_search.of_ids(ctx, ids):
            try:
                one(ctx, row)
            except BillhookError as error:
                problems.append(f"{row.customer_name} ({row.customer}): {error.message}")
            else:
                done += 1
        return Outcome(told(done), problems[:20])

    return act


def _issue(ctx: Context, row: FoundDraft) -> None:
    issuing.issue(ctx, row.id, key=f"bulk:{row.id}:{row.version}", version=row.version)


def _issue_and_send(ctx: Context, row: FoundDraft) -> None:
    issued = issuing.issue(ctx, row.id, key=f"bulk:{row.id}:{row.version}", version=row.version)
    outgoing.send_issued(ctx, issued)


def _to_merging(_ctx: Context, ids: Sequence[UUID]) -> Question:
    """Go on to the page that asks how they become one."""
    abort(redirect(url_for("merging.choose", draft=[str(id_) for id_ in ids]), 303))


def _discard(ctx: Context, row: FoundDraft) -> None:
    drafting.discard(ctx, row.id)


PAGE = ListPage(
    name="drafts",
    title=_("Drafts"),
    permission="drafts.view",
    template="drafts/list.html",
    search=_("Customer or purchase order"),
    columns=(
        Column(
            key="customer",
            label=_("Customer"),
            value=lambda row: row.customer_name,
            href=_address,
            hint=lambda row: row.reference or row.purchase_order,
            sort="customer",
            is_title=True,
        ),
        Column(
            key="reference",
            label=_("Customer's reference"),
            kind=Kind.CODE,
            value=lambda row: row.customer,
        ),
        Column(
            key="made",
            label=_("Made"),
            kind=Kind.INSTANT,
            value=lambda row: row.created_at,
            sort="made",
        ),
        Column(
            key="type",
            label=_("Type"),
            kind=Kind.BADGE,
            value=lambda row: Badge(
                label(row.kind), "quiet" if row.kind is DocumentType.INVOICE else "info"
            ),
        ),
        Column(
            key="state",
            label=_("State"),
            kind=Kind.BADGE,
            value=lambda row: Badge(label(row.state), _STATES[row.state]),
            is_extra=True,
        ),
        Column(
            key="order",
            label=_("Purchase order"),
            kind=Kind.CODE,
            value=lambda row: row.purchase_order,
            is_extra=True,
        ),
        Column(key="lines", label=_("Lines"), kind=Kind.NUMBER, value=lambda row: row.lines),
        Column(
            key="net",
            label=_("Sum of the lines"),
            kind=Kind.MONEY,
            value=lambda row: Money(row.net, row.currency),
        ),
    ),
    filters=(
        Filter(
            key="state",
            label=_("State"),
            kind=FilterKind.CHOICE,
            choices=_states,
            default=DraftState.OPEN.value,
        ),
        Filter(key="type", label=_("Type"), kind=FilterKind.CHOICE, choices=_types),
        Filter(key="currency", label=_("Currency"), kind=FilterKind.CHOICE, choices=_currencies),
        Filter(key="customer", label=_("Customer's reference")),
        Filter(key="run", label=_("Bill run"), kind=FilterKind.CHOICE, choices=_runs),
    ),
    bulk=(
        BulkAct(
            key="issue",
            label=_("Issue"),
            icon="check",
            permission="documents.issue",
            question=_asking(
                lambda count: ngettext("Issue %(count)s draft?", "Issue %(count)s drafts?", count)
            ),
            act=_doing(
                _issue,
                lambda count: ngettext(
                    "%(count)s document was issued.", "%(count)s documents were issued.", count
                ),
            ),
        ),
        BulkAct(
            key="send",
            label=_("Issue and send"),
            icon="send",
            permission="deliveries.send",
            question=_asking(
                lambda count: ngettext(
                    "Issue %(count)s draft and send the document?",
                    "Issue %(count)s drafts and send the documents?",
                    count,
                )
            ),
            act=_doing(
                _issue_and_send,
                lambda count: ngettext(
                    "%(count)s document was issued and is on its way.",
                    "%(count)s documents were issued and are on their way.",
                    count,
                ),
            ),
        ),
        BulkAct(
            key="merge",
            label=_("Merge"),
            icon="arrows-join",
            permission="drafts.edit",
            question=_to_merging,
            act=lambda _ctx, _ids: Outcome(""),
        ),
        BulkAct(
            key="discard",
            label=_("Discard"),
            icon="trash",
            permission="drafts.edit",
            is_destructive=True,
            question=_asking(
                lambda count: ngettext(
                    "Discard %(count)s draft? What it charged waits for the next bill.",
                    "Discard %(count)s drafts? What they charged waits for the next bill.",
                    count,
                )
            ),
            act=_doing(
                _discard,
                lambda count: ngettext(
                    "%(count)s draft was discarded.", "%(count)s drafts were discarded.", count
                ),
            ),
        ),
    ),
    fetch=_fetch,
    identify=lambda row: row.id,
    default_sort="made",
    default_descending=True,
)
