"""A company's own settings as the API takes and gives them."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.states import Supply, TaxRounding
from billhook.errors import ValidationFailed
from billhook.money import amount_text
from billhook.sdk.api import Answer, Input
from billhook.sdk.context import Context
from billhook.services.company import CompanyChoices, CompanySettings, TenantChange
from billhook.services.fields import Fields
from billhook.services.guide import Guide, Step
from billhook.services.preferences import NONE

MOST_KEYS = 50
_LISTS = ("channels", "formats")


class CompanyChanges(Input):
    """Settings to change; what is left out stays. Country and currency never change."""

    name: str | None = Field(None, max_length=limits.NAME, examples=["Nimbus GmbH"])
    street: str | None = Field(None, max_length=limits.NAME)
    extra: str | None = Field(None, max_length=limits.NAME, description="A further address line.")
    postal_code: str | None = Field(None, max_length=limits.CODE)
    city: str | None = Field(None, max_length=limits.NAME)
    subdivision: str | None = Field(
        None, max_length=10, description="State or province, ISO 3166-2 without the country."
    )
    email: str | None = Field(None, max_length=limits.EMAIL)
    phone: str | None = Field(None, max_length=limits.CODE)
    contact_name: str | None = Field(None, max_length=limits.NAME)
    legal_id: str | None = Field(None, max_length=limits.CODE)
    legal_id_scheme: str | None = Field(None, max_length=10, description="ISO 6523 ICD code.")
    electronic_address: str | None = Field(None, max_length=limits.NAME)
    electronic_scheme: str | None = Field(
        None, max_length=10, description="A code of the EAS list."
    )
    channels: list[Annotated[str, Field(max_length=limits.CODE)]] | None = Field(
        None,
        max_length=MOST_KEYS,
        description="Keys of how documents go out by themselves; none for only on demand.",
    )
    formats: list[Annotated[str, Field(max_length=limits.CODE)]] | None = Field(
        None,
        max_length=MOST_KEYS,
        description="Keys of the e-invoice formats that documents must pass.",
    )
    time_zone: str | None = Field(None, max_length=limits.CODE, examples=["Europe/Berlin"])
    language: str | None = Field(None, max_length=20, description="IETF tag.", examples=["de"])
    supplies: Supply | None = Field(None, description="What the company mostly sells.")
    tax_engine: str | None = Field(None, max_length=limits.NAME, description="Its key.")
    tax_rounding: TaxRounding | None = None
    prices_include_tax: bool | None = None
    cash_rounding: str | None = Field(
        None,
        max_length=20,
        description='What totals are rounded to, in the base currency; "0" is not at all.',
        examples=["0.05"],
    )
    payment_days: int | None = Field(None, ge=0, le=3_650)
    retention_years: int | None = Field(None, ge=0, le=100)

    def as_change(self, currency: str) -> TenantChange:
        """Return the change as the service takes it. Raises ValidationFailed."""
        given: dict[str, Any] = self.model_dump(exclude={*_LISTS, "cash_rounding"})
        for name in _LISTS:
            keys = getattr(self, name)
            given[name] = None if keys is None else ",".join(keys) or NONE
        return TenantChange(**given, cash_rounding=self._cash_rounding(currency))

    def _cash_rounding(self, currency: str) -> int | None:
        if self.cash_rounding is None:
            return None
        read = Fields()
        found = read.amount("cash_rounding", self.cash_rounding, currency)
        if read.problems:
            raise ValidationFailed(read.problems)
        return found or 0


class CompanyAnswer(Answer):
    """All that the company says about itself."""

    id: UUID
    slug: str
    name: str
    country: str
    street: str
    extra: str
    postal_code: str
    city: str
    subdivision: str
    email: str
    phone: str
    contact_name: str
    legal_id: str
    legal_id_scheme: str
    electronic_address: str
    electronic_scheme: str
    channels: list[str]
    formats: list[str]
    currency: str = Field(description="Of the books.")
    time_zone: str
    language: str
    supplies: Supply
    tax_engine: str = Field(description="Empty where none is chosen.")
    tax_rounding: TaxRounding
    prices_include_tax: bool
    cash_rounding: str
    payment_days: int
    retention_years: int
    requires_second_factor: bool = Field(description="Whether everybody needs one.")
    is_sandbox: bool
    version: int

    @classmethod
    def of(cls, ctx: Context, known: CompanySettings) -> "CompanyAnswer":
        """Return how the API shows the company."""
        values = {field.name: getattr(known, field.name) for field in fields(known)}
        return cls(
            **{**values, "channels": list(known.channels), "formats": list(known.formats)}
            | {"cash_rounding": amount_text(known.cash_rounding, known.currency)},
            id=ctx.tenant.id,
            slug=ctx.tenant.slug,
            is_sandbox=ctx.tenant.is_sandbox,
        )


class CompanyChoicesAnswer(Answer):
    """What of the plugins that are on can be chosen, by key."""

    tax_engines: list[str]
    channels: list[str]
    formats: list[str]

    @classmethod
    def of(cls, known: CompanyChoices) -> "CompanyChoicesAnswer":
        """Return how the API shows choices."""
        return cls(
            tax_engines=list(known.tax_engines),
            channels=list(known.channels),
            formats=list(known.formats),
        )


class SecondFactorRule(Input):
    """Whether all who work here need a second factor."""

    is_required: bool


class FirstStep(Answer):
    """A task on the way to the first invoice."""

    step: Step
    is_done: bool


class FirstStepsAnswer(Answer):
    """What is still missing until the first invoice can go out."""

    steps: Sequence[FirstStep]
    next: Step | None = Field(description="The first that is not done; null where all are.")
    is_dismissed: bool = Field(description="Whether somebody put the list away.")

    @classmethod
    def of(cls, guide: Guide) -> "FirstStepsAnswer":
        """Return how the API shows the first steps."""
        return cls(
            steps=[FirstStep(step=step, is_done=step in guide.done) for step in Step],
            next=guide.next,
            is_dismissed=guide.is_dismissed,
        )


class GuideChange(Input):
    """Whether the list of first steps is put away."""

    is_dismissed: bool


class ClockAdvance(Input):
    """How far a sandbox's time moves."""

    by: int = Field(ge=1, le=10_000_000_000, description="So many of the unit.", examples=[31])
    unit: Literal["days", "hours", "minutes", "seconds"] = "days"


class ClockAnswer(Answer):
    """What time it is in the company."""

    now: datetime
    today: date = Field(description="In the company's time zone.")
    is_sandbox: bool
