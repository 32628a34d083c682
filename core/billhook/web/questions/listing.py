"""The list of questions: first what waits for the company."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from billhook.domain.questions import QuestionKind, QuestionState
from billhook.i18n import gettext, ngettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import questions
from billhook.services.paging import Slice
from billhook.services.questions import QuestionFilter, Taken
from billhook.web.labels import label
from billhook.web.lists import (
    Address,
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
    Money,
    Value,
)
from billhook.web.questions.words import asker_of, kind_of, reason_of, state_of

AGES = (1, 3, 7, 30)
"""Days."""


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[Any]:
    return questions.search(
        ctx, _wanted(query), is_descending=query.is_descending, after=after, limit=limit
    )


def _wanted(query: ListQuery) -> QuestionFilter:
    taken, state, age = (query.value(key) for key in ("taken", "state", "age"))
    return QuestionFilter(
        text=query.text,
        state=QuestionState(state) if state in set(QuestionState) else None,
        kind=query.choice("kind", QuestionKind),
        customer=query.value("customer"),
        taken=Taken(taken) if taken in set(Taken) else None,
        assignee_id=query.key("taken"),
        older_than_days=int(age) if age in {str(days) for days in AGES} else None,
    )


def _states(_ctx: Context) -> Sequence[Choice]:
    return [Choice(state.value, label(state)) for state in QuestionState]


def _kinds(_ctx: Context) -> Sequence[Choice]:
    return [Choice(kind.value, label(kind)) for kind in QuestionKind]


def _takers(ctx: Context) -> Sequence[Choice]:
    people: list[tuple[UUID, str]] = [
        (one.person_id, one.name)
        for one in questions.assignees(ctx)
        if one.person_id != ctx.actor.id
    ]
    return [
        Choice(Taken.MINE.value, gettext("Me")),
        Choice(Taken.NOBODY.value, gettext("Nobody")),
        *(Choice(str(person_id), name) for person_id, name in people),
    ]


def _ages(_ctx: Context) -> Sequence[Choice]:
    return [
        Choice(str(days), ngettext("More than %(count)s day", "More than %(count)s days", days))
        for days in AGES
    ]


def _amount(row: Any) -> Value:
    return None if row.amount is None else Money(row.amount, row.currency)


PAGE = ListPage(
    name="questions",
    title=_("Questions"),
    permission="questions.view",
    template="questions/list.html",
    search=_("Number or customer"),
    columns=(
        Column(
            key="number",
            label=_("Document"),
            kind=Kind.CODE,
            value=lambda row: row.number,
            href=Address("questions.question", question_id=lambda row: row.id),
            is_title=True,
        ),
        Column(key="kind", label=_("Kind"), kind=Kind.BADGE, value=kind_of, hint=reason_of),
        Column(key="customer", label=_("Customer"), value=lambda row: row.customer_name),
        Column(key="asker", label=_("Asked by"), value=asker_of, is_extra=True),
        Column(key="reason", label=_("What is wrong"), value=reason_of, is_extra=True),
        Column(key="amount", label=_("In dispute"), kind=Kind.MONEY, value=_amount),
        Column(key="state", label=_("State"), kind=Kind.BADGE, value=state_of),
        Column(key="assignee", label=_("Answered by"), value=lambda row: row.assignee),
        Column(
            key="asked",
            label=_("Asked"),
            kind=Kind.INSTANT,
            value=lambda row: row.asked_at,
            sort="asked",
        ),
        Column(
            key="said",
            label=_("Last message"),
            kind=Kind.INSTANT,
            value=lambda row: row.said_at,
            is_extra=True,
        ),
    ),
    filters=(
        Filter(
            key="state",
            label=_("State"),
            kind=FilterKind.CHOICE,
            choices=_states,
            default=QuestionState.OPEN.value,
        ),
        Filter(key="kind", label=_("Kind"), kind=FilterKind.CHOICE, choices=_kinds),
        Filter(key="taken", label=_("Answered by"), kind=FilterKind.CHOICE, choices=_takers),
        Filter(key="age", label=_("Asked ago"), kind=FilterKind.CHOICE, choices=_ages),
        Filter(key="customer", label=_("Customer's reference")),
    ),
    fetch=_fetch,
    identify=lambda row: row.id,
    default_sort="asked",
)
