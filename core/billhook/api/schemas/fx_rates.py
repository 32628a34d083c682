"""Exchange rates as the API takes and gives them."""

from datetime import date
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.money import plain
from billhook.sdk.api import Answer, Input, PageQuery
from billhook.services.fx import MANUAL, Rate


class RatesQuery(PageQuery):
    """Which rates."""

    currency: str = Field("", max_length=3, description="ISO 4217.")
    since: date | None = None
    until: date | None = None


class NewRate(Input):
    """The rate of a day."""

    currency: str = Field(min_length=3, max_length=3, description="ISO 4217.", examples=["USD"])
    on: date = Field(description="From this day on, until the next rate.")
    rate: str = Field(
        min_length=1,
        max_length=40,
        pattern=r"^[0-9]+(\.[0-9]+)?$",
        description="What one unit is worth in the currency of the books.",
        examples=["0.9231"],
    )
    source: str = Field(
        MANUAL,
        min_length=1,
        max_length=limits.CODE,
        description="Where it comes from. Of one day, “manual” comes before all others.",
    )


class RateAnswer(Answer):
    """What a unit of a currency is worth from a day on, until the next rate."""

    id: UUID
    currency: str
    on: date
    rate: str
    base_currency: str
    source: str

    @classmethod
    def of(cls, rate: Rate, base_currency: str) -> "RateAnswer":
        """Return how the API shows a rate."""
        return cls(
            id=rate.id,
            currency=rate.currency,
            on=rate.on,
            rate=plain(rate.rate),
            base_currency=base_currency,
            source=rate.source,
        )
