from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from billhook.clock import FixedClock
from billhook.domain.documents import BaseCurrency, Document, PartySnapshot
from billhook.domain.parties import Address, Party
from billhook.domain.pricing import PriceVersion
from billhook.domain.states import DocumentType, Supply
from billhook.domain.tax import (
    Registration,
    TaxComponent,
    TaxLine,
    TaxSituation,
    TaxTreatment,
    usual_scheme,
)
from billhook.domain.totals import TaxGroup, TotalsOptions
from billhook.errors import NotFound, PluginUnavailable
from billhook.sdk.context import Actor, ActorKind, Context, TenantSnapshot
from billhook.sdk.ports import Ports
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

    def make(settings: TaxRulesSettings = DEFAULTS) -> Context:
        tenant = TenantSnapshot(
            id=UUID(int=7),
            slug="acme",
            party=_party("DE", "DE136695976").party,
            currency="EUR",
            time_zone="Europe/Berlin",
            language="en",
            supplies=Supply.SERVICE,
            tax_engine="tax_rules.rules",
            totals=TotalsOptions(),
            payment_days=30,
            is_sandbox=False,
            registrations=(),
            plugins=frozenset({"tax_rules"}),
            version=1,
        )
        return Context(
            tenant=tenant,
            actor=Actor(kind=ActorKind.OPERATOR),
            clock=FixedClock(datetime(2026, 11, 20, 12, tzinfo=UTC)),
            ports=Ports(
                settings=_StoredSettings(settings),
                prices=_NoPrices(),
                jobs=_NoJobs(),
                deliveries=_NoDeliveries(),
            ),
        )

    return make


@dataclass(frozen=True)
class _StoredSettings:
    settings: TaxRulesSettings

    def read(self, ctx: Context, kind: type) -> TaxRulesSettings:
        assert kind is TaxRulesSettings
        return self.settings


class _NoPrices:
    def in_force(self, ctx: Context, *, sku: str, currency: str, on: date) -> PriceVersion:
        raise NotFound("price", sku)


class _NoDeliveries:
    def report(self, ctx: Context, *, channel: str, reports: Sequence[object]) -> Sequence[bool]:
        return [False for _report in reports]


class _NoJobs:
    def enqueue(self, ctx: Context, name: str, *_payload: object, **_options: object) -> UUID:
        raise PluginUnavailable(name)


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
