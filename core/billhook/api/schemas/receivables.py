"""Open items as the API gives them."""

from datetime import date
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.money import amount_text
from billhook.sdk.api import Answer, PageQuery
from billhook.services.open_items import ItemFilter, ItemState, OpenItem


class ItemsQuery(PageQuery):
    """Which items; what is left out narrows nothing."""

    state: ItemState | None = None
    currency: str = Field("", max_length=3, description="ISO 4217.")
    customer: str = Field("", max_length=limits.CODE, description="Your own code of who pays.")
    customer_id: UUID | None = Field(None, description="The same by its id.")
    due_since: date | None = None
    due_until: date | None = None

    def wanted(self) -> ItemFilter:
        """Return what the service looks for."""
        return ItemFilter(
            state=self.state,
            currency=self.currency,
            customer=self.customer,
            customer_id=self.customer_id,
            due_since=self.due_since,
            due_until=self.due_until,
        )


class ItemAnswer(Answer):
    """What a document asks for or gives back, and what of it is settled."""

    id: UUID
    document_id: UUID | None
    number: str = Field(description="Of the document.")
    customer_id: UUID = Field(description="Whose document it is.")
    payer_id: UUID
    payer: str = Field(description="Your own code of who pays.")
    payer_name: str
    currency: str
    amount: str
    settled: str
    open: str
    due_on: date
    is_overdue: bool
    is_disputed: bool = Field(description="Whether a dispute is open about its document.")

    @classmethod
    def of(cls, one: OpenItem) -> "ItemAnswer":
        """Return how the API shows an item."""
        return cls(
            id=one.id,
            document_id=one.document_id,
            number=one.number,
            customer_id=one.customer_id,
            payer_id=one.payer_id,
            payer=one.payer,
            payer_name=one.payer_name,
            currency=one.currency,
            amount=amount_text(one.amount, one.currency),
            settled=amount_text(one.settled, one.currency),
            open=amount_text(one.open, one.currency),
            due_on=one.due_on,
            is_overdue=one.is_overdue,
            is_disputed=one.is_disputed,
        )
