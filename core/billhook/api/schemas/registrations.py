"""Tax registrations as the API takes and gives them."""

from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.tax import Registration
from billhook.sdk.api import Answer, Input, Query

Scheme = Literal["vat", "gst", "oss", "ioss", "qst", "pst", "sales_tax"]


class RegistrationsQuery(Query):
    """Which registrations."""

    on: date | None = Field(None, description="Those alone that hold on a day.")


class RegistrationChanges(Input):
    """Fields of a registration; what is left out stays."""

    number: str | None = Field(None, max_length=limits.CODE, examples=["DE136695976"])
    valid_from: date | None = Field(None, description="The first day; null is since ever.")
    until: date | None = Field(None, description="The last day; null is until further notice.")


class NewTaxRegistration(RegistrationChanges):
    """A registration to be."""

    place: str = Field(
        min_length=2,
        max_length=6,
        description="ISO 3166 code of a country, with that of a state or province where you "
        "registered there.",
        examples=["DE", "CA-QC"],
    )
    scheme: Scheme | None = Field(None, description="The usual one of the place without it.")


class RegistrationAnswer(Answer):
    """Where you charge tax, under which number, from when until when."""

    id: UUID
    country: str
    subdivision: str
    scheme: str
    number: str
    valid_from: date | None
    until: date | None = Field(description="The last day; null is until further notice.")

    @classmethod
    def of(cls, known: Registration) -> "RegistrationAnswer":
        """Return how the API shows a registration."""
        return cls(
            id=known.id,
            country=known.country,
            subdivision=known.subdivision,
            scheme=known.scheme,
            number=known.number,
            valid_from=known.valid_from,
            until=last_day(known),
        )


def last_day(known: Registration) -> date | None:
    """Return the last day on which a registration holds."""
    return known.valid_to - timedelta(days=1) if known.valid_to else None
