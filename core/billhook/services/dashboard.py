"""What everybody looks at first: what waits, what went out, what went wrong, in a few counts.

Each function is one or two statements on sets, whatever the number of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from billhook.db import db
from billhook.domain.deliveries import DeliveryState
from billhook.domain.states import DocumentType, DraftState
from billhook.ids import first_id_of
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.models.customers import ParkedCustomer
from billhook.models.deliveries import Delivery
from billhook.models.documents import DocumentRow
from billhook.models.drafts import Draft
from billhook.models.work import Outbox
from billhook.money import CONTEXT, minor_digits, round_half_away
from billhook.sdk.context import Context
from billhook.services import draft_search, outbox
from billhook.services.draft_search import DraftFilter

MOST_COUNTED = 100
"""Further than that nobody counts what went wrong; the list behind shows all."""
MOST_DRAFTS = 500
"""Of so many drafts the lines are added up; of more only the number is told."""
MONTHS = 12


class Sum(NamedTuple):
    """An amount of a currency, in minor units."""

    currency: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCharges:
    """Charges that the next bill run takes: before taxes and discounts."""

    count: int
    sums: Sequence[Sum]
    priced_later: int
    """How many have no price until they are billed, and are in no sum."""
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDrafts:
    """Drafts that nobody has issued; nets are of their lines, absent where there are too many."""

    count: int
    sums: Sequence[Sum]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedMonth:
    """What was issued in a month, credit notes against it, beside the month before."""

    since: date
    documents: int
    nets: Sequence[Sum]
    documents_before: int
    nets_before: Sequence[Sum]
    days: Sequence[int]
    """Documents of each of the last 30 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Messages of this month, by what came of them."""

    states: Sequence[tuple[DeliveryState, int]]

    @property
    def count(self) -> int:
        return sum(count for _state, count in self.states)


class Month(NamedTuple):
    """What was issued in a month, in minor units of the base currency."""

    since: date
    until: date
    net: int


def waiting(ctx: Context) -> WaitingCharges:
    """Add up the charges that wait, by currency."""
    ctx.require("charges.view")
    shape = (ChargeRow.currency, ChargeRow.unit_price, ChargeRow.quantity, ChargeRow.base_quantity)
    rows = db.session.execute(
        select(
            *shape,
            func.count().label("charges"),
            func.sum(ChargeRow.amount).label("amount"),
            func.count(ChargeRow.amount).label("with_amount"),
        )
        .select_from(ChargeOpen)
        .join(ChargeRow, _of(ChargeRow, ChargeOpen, ChargeRow.id == ChargeOpen.charge_id))
        .where(~ChargeOpen.is_held)
        .group_by(*shape)
    ).all()
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, 0) + int(row.amount or 0) + _priced(row)
    later = sum(row.charges - row.with_amount for row in rows if row.unit_price is None)
    held = select(func.count()).select_from(ChargeOpen).where(ChargeOpen.is_held)
    return WaitingCharges(
        count=sum(row.charges for row in rows),
        sums=_sums(sums),
        priced_later=later,
        held=db.session.scalar(held) or 0,
    )


def _priced(row: Any) -> int:
    """Return what charges of one price and quantity come to, each rounded as a line is."""
    if row.unit_price is None:
        return 0
    each: Decimal = CONTEXT.divide(
        CONTEXT.multiply(row.unit_price, row.quantity), row.base_quantity
    )
    return int(row.charges) * round_half_away(each, minor_digits(row.currency))


def drafts(ctx: Context) -> OpenDrafts:
    """Count the open drafts, and add up their lines while they are not too many."""
    ctx.require("drafts.view")
    is_open = select(func.count()).select_from(Draft).where(Draft.state == DraftState.OPEN.value)
    count = db.session.scalar(is_open) or 0
    sums: dict[str, int] = {}
    if count <= MOST_DRAFTS:
        for one in draft_search.search(ctx, DraftFilter(), limit=MOST_DRAFTS).rows:
            sums[one.currency] = sums.get(one.currency, 0) + one.kind.sign * one.net
    return OpenDrafts(count=count, sums=_sums(sums))


def issued(ctx: Context) -> IssuedMonth:
    """Count and add up what was issued this month and in the one before."""
    ctx.require("documents.view")
    today = ctx.today()
    this = today.replace(day=1)
    before = (this - timedelta(days=1)).replace(day=1)
    first_day = today - timedelta(days=29)
    rows = db.session.execute(
        select(DocumentRow.issue_on, DocumentRow.currency, func.count(), _signed(DocumentRow.net))
        .where(DocumentRow.issue_on >= min(before, first_day))
        .group_by(DocumentRow.issue_on, DocumentRow.currency)
    ).all()
    days: dict[date, int] = {}
    nets: dict[bool, dict[str, int]] = {True: {}, False: {}}
    counts = {True: 0, False: 0}
    for on, currency, count, net in rows:
        days[on] = days.get(on, 0) + count
        if on < before:
            continue
        is_this = on >= this
        counts[is_this] += count
        nets[is_this][currency] = nets[is_this].get(currency, 0) + int(net)
    return IssuedMonth(
        since=this,
        documents=counts[True],
        nets=_sums(nets[True]),
        documents_before=counts[False],
        nets_before=_sums(nets[False]),
        days=[days.get(first_day + timedelta(days=number), 0) for number in range(30)],
    )


def sent(ctx: Context) -> Sent:
    """Count this month's messages by what came of them."""
    ctx.require("deliveries.view")
    first = datetime.combine(
        ctx.today().replace(day=1), time(), tzinfo=ZoneInfo(ctx.tenant.time_zone)
    )
    rows = db.session.execute(
        select(Delivery.state, func.count())
        .where(Delivery.id >= first_id_of(outbox.due(ctx, first)))  # by the machine's clock
        .group_by(Delivery.state)
    )
    found = {DeliveryState(state): count for state, count in rows}
    return Sent(states=[(state, found[state]) for state in DeliveryState if state in found])


def issued_by_month(ctx: Context) -> list[Month]:
    """Add up what was issued in each of the last twelve months, in the base currency."""
    ctx.require("documents.view")
    months = _months(ctx.today())
    number = case(
        *((DocumentRow.issue_on <= until, place) for place, (_since, until) in enumerate(months)),
        else_=len(months),
    )
    rows = db.session.execute(
        select(number.label("place"), _signed(DocumentRow.base_net))
        .where(DocumentRow.issue_on >= months[0][0])
        .group_by(number)
    )
    nets = {place: int(net) for place, net in rows}
    return [
        Month(since=since, until=until, net=nets.get(place, 0))
        for place, (since, until) in enumerate(months)
    ]


def _months(today: date) -> list[tuple[date, date]]:
    """Return the first and last day of twelve months up to today's, oldest first."""
    found: list[tuple[date, date]] = []
    first = today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    for _number in range(MONTHS):
        found.append((first, following - timedelta(days=1)))
        first, following = (first - timedelta(days=1)).replace(day=1), first
    return found[::-1]


def lost_messages(ctx: Context, state: DeliveryState) -> int:
    """Count messages that failed or came back, up to `MOST_COUNTED`."""
    ctx.require("deliveries.view")
    return _few(select(Delivery.id).where(Delivery.state == state.value))


def parked_customers(ctx: Context) -> int:
    """Count customers whom a bill run set aside, up to `MOST_COUNTED`."""
    ctx.require("bill_runs.view")
    return _few(select(ParkedCustomer.id))


def dead_jobs(ctx: Context) -> int:
    """Count work that was given up, up to `MOST_COUNTED`."""
    ctx.require("outbox.view")
    return _few(select(Outbox.id).where(Outbox.state == "dead"))


def _few(rows: Select[Any]) -> int:
    return len(db.session.scalars(rows.limit(MOST_COUNTED)).all())


def _signed(column: Any) -> ColumnElement[Any]:
    is_credit = DocumentRow.type == DocumentType.CREDIT_NOTE.value
    return func.sum(case((is_credit, -column), else_=column))


def _of(row: Any, beside: Any, joined: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(row.tenant_id == beside.tenant_id, joined)


def _sums(by_currency: dict[str, int]) -> list[Sum]:
    return [Sum(currency, amount) for currency, amount in sorted(by_currency.items())]
