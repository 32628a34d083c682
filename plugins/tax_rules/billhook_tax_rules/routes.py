"""Routes below ``/api/v1/x/tax_rules``: the rates of a day, and what a sale would be taxed."""

from datetime import date

from pydantic import Field

from billhook.domain.states import Supply
from billhook.domain.tax import (
    ComponentKind,
    TaxComponent,
    TaxLine,
    TaxQuery,
    TaxSituation,
    TaxTreatment,
)
from billhook.errors import ValidationFailed
from billhook.money import plain
from billhook.problems import Problem
from billhook.sdk.api import Answer, Input, Query, Routes
from billhook.sdk.context import Context
from billhook_tax_rules.engine import RulesEngine
from billhook_tax_rules.listing import PlaceUnknown, all_rates, rates_of
from billhook_tax_rules.rates import Rate
from billhook_tax_rules.tables import sources

MOST_LINES = 1_000

routes = Routes("tax rules", "Rates by place and day, and what a sale would be taxed.")


class RatesQuery(Query):
    """Which rates."""

    place: str = Field(
        "",
        max_length=6,
        description="ISO 3166, alone or with a state or province; empty for all.",
        examples=["DE", "CA-QC"],
    )
    on: date | None = Field(None, description="The day; today where it is left out.")


class RateAnswer(Answer):
    """A rate in force."""

    country: str
    subdivision: str = Field(description="State, province or region; empty where all over it.")
    tax: str = Field(examples=["VAT"])
    kind: ComponentKind
    category: str = Field(description="Of the product.", examples=["standard"])
    rate: str = Field(description="Percent.", examples=["19"])
    since: date
    until: date | None = Field(description="The last day; null where none is known.")
    source: str

    @classmethod
    def of(cls, rate: Rate) -> "RateAnswer":
        """Return how the API shows a row of the table."""
        return cls(
            country=rate.country,
            subdivision=rate.subdivision,
            tax=rate.tax,
            kind=rate.kind,
            category=rate.category,
            rate=plain(rate.percent),
            since=rate.validity.start,
            until=rate.validity.last_day,
            source=sources()[rate.source],
        )


class RatesAnswer(Answer):
    """The rates of a day."""

    on: date
    rates: list[RateAnswer]


class SuppliedLine(Input):
    """One thing supplied."""

    supply: Supply | None = Field(None, description="The company's usual one where left out.")
    category: str = Field(
        "standard", min_length=1, max_length=40, description="The product's tax category."
    )
    on: date | None = Field(None, description="The tax date; today where it is left out.")


class Sale(Input):
    """A sale by the company, to be."""

    country: str = Field(
        max_length=2, description="Of the buyer, ISO 3166.", examples=["FR", "US"]
    )
    subdivision: str = Field("", max_length=6, description="State or province of the buyer.")
    tax_number: str = Field(
        "", max_length=40, description="Of the buyer; without one it is a consumer."
    )
    delivery_country: str = Field(
        "", max_length=2, description="Where goods go, if elsewhere than to the buyer's country."
    )
    lines: list[SuppliedLine] = Field(min_length=1, max_length=MOST_LINES, examples=[[{}]])


class ComponentAnswer(Answer):
    """One tax at one rate."""

    tax: str
    kind: ComponentKind
    country: str
    subdivision: str
    rate: str = Field(description="Percent.")

    @classmethod
    def of(cls, component: TaxComponent) -> "ComponentAnswer":
        """Return how the API shows a tax."""
        return cls(
            tax=component.tax,
            kind=component.kind,
            country=component.country,
            subdivision=component.subdivision,
            rate=plain(component.rate),
        )


class TreatmentAnswer(Answer):
    """How a line would be taxed."""

    category: str | None = Field(description="BT-118; null outside EN 16931.")
    exemption_code: str = Field(description="BT-121, a VATEX code; empty where there is none.")
    note: str = Field(description="BT-120: why there is no tax, in the company's language.")
    components: list[ComponentAnswer]

    @classmethod
    def of(cls, treatment: TaxTreatment) -> "TreatmentAnswer":
        """Return how the API shows a treatment."""
        return cls(
            category=treatment.category,
            exemption_code=treatment.exemption_code,
            note=treatment.note,
            components=[ComponentAnswer.of(one) for one in treatment.components],
        )


class AssessmentAnswer(Answer):
    """How each line would be taxed, in the order of the lines."""

    lines: list[TreatmentAnswer]


@routes.get("/rates", requires="")
def list_rates(ctx: Context, query: RatesQuery) -> RatesAnswer:
    """List the rates in force on a day, of all places or of one.

    The country's own rates are listed with those of its state or province.
    """
    day = query.on or ctx.today()
    try:
        found = rates_of(query.place.upper(), day) if query.place else all_rates(day)
    except PlaceUnknown as error:
        raise _unknown_place(error) from None
    return RatesAnswer(on=day, rates=[RateAnswer.of(rate) for rate in found])


@routes.ask("/assessments", requires="tenant.view")
def assess_sale(ctx: Context, body: Sale) -> AssessmentAnswer:
    """Tell how a sale would be taxed, by the company's registrations of the day."""
    (answer,) = RulesEngine(ctx).assess([_query(ctx, body)])
    if answer.problems:
        raise ValidationFailed(answer.problems)
    return AssessmentAnswer(lines=[TreatmentAnswer.of(each) for each in answer.treatments])


def _query(ctx: Context, sale: Sale) -> TaxQuery:
    seller = ctx.tenant.party.address
    is_elsewhere = sale.delivery_country not in ("", sale.country)
    situation = TaxSituation(
        seller_country=seller.country,
        seller_subdivision=seller.subdivision,
        registrations=ctx.tenant.registrations,
        buyer_country=sale.country,
        buyer_subdivision=sale.subdivision,
        buyer_tax_number=sale.tax_number,
        delivery_country=sale.delivery_country or sale.country,
        delivery_subdivision="" if is_elsewhere else sale.subdivision,
        language=ctx.tenant.language,
    )
    lines = tuple(
        TaxLine(line.supply or ctx.tenant.supplies, line.category, line.on or ctx.today())
        for line in sale.lines
    )
    return TaxQuery(situation=situation, lines=lines)


def _unknown_place(error: PlaceUnknown) -> ValidationFailed:
    return ValidationFailed(
        [Problem(code="tax_rules.place_unknown", path="place", message=error.message)]
    )
