from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from billhook.domain.documents import BaseCurrency, Document, PartySnapshot
from billhook.domain.parties import Address, Party
from billhook.domain.states import DocumentType, Supply
from billhook.domain.tax import (
    Registration,
    TaxComponent,
    TaxLine,
    TaxSituation,
    TaxTreatment,
    usual_scheme,
)
from billhook.domain.totals import TaxGroup
from billhook.sdk.context import Context
from billhook.testing.contexts import lonely_context
from billhook_tax_rules.settings import DEFAULTS, TaxRulesSettings

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
        others = tuple(_registration(each, number) for number, each in enumerate(also))
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


@pytest.fixture
def document() -> Callable[..., Document]:
    """Make an invoice of one tax group to a buyer with a tax number."""

    def make(category: str, country: str, tax_number: str, *, on: str = "2024-06-30") -> Document:
        component = TaxComponent(tax="VAT", country="DE", rate=Decimal(0))
        treatment = TaxTreatment(components=(component,), category=category)
        group = TaxGroup(treatment=treatment, net=100, tax=0, component_taxes=(0,))
        day = date.fromisoformat(on)
        return Document(
            id=UUID(int=9),
            type=DocumentType.INVOICE,
            customer_id=UUID(int=8),
            payer_id=UUID(int=8),
            seller=_party("DE", "DE136695976"),
            buyer=_party(country, tax_number),
            currency="EUR",
            issue_on=day,
            due_on=day,
            language="en",
            lines=(),
            groups=(group,),
            net=100,
            tax=0,
            gross=100,
            payable=100,
            base=BaseCurrency(currency="EUR", rate=Decimal(1), rate_on=day, source=""),
        )

    return make


@pytest.fixture
def ctx() -> Callable[[TaxRulesSettings], Context]:
    """Make a context in which the tenant has stored the settings."""

    return lambda settings=DEFAULTS: lonely_context("tax_rules", settings=settings)


def _party(country: str, tax_number: str) -> PartySnapshot:
    party = Party(name="Party", address=Address(country=country), tax_number=tax_number)
    return PartySnapshot(id=UUID(int=5), party=party, salt=bytes(16))


def _country(place: str) -> str:
    return place[:2]


def _subdivision(place: str) -> str:
    return place[3:]


def _registration(text: str, number: int) -> Registration:
    """Read ``FR``, ``EE oss`` or ``CA-QC``, of the place's usual scheme where it names none."""
    place, _, scheme = text.partition(" ")
    country, part = _country(place), _subdivision(place)
    scheme = scheme or usual_scheme(country, part)
    own = UUID(int=ABROAD.int + number)
    return Registration(id=own, country=country, subdivision=part, scheme=scheme)
