"""Products as the API takes and gives them."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.api import own_fields
from billhook.api.schemas.customers import FoundProblem, OwnFields
from billhook.domain.states import Supply
from billhook.sdk.api import Answer, Input, PageQuery, Query
from billhook.services.products import ProductEntry, ProductInput, Upserted

Expansion = Literal["price"]

MOST_AT_ONCE = 1_000
"""Products in one request."""


class ProductQuery(Query):
    """What comes with a product."""

    expand: list[Expansion] = Field([], description="What else to answer.")


class ProductsQuery(PageQuery, ProductQuery):
    """Which products."""

    text: str = Field("", max_length=limits.NAME, description="A part of the SKU or name.")
    sku: str = Field("", max_length=limits.CODE, description="The whole of it.")
    is_active: bool | None = Field(None, description="Whether they are sold.")
    supply: Supply | None = None
    sort: Literal["sku", "name"] = "sku"
    descending: bool = Field(False, description="Sort the other way round.")


class ProductChanges(Input):
    """Changes of a product. A field that is left out stays; null or an empty text empties it."""

    name: str | None = Field(
        None, max_length=limits.NAME, description="Documents print it.", examples=["Support"]
    )
    description: str | None = Field(None, max_length=limits.TEXT)
    unit: str | None = Field(
        None, max_length=10, description="UN/ECE Recommendation 20; one piece where it is empty."
    )
    supply: Supply | None = Field(None, description="What it is; null for what you sell usually.")
    tax_category: str | None = Field(None, max_length=limits.CODE, examples=["standard"])
    revenue_account: str | None = Field(None, max_length=20)
    is_active: bool | None = Field(None, description="Whether it is sold.")
    fields: OwnFields | None = None

    def input(self, sku: str) -> ProductInput:
        """Return what was sent as services take it."""
        plain = self.model_fields_set - {"sku", "fields"}
        values = {name: _text(getattr(self, name)) for name in plain}
        given = None if self.fields is None else own_fields.texts(self.fields)
        return ProductInput(sku=sku, fields=given, **values)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


class NewProduct(ProductChanges):
    """A product to be. Its name is needed."""

    sku: str = Field(min_length=1, max_length=limits.CODE, examples=["SUPPORT"])


class ProductRow(ProductChanges):
    """A product of a batch, known by its SKU."""

    sku: str = Field(
        max_length=limits.CODE,
        description="A product that has it is changed, else one is added.",
        examples=["SUPPORT"],
    )


class ProductBatch(Input):
    """Products to be added or changed."""

    products: list[ProductRow] = Field(min_length=1, max_length=MOST_AT_ONCE)


class SavedProduct(Answer):
    """What became of a row."""

    sku: str
    state: Literal["new", "changed", "unchanged", "refused"]
    id: UUID | None = Field(description="Null where it was refused.")
    problems: list[FoundProblem]

    @classmethod
    def of(cls, saved: Upserted) -> "SavedProduct":
        """Return how the API shows what became of a row."""
        return cls(
            sku=saved.sku,
            state=saved.state,
            id=saved.id,
            problems=[FoundProblem.of(own_fields.renamed(one)) for one in saved.problems],
        )


class SavedProducts(Answer):
    """What became of each row, in the order in which they were sent."""

    data: list[SavedProduct]


class ProductAnswer(Answer):
    """A product."""

    id: UUID
    sku: str
    name: str
    description: str
    unit: str
    supply: Supply | None
    tax_category: str
    revenue_account: str
    is_active: bool
    fields: Mapping[str, str]
    version: int
    price: str | None = Field(
        None,
        description="What one costs everybody today in your currency, in words; empty where it "
        "has no price. With `expand=price`.",
    )

    @classmethod
    def of(cls, entry: ProductEntry, *, price: str | None = None) -> "ProductAnswer":
        """Return how the API shows a product."""
        return cls(
            id=entry.id,
            sku=entry.sku,
            name=entry.name,
            description=entry.description,
            unit=entry.unit,
            supply=entry.supply,
            tax_category=entry.tax_category,
            revenue_account=entry.revenue_account,
            is_active=entry.is_active,
            fields=entry.fields,
            version=entry.version,
            price=price,
        )
