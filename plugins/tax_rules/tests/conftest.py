from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from billhook.domain.states import Supply
from billhook.domain.tax import Registration, TaxLine, TaxSituation

SELLER = UUID(int=1)
ABROAD = UUID(int=2)


@pytest.fixture
def situation() -> Callable[..., TaxSituation]:
    """Make a situation: a seller registered at home, a consumer at the destination."""

    def make(
        seller: str,
        buyer: str,
        *,
        business: bool = False,
        registered: bool = True,
        also: tuple[str, ...] = (),
        language: str = "en",
    ) -> TaxSituation:
        home = (Registration(id=SELLER, country=_country(seller)),) if registered else ()
        others = tuple(_registration(each) for each in also)
        return TaxSituation(
            seller_country=_country(seller),
            seller_subdivision=_subdivision(seller),
            registrations=(*home, *others),
            buyer_country=_country(buyer),
            buyer_subdivision=_subdivision(buyer),
            delivery_country=_country(buyer),
            delivery_subdivision=_subdivision(buyer),
            buyer_tax_number="X123" if business else "",
            language=language,
        )

    return make


@pytest.fixture
def line() -> Callable[..., TaxLine]:
    """Make a line from the words of a table: kind of supply, ISO date, category."""

    def make(supply: str, day: str, category: str = "standard") -> TaxLine:
        return TaxLine(Supply(supply), category, date.fromisoformat(day))

    return make


def _country(place: str) -> str:
    return place[:2]


def _subdivision(place: str) -> str:
    return place[3:]


def _registration(text: str) -> Registration:
    """Read ``FR`` or ``EE oss``."""
    country, _, scheme = text.partition(" ")
    return Registration(id=ABROAD, country=country, scheme=scheme or "vat")
