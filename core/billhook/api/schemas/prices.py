"""Prices as the API takes and gives them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.api.schemas.problems import Remark
from billhook.money import QUANTITY_DECIMALS, amount_text, plain
from billhook.sdk.api import Answer, Input, PageQuery
from billhook.sdk.providers import ParameterTable, PriceDescription, PriceParameter
from billhook.services.price_search import FoundPrice, State
from billhook.services.price_trials import Trial, TriedLine
from billhook.services.prices import AddedPrice, PriceInput

_Cell = Annotated[str, Field(max_length=limits.CODE)]
_Row = Annotated[list[_Cell], Field(max_length=20)]
Table = Annotated[list[_Row], Field(max_length=1_000)]
Text = Annotated[str, Field(max_length=limits.TEXT)]
Parameters = Annotated[
    dict[Annotated[str, Field(max_length=limits.CODE)], Text | Table],
    Field(
        max_length=20,
        description="What the pricing model asks for, by name (`GET /pricing-models`): numbers "
        "as texts, tables as lists of rows.",
        examples=[{"unit_price": "0.025"}],
    ),
]
Number = Annotated[
    str,
    Field(
        max_length=40,
        pattern=r"^-?[0-9]+(\.[0-9]+)?$",
        description=f"With up to {QUANTITY_DECIMALS} decimals.",
        examples=["1500"],
    ),
]
Model = Annotated[str, Field(max_length=limits.CODE, examples=["pricing_standard.per_unit"])]
_CURRENCY = "ISO 4217; yours where it is left out."


class PricesQuery(PageQuery):
    """Which prices."""

    customer_id: UUID | None = Field(None, description="Those that were agreed with this one.")
    currency: str = Field("", max_length=3, description="ISO 4217.")


class AgreementsQuery(PageQuery):
    """Which agreements of a customer."""

    product_id: UUID | None = None
    currency: str = Field("", max_length=3, description="ISO 4217.")


class WantedPrice(Input):
    """A price, by any pricing model."""

    model: Model
    parameters: Parameters
    currency: str = Field("", max_length=3, description=_CURRENCY, examples=["EUR"])
    valid_from: date | None = Field(
        None,
        description="Without it, a first price holds from the beginning, a later one from today.",
    )
    last_day: date | None = Field(
        None, description="On which it holds; without it, until a later price follows."
    )

    def input(self, sku: str, customer: str, parameters: Mapping[str, str]) -> PriceInput:
        """Return what was sent as services take it."""
        ends = self.last_day is not None and self.last_day < date.max
        return PriceInput(
            sku=sku,
            model=self.model,
            parameters=parameters,
            currency=self.currency,
            customer=customer,
            valid_from=self.valid_from,
            valid_to=self.last_day + timedelta(days=1) if self.last_day and ends else None,
        )


class NewPrice(WantedPrice):
    """A price of a product, for everybody or for one customer."""

    customer_id: UUID | None = Field(None, description="The one customer whom it is for.")


class NewAgreement(WantedPrice):
    """A price of a product that is agreed with one customer."""

    product_id: UUID


class LastDay(Input):
    """When a price ends."""

    last_day: date = Field(description="The last day on which it holds.")


class PriceAnswer(Answer):
    """A price of a product. It never changes; a later one ends it."""

    id: UUID
    product_id: UUID
    sku: str
    customer_id: UUID | None = Field(description="Null where everybody pays it.")
    customer: str = Field(description="The customer's reference; empty where everybody pays it.")
    currency: str
    model: str
    parameters: Mapping[str, str | list[list[str]]]
    valid_from: date
    last_day: date | None = Field(
        description="On which it holds, as it says or because a later one follows."
    )
    state: State

    @classmethod
    def of(cls, found: FoundPrice, description: PriceDescription | None) -> "PriceAnswer":
        """Return how the API shows a price of a model that describes itself so."""
        entry = found.entry
        return cls(
            id=entry.id,
            product_id=found.product_id,
            sku=entry.sku,
            customer_id=found.customer_id,
            customer=entry.customer,
            currency=entry.currency,
            model=entry.model,
            parameters=shown(entry.parameters, description),
            valid_from=entry.valid_from,
            last_day=found.last_day,
            state=found.state,
        )


def shown(
    stored: Mapping[str, str], description: PriceDescription | None
) -> dict[str, str | list[list[str]]]:
    """Return parameters as programs see them: tables as rows, where they can be taken apart."""
    tables = _tables(description)
    found: dict[str, str | list[list[str]]] = {}
    for name, text in stored.items():
        rows = _rows(text, tables[name]) if name in tables else []
        found[name] = rows or text
    return found


def _rows(text: str, table: ParameterTable) -> list[list[str]]:
    """Take a table apart; one with more than its columns show has no rows."""
    width = len(table.columns)
    rows = [list(row) for row in table.rows(text)]
    return [] if any(any(row[width:]) for row in rows) else [row[:width] for row in rows]


class AddedPriceAnswer(Answer):
    """What became of a price."""

    price: PriceAnswer
    is_new: bool = Field(description="False where the same price is in force already.")
    remarks: list[Remark] = Field(description="What its pricing model would have you look at.")

    @classmethod
    def of(cls, added: AddedPrice, price: PriceAnswer) -> "AddedPriceAnswer":
        """Return how the API shows what became of a price."""
        return cls(
            price=price,
            is_new=added.state == "new",
            remarks=[Remark.of(one) for one in added.problems],
        )


class PriceTrial(Input):
    """A price that need not be stored, and a quantity."""

    model: Model
    parameters: Parameters
    currency: str = Field("", max_length=3, description=_CURRENCY)
    quantity: Number


class ProductTrial(Input):
    """A quantity of a product."""

    quantity: Number
    currency: str = Field("", max_length=3, description=_CURRENCY)
    on: date | None = Field(None, description="The day of supply; today where it is left out.")
    customer_id: UUID | None = Field(None, description="Who buys; everybody where left out.")


class TriedLineAnswer(Answer):
    """A line that the price makes."""

    description: str
    quantity: str
    unit_price: str
    base_quantity: str = Field(description="How many units the unit price is for.")
    amount: str

    @classmethod
    def of(cls, line: TriedLine, currency: str) -> "TriedLineAnswer":
        """Return how the API shows a line of a trial."""
        part = line.part
        return cls(
            description=part.description,
            quantity=plain(part.quantity),
            unit_price=plain(part.unit_price),
            base_quantity=plain(part.base_quantity),
            amount=amount_text(line.amount, currency),
        )


class TrialAnswer(Answer):
    """What a quantity costs before tax, and why."""

    quantity: str
    currency: str
    net: str
    explanation: str
    lines: list[TriedLineAnswer]

    @classmethod
    def of(cls, trial: Trial) -> "TrialAnswer":
        """Return how the API shows what a quantity costs."""
        return cls(
            quantity=plain(trial.quantity),
            currency=trial.currency,
            net=amount_text(trial.net, trial.currency),
            explanation=trial.explanation,
            lines=[TriedLineAnswer.of(line, trial.currency) for line in trial.lines],
        )


class ParameterAnswer(Answer):
    """One thing that a price of a model says."""

    name: str
    label: str
    hint: str
    kind: Literal["text", "table"]
    is_required: bool
    default: str | None
    columns: list[str] | None = Field(description="Of a table, in their order; else null.")

    @classmethod
    def of(cls, parameter: PriceParameter) -> "ParameterAnswer":
        """Return how the API shows a parameter."""
        table = parameter.table
        return cls(
            name=parameter.name,
            label=str(parameter.label),
            hint=str(parameter.hint),
            kind="table" if table else "text",
            is_required=parameter.default is None,
            default=parameter.default,
            columns=[str(column) for column in table.columns] if table else None,
        )


class PricingModelAnswer(Answer):
    """A pricing model that prices can name."""

    key: str
    title: str
    summary: str
    parameters: list[ParameterAnswer] | None = Field(
        description="Null where the model does not describe itself: its parameters are texts."
    )

    @classmethod
    def of(cls, key: str, description: PriceDescription | None) -> "PricingModelAnswer":
        """Return how the API shows a model."""
        if description is None:
            return cls(key=key, title=key, summary="", parameters=None)
        return cls(
            key=key,
            title=str(description.title),
            summary=str(description.summary),
            parameters=[ParameterAnswer.of(one) for one in description.parameters],
        )


Sent = Mapping[str, str | list[list[str]]]


def misplaced(sent: Sent, description: PriceDescription | None) -> list[str]:
    """Name the tables that the model does not ask for, or not with so many columns."""
    tables = _tables(description)
    return [
        name
        for name, value in sent.items()
        if not isinstance(value, str)
        and (name not in tables or any(len(row) > len(tables[name].columns) for row in value))
    ]


def texts(sent: Sent, description: PriceDescription | None) -> dict[str, str]:
    """Return parameters as the model reads them; none of their tables is misplaced."""
    tables = _tables(description)
    return {
        name: value if isinstance(value, str) else _written(value, tables[name])
        for name, value in sent.items()
    }


def _written(rows: list[list[str]], table: ParameterTable) -> str:
    width = len(table.columns)
    return table.text([(row + [""] * width)[:width] for row in rows if any(row)])


def _tables(description: PriceDescription | None) -> dict[str, ParameterTable]:
    parameters = description.parameters if description else ()
    return {one.name: one.table for one in parameters if one.table is not None}
