"""Customers as the API takes and gives them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from billhook import limits
from billhook.api import own_fields
from billhook.api.schemas.contacts import ContactAnswer
from billhook.domain.states import Consolidation
from billhook.money import amount_text
from billhook.problems import Problem
from billhook.sdk.api import Answer, Input, PageQuery, Query
from billhook.services import customer_tags
from billhook.services.customer_balances import Balance
from billhook.services.customer_batches import CustomerInput, Upserted
from billhook.services.customer_search import CustomerOrder, CustomerState, Waiting
from billhook.services.customers import CustomerEntry

Expansion = Literal["tags", "contacts", "balance", "waiting"]
Tag = Annotated[str, Field(max_length=customer_tags.LONGEST, examples=["vip"])]
OwnFields = Annotated[
    dict[Annotated[str, Field(max_length=limits.CODE)], str | None],
    Field(max_length=100, description="Your own fields by their keys; null empties one."),
]

MOST_AT_ONCE = 1_000
"""Customers in one request."""


class CustomerQuery(Query):
    """What comes with a customer."""

    expand: list[Expansion] = Field([], description="What else to answer.")


class CustomersQuery(PageQuery, CustomerQuery):
    """Which customers."""

    text: str = Field(
        "", max_length=limits.NAME, description="A part of the reference, name or e-mail address."
    )
    reference: str = Field(
        "",
        max_length=limits.CODE,
        description="Your own code, the whole of it. Finds a duplicate that was merged, too.",
    )
    country: str = Field("", max_length=2, description="ISO 3166-1.")
    tag: str = Field("", max_length=limits.CODE, description="One that they carry.")
    owner_id: UUID | None = Field(None, description="Who looks after them.")
    payer_id: UUID | None = Field(None, description="Those whom this customer pays for.")
    state: CustomerState | None = Field(
        None, description="Without it, all but duplicates that were merged."
    )
    sort: CustomerOrder = CustomerOrder.NAME
    descending: bool = Field(False, description="Sort the other way round.")


class CustomerFields(Input):
    """Fields of a customer. One that is left out stays as it is; null or an empty text empties it."""

    name: str | None = Field(None, max_length=limits.NAME, examples=["Umbrella GmbH"])
    country: str | None = Field(None, max_length=2, description="ISO 3166-1", examples=["DE"])
    subdivision: str | None = Field(
        None,
        max_length=10,
        description="State or province, where the tax of the country depends on it.",
        examples=["CA"],
    )
    street: str | None = Field(None, max_length=limits.NAME, description="With the number.")
    extra: str | None = Field(None, max_length=limits.NAME, description="A second line.")
    postal_code: str | None = Field(None, max_length=limits.CODE)
    city: str | None = Field(None, max_length=limits.NAME)
    email: str | None = Field(None, max_length=limits.EMAIL)
    phone: str | None = Field(None, max_length=limits.CODE)
    contact_name: str | None = Field(None, max_length=limits.NAME)
    tax_number: str | None = Field(
        None, max_length=limits.CODE, description="Checked by the rules of the country."
    )
    legal_id: str | None = Field(
        None, max_length=limits.CODE, description="The number in the trade register."
    )
    legal_id_scheme: str | None = Field(
        None, max_length=10, description="Its ISO 6523 code.", examples=["0002"]
    )
    electronic_address: str | None = Field(
        None, max_length=limits.NAME, description="Where e-invoices go (BT-49)."
    )
    electronic_scheme: str | None = Field(
        None, max_length=10, description="Its code of the EAS list.", examples=["0088"]
    )
    currency: str | None = Field(
        None, max_length=3, description="ISO 4217; yours where it is empty.", examples=["EUR"]
    )
    language: str | None = Field(
        None, max_length=20, description="Of its documents; yours where it is empty."
    )
    time_zone: str | None = Field(None, max_length=limits.CODE, examples=["Europe/Berlin"])
    consolidation: Consolidation | None = Field(
        None, description="What its charges become in a bill run."
    )
    payment_days: int | None = Field(
        None, ge=0, le=3_650, description="Until payment is due; null for as many as usual."
    )
    purchase_order: str | None = Field(None, max_length=limits.CODE)
    buyer_reference: str | None = Field(None, max_length=limits.CODE, description="BT-10.")
    payer: str | None = Field(
        None,
        max_length=limits.CODE,
        description="Reference of the customer who pays for this one; null where it pays itself.",
    )
    owner_id: UUID | None = Field(
        None, description="Who looks after it: an `id` of `GET /customers/owners`."
    )
    is_active: bool | None = Field(None, description="Whether new charges can be billed.")
    fields: OwnFields | None = None

    def input(self, reference: str) -> CustomerInput:
        """Return what was sent as services take it."""
        plain = self.model_fields_set - {"reference", "tags", "fields", "owner_id"}
        values = {name: _text(getattr(self, name)) for name in plain}
        if "owner_id" in self.model_fields_set:
            values["owner"] = _text(self.owner_id)
        given = None if self.fields is None else own_fields.texts(self.fields)
        return CustomerInput(reference=reference, fields=given, **values)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


class CustomerChanges(CustomerFields):
    """Changes of a customer. A field that is left out stays; null or an empty text empties it."""

    tags: list[Tag] | None = Field(
        None, max_length=customer_tags.MOST, description="All that it carries from now on."
    )

    @property
    def all_tags(self) -> list[str] | None:
        """Return the tags that it shall carry; None for those that it has."""
        return (self.tags or []) if "tags" in self.model_fields_set else None


class NewCustomer(CustomerChanges):
    """A customer to be. Name and country are needed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reference": "C-1001", "name": "Umbrella GmbH", "country": "DE"}]
        }
    )

    reference: str = Field(
        min_length=1, max_length=limits.CODE, description="Your own code.", examples=["C-1001"]
    )


class CustomerRow(CustomerFields):
    """A customer of a batch, known by its reference."""

    reference: str = Field(
        max_length=limits.CODE,
        description="Your own code: a customer that has it is changed, else one is added.",
        examples=["C-1001"],
    )


class CustomerBatch(Input):
    """Customers to be added or changed."""

    customers: list[CustomerRow] = Field(min_length=1, max_length=MOST_AT_ONCE)


class FoundProblem(Answer):
    """What is wrong with a row, and what to do about it."""

    code: str
    field: str
    message: str

    @classmethod
    def of(cls, problem: Problem) -> "FoundProblem":
        """Return how the API shows a problem."""
        return cls(code=problem.code, field=problem.path, message=problem.message)


class SavedCustomer(Answer):
    """What became of a row."""

    reference: str
    state: Literal["new", "changed", "unchanged", "refused"]
    id: UUID | None = Field(description="Null where it was refused.")
    problems: list[FoundProblem] = Field(
        description="Why it was refused; else what deserves a look."
    )

    @classmethod
    def of(cls, saved: Upserted) -> "SavedCustomer":
        """Return how the API shows what became of a row."""
        problems = [own_fields.renamed(one, {"owner": "owner_id"}) for one in saved.problems]
        return cls(
            reference=saved.reference,
            state=saved.state,
            id=saved.id,
            problems=[FoundProblem.of(one) for one in problems],
        )


class SavedCustomers(Answer):
    """What became of each row, in the order in which they were sent."""

    data: list[SavedCustomer]


class ManyCustomers(Input):
    """Customers that something is done with."""

    customer_ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)


class TaggedCustomers(ManyCustomers):
    """Customers, and a tag."""

    tag: str = Field(min_length=1, max_length=customer_tags.LONGEST, examples=["vip"])


class AssignedCustomers(ManyCustomers):
    """Customers, and who looks after them."""

    owner_id: UUID | None = Field(description="Null for nobody.")


class CustomersTouched(Answer):
    """How many customers it was done with."""

    count: int = Field(
        description="Ids of nobody, and of duplicates that were merged, do not count."
    )


class OwnerAnswer(Answer):
    """Somebody who can look after customers."""

    id: UUID
    name: str


class BalanceAnswer(Answer):
    """What a customer owes and is owed in one currency, with what its duplicates left."""

    currency: str
    owed: str = Field(description="What is open of its invoices.", examples=["119.00"])
    overdue: str = Field(description="What of that was due before today.")
    credit: str = Field(description="What is open of its credit notes.")
    total: str = Field(description="What is owed without the credit.")
    open_invoices: int

    @classmethod
    def of(cls, balance: Balance) -> "BalanceAnswer":
        """Return how the API shows a balance."""
        currency = balance.currency
        return cls(
            currency=currency,
            owed=amount_text(balance.owed, currency),
            overdue=amount_text(balance.overdue, currency),
            credit=amount_text(balance.credit, currency),
            total=amount_text(balance.total, currency),
            open_invoices=balance.invoices,
        )


class WaitingAnswer(Answer):
    """What waits to be billed."""

    charges: int
    is_parked: bool = Field(description="Whether a bill run set the customer aside.")

    @classmethod
    def of(cls, waiting: Waiting) -> "WaitingAnswer":
        """Return how the API shows what waits."""
        return cls(charges=waiting.charges, is_parked=waiting.is_parked)


class CustomerAnswer(Answer):
    """A customer."""

    id: UUID
    reference: str
    name: str
    country: str
    subdivision: str
    street: str
    extra: str
    postal_code: str
    city: str
    email: str
    phone: str
    contact_name: str
    tax_number: str
    legal_id: str
    legal_id_scheme: str
    electronic_address: str
    electronic_scheme: str
    currency: str
    language: str
    time_zone: str
    consolidation: Consolidation
    payment_days: int | None
    purchase_order: str
    buyer_reference: str
    payer: str = Field(description="Reference of who pays; empty where it pays itself.")
    payer_id: UUID | None
    owner_id: UUID | None
    is_active: bool
    fields: Mapping[str, str]
    merged_into_id: UUID | None = Field(description="Who took the place of a duplicate.")
    erased_at: datetime | None
    created_at: datetime
    version: int
    tags: list[str] | None = Field(None, description="With `expand=tags`, and after a change.")
    contacts: list[ContactAnswer] | None = Field(None, description="With `expand=contacts`.")
    balance: list[BalanceAnswer] | None = Field(
        None, description="One for each currency in which something is open; `expand=balance`."
    )
    waiting: WaitingAnswer | None = Field(None, description="With `expand=waiting`.")

    @classmethod
    def of(
        cls,
        entry: CustomerEntry,
        *,
        tags: list[str] | None = None,
        contacts: list[ContactAnswer] | None = None,
        balance: list[BalanceAnswer] | None = None,
        waiting: WaitingAnswer | None = None,
    ) -> "CustomerAnswer":
        """Return how the API shows a customer."""
        stored = {name: getattr(entry, name) for name in CustomerEntry.__dataclass_fields__}
        return cls(**stored, tags=tags, contacts=contacts, balance=balance, waiting=waiting)
