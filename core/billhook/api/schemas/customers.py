"""Customers as the API takes and gives them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.states import Consolidation
from billhook.sdk.api import Answer, Input, PageQuery, Query
from billhook.services.customer_search import CustomerOrder, CustomerState
from billhook.services.customers import CustomerEntry

Expansion = Literal["tags", "contacts", "balance"]


class CustomerQuery(Query):
    """What comes with a customer."""

    expand: list[Expansion] = Field([], description="What else to answer.")


class CustomersQuery(PageQuery):
    """Which customers."""

    text: str = Field("", max_length=limits.NAME, description="In reference, name or e-mail.")
    state: CustomerState | None = None
    sort: CustomerOrder = CustomerOrder.NAME


class CustomerChanges(Input):
    """Fields of a customer; what is left out stays."""

    name: str | None = Field(None, max_length=limits.NAME, examples=["Umbrella GmbH"])
    country: str | None = Field(None, max_length=2, description="ISO 3166-1", examples=["DE"])
    email: str | None = Field(None, max_length=limits.EMAIL)


class NewCustomer(CustomerChanges):
    """A customer to be."""

    reference: str = Field(
        min_length=1, max_length=limits.CODE, description="Your own code.", examples=["C-1001"]
    )


class CustomerAnswer(Answer):
    """A customer."""

    id: UUID
    reference: str
    name: str
    country: str
    email: str
    consolidation: Consolidation
    fields: Mapping[str, str]
    is_active: bool
    created_at: datetime
    version: int

    @classmethod
    def of(cls, entry: CustomerEntry) -> "CustomerAnswer":
        """Return how the API shows a customer."""
        return cls(
            id=entry.id,
            reference=entry.reference,
            name=entry.name,
            country=entry.country,
            email=entry.email,
            consolidation=entry.consolidation,
            fields=entry.fields,
            is_active=entry.is_active,
            created_at=entry.created_at,
            version=entry.version,
        )
