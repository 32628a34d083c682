"""Which charges share a document."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest

from billhook.domain.consolidation import consolidate
from billhook.domain.states import Consolidation

ANN, BOB = UUID(int=1), UUID(int=2)


@dataclass(frozen=True)
class Charge:
    name: str
    customer_id: UUID = ANN
    payer_id: UUID = ANN
    currency: str = "EUR"
    delivery_country: str = ""
    purchase_order: str = ""
    group_key: str = ""
    charged_on: date = date(2026, 10, 5)

    @property
    def charge_id(self) -> UUID:
        return UUID(bytes=self.name.encode().ljust(16, b"\0"))


def documents(charges, rule, until=date(2026, 10, 31)):
    grouped = consolidate(charges, {ANN: rule, BOB: Consolidation.PER_RUN}, until)
    return (
        [" ".join(charge.name for charge in group) for group in grouped.documents],
        " ".join(charge.name for charge in grouped.waiting),
    )


CHARGES = [
    Charge("a", group_key="x", charged_on=date(2026, 7, 1)),
    Charge("b", group_key="y", charged_on=date(2026, 9, 30)),
    Charge("c", group_key="x", charged_on=date(2026, 10, 31)),
]


@pytest.mark.parametrize(
    ("rule", "until", "expected", "waiting"),
    [
        (Consolidation.PER_RUN, date(2026, 10, 31), ["a c b"], ""),  # sections side by side
        (Consolidation.PER_GROUP, date(2026, 10, 31), ["a c", "b"], ""),
        (Consolidation.PER_CHARGE, date(2026, 10, 31), ["a", "b", "c"], ""),
        (Consolidation.MONTH, date(2026, 10, 31), ["a", "b", "c"], ""),
        (Consolidation.MONTH, date(2026, 10, 30), ["a", "b"], "c"),
        (Consolidation.QUARTER, date(2026, 10, 31), ["a b"], "c"),
        (Consolidation.QUARTER, date(2026, 12, 31), ["a b", "c"], ""),
    ],
)
def test_rules(rule, until, expected, waiting):
    assert documents(CHARGES, rule, until) == (expected, waiting)


@pytest.mark.parametrize(
    "other",
    [
        {"customer_id": BOB},
        {"payer_id": BOB},
        {"currency": "USD"},
        {"delivery_country": "FR"},
        {"purchase_order": "PO-1"},
    ],
)
def test_what_always_splits(other):
    assert documents([Charge("a"), Charge("b", **other)], Consolidation.PER_RUN)[0] == ["a", "b"]
