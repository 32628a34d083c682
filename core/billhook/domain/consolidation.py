"""Which charges go on one document, by the customer's rule."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from billhook.domain.periods import calendar_period
from billhook.domain.states import Consolidation


class Billable(Protocol):
    """What the rules look at."""

    @property
    def charge_id(self) -> UUID: ...
    @property
    def customer_id(self) -> UUID: ...
    @property
    def payer_id(self) -> UUID: ...
    @property
    def currency(self) -> str: ...
    @property
    def delivery_country(self) -> str: ...
    @property
    def purchase_order(self) -> str: ...
    @property
    def group_key(self) -> str: ...
    @property
    def charged_on(self) -> date: ...


C = TypeVar("C", bound=Billable)


@dataclass(frozen=True, slots=True)
class Consolidated(Generic[C]):
    """The charges of each document, in order of arrival, and those whose period still runs."""

    documents: list[list[C]]
    waiting: list[C]


def consolidate(
    charges: Iterable[C], rules: Mapping[UUID, Consolidation], until: date
) -> Consolidated[C]:
    """Group the charges by each customer's rule.

    Buyer, payer, currency, delivery country and purchase order always split. A
    month or quarter waits until it lies wholly before or at `until`.
    """
    groups: dict[tuple[object, ...], list[C]] = {}
    waiting: list[C] = []
    for charge in charges:
        rule = rules[charge.customer_id]
        if _still_runs(rule, charge.charged_on, until):
            waiting.append(charge)
            continue
        key = (
            charge.customer_id,
            charge.payer_id,
            charge.currency,
            charge.delivery_country,
            charge.purchase_order,
            _KEYS[rule](charge),
        )
        groups.setdefault(key, []).append(charge)
    return Consolidated([_in_sections(group) for group in groups.values()], waiting)


_KEYS: Mapping[Consolidation, Callable[[Billable], object]] = {
    Consolidation.PER_RUN: lambda charge: None,
    Consolidation.PER_GROUP: lambda charge: charge.group_key,
    Consolidation.PER_CHARGE: lambda charge: charge.charge_id,
    Consolidation.MONTH: lambda charge: calendar_period(charge.charged_on, "month").start,
    Consolidation.QUARTER: lambda charge: calendar_period(charge.charged_on, "quarter").start,
}


def _still_runs(rule: Consolidation, charged_on: date, until: date) -> bool:
    if rule is Consolidation.MONTH:
        return calendar_period(charged_on, "month").last_day > until
    if rule is Consolidation.QUARTER:
        return calendar_period(charged_on, "quarter").last_day > until
    return False


def _in_sections(charges: list[C]) -> list[C]:
    """Put charges of a group side by side, groups in order of first appearance."""
    if len({charge.group_key for charge in charges}) == 1:
        return charges
    sections: dict[str, list[C]] = {}
    for charge in charges:
        sections.setdefault(charge.group_key, []).append(charge)
    return [charge for section in sections.values() for charge in section]
