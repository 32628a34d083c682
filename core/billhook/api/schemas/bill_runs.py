"""Bill runs as the API takes and gives them."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.states import RunMode
from billhook.errors import ValidationFailed
from billhook.money import amount_text
from billhook.sdk.api import Answer, Input, PageQuery, Query
from billhook.sdk.context import Context
from billhook.services import run_scopes
from billhook.services.assembling import Parked, Skipped
from billhook.services.billed import CurrencySums
from billhook.services.fields import Fields
from billhook.services.parking import ParkedEntry
from billhook.services.run_previews import Comparison, CurrencyChange, CustomerChange
from billhook.services.run_scopes import RunScope
from billhook.services.runs import RunEntry, Trouble

Expansion = Literal["parked", "skipped", "trouble"]


class RunInput(Input):
    """What to bill; what is left out narrows nothing."""

    until: date = Field(description="Charges up to and with this day.")
    issue_on: date = Field(description="The date of the documents.")
    mode: RunMode = Field(RunMode.ISSUE, description="`draft` stops at drafts.")
    customers: list[Annotated[str, Field(max_length=limits.NAME)]] = Field(
        [], max_length=run_scopes.MOST_PAYERS, description="References; only what these pay for."
    )
    tag: str = Field("", max_length=limits.NAME, description="Only customers who carry it.")
    currency: str = Field("", max_length=3, description="Only charges in it.")

    def scope(self, ctx: Context) -> RunScope:
        """Return whose charges are meant. Raises ValidationFailed."""
        read = Fields()
        currency = read.currency("currency", self.currency)
        if read.problems:
            raise ValidationFailed(read.problems)
        named = [one.strip() for one in self.customers]
        return RunScope(
            payers=run_scopes.payers_of(ctx, named) if named else None,
            tag=self.tag,
            currency=currency,
        )


class RunQuery(Query):
    """What comes with a run."""

    expand: list[Expansion] = Field([], max_length=3, description="What else to answer.")


class RunsQuery(RunQuery, PageQuery):
    """Which page of runs."""


class ParkedQuery(PageQuery):
    """Which parked customers."""

    bill_run_id: UUID | None = Field(None, description="Only those whom this run parked.")


class RunScopeAnswer(Answer):
    """Whom a run is for; null and empty narrow nothing."""

    payer_ids: list[UUID] | None
    tag: str
    currency: str


class RunSum(Answer):
    """Documents of one currency; sums are signed, so that credit notes count against them."""

    currency: str
    documents: int
    credit_notes: int
    net: str
    tax: str
    gross: str

    @classmethod
    def of(cls, currency: str, sums: CurrencySums) -> "RunSum":
        """Return how the API shows sums."""
        return cls(
            currency=currency,
            documents=sums.documents,
            credit_notes=sums.credit_notes,
            net=amount_text(sums.net, currency),
            tax=amount_text(sums.tax, currency),
            gross=amount_text(sums.gross, currency),
        )


class RunParked(Answer):
    """A customer whom the run set aside, and why."""

    customer_id: UUID
    customer: str
    code: str
    reason: str
    plugin: str

    @classmethod
    def of(cls, one: Parked) -> "RunParked":
        """Return how the API shows who was set aside."""
        return cls(
            customer_id=one.customer_id,
            customer=one.customer,
            code=one.code,
            reason=one.reason,
            plugin=one.plugin,
        )


class RunSkipped(Answer):
    """Charges of a customer that a rule keeps waiting."""

    customer: str
    charges: int
    reason: str

    @classmethod
    def of(cls, one: Skipped) -> "RunSkipped":
        """Return how the API shows who goes on waiting."""
        return cls(customer=one.customer, charges=one.charges, reason=one.reason)


class RunTrouble(Answer):
    """Why a run does not go on."""

    reason: str
    is_given_up: bool = Field(description="If not, it is tried again by itself.")
    due_at: datetime | None


class BillRunAnswer(Answer):
    """A bill run: what was asked for, how far it is, what it did so far."""

    id: UUID
    until: date
    issue_on: date
    mode: RunMode
    scope: RunScopeAnswer
    state: Literal["running", "finished"]
    parts_done: int
    parts: int
    started_at: datetime
    started_by: str = Field(description="A person's name; empty for programs and schedules.")
    finished_at: datetime | None
    charges: int = Field(description="That were billed.")
    documents: int = Field(description="Or drafts, by `mode`.")
    sums: list[RunSum]
    parked_count: int = Field(description="Customers who were set aside.")
    skipped_count: int = Field(description="Customers whose charges a rule keeps waiting.")
    parked: list[RunParked] | None = Field(None, description="Only if expanded.")
    skipped: list[RunSkipped] | None = Field(None, description="Only if expanded.")
    trouble: RunTrouble | None = Field(
        None, description="Only if expanded; null while it goes on."
    )

    @classmethod
    def of(
        cls, entry: RunEntry, expand: Collection[Expansion] = (), trouble: Trouble | None = None
    ) -> "BillRunAnswer":
        """Return how the API shows a run."""
        run, result = entry.run, entry.result
        payers = None if run.scope.payers is None else list(run.scope.payers)
        return cls(
            id=run.id,
            until=run.until,
            issue_on=run.issue_on,
            mode=run.mode,
            scope=RunScopeAnswer(payer_ids=payers, tag=run.scope.tag, currency=run.scope.currency),
            state="running" if entry.finished_at is None else "finished",
            parts_done=entry.done,
            parts=entry.parts,
            started_at=entry.started_at,
            started_by=entry.started_by,
            finished_at=entry.finished_at,
            charges=result.charges,
            documents=entry.documents,
            sums=[RunSum.of(code, sums) for code, sums in sorted(result.currencies.items())],
            parked_count=len(result.parked),
            skipped_count=len(result.skipped),
            parked=[RunParked.of(one) for one in result.parked] if "parked" in expand else None,
            skipped=(
                [RunSkipped.of(one) for one in result.skipped] if "skipped" in expand else None
            ),
            trouble=RunTrouble(
                reason=trouble.reason, is_given_up=trouble.is_given_up, due_at=trouble.due_at
            )
            if trouble
            else None,
        )


class CurrencyChangeAnswer(Answer):
    """A currency now and in the last run."""

    currency: str
    documents: int
    documents_then: int
    net: str
    net_then: str
    change: str

    @classmethod
    def of(cls, one: CurrencyChange) -> "CurrencyChangeAnswer":
        """Return how the API shows a change."""
        return cls(
            currency=one.currency,
            documents=one.documents,
            documents_then=one.documents_then,
            net=amount_text(one.net, one.currency),
            net_then=amount_text(one.net_then, one.currency),
            change=amount_text(one.change, one.currency),
        )


class CustomerChangeAnswer(Answer):
    """A customer now and in the last run."""

    customer: str
    name: str
    currency: str
    net: str
    net_then: str
    change: str

    @classmethod
    def of(cls, one: CustomerChange) -> "CustomerChangeAnswer":
        """Return how the API shows a change."""
        return cls(
            customer=one.customer,
            name=one.name,
            currency=one.currency,
            net=amount_text(one.net, one.currency),
            net_then=amount_text(one.net_then, one.currency),
            change=amount_text(one.change, one.currency),
        )


class ComparisonAnswer(Answer):
    """A preview beside the last run of the same scope that issued."""

    bill_run_id: UUID
    currencies: list[CurrencyChangeAnswer]
    customers: list[CustomerChangeAnswer] = Field(description="Those with the largest changes.")

    @classmethod
    def of(cls, found: Comparison) -> "ComparisonAnswer":
        """Return how the API shows a comparison."""
        return cls(
            bill_run_id=found.earlier.run.id,
            currencies=[CurrencyChangeAnswer.of(one) for one in found.currencies],
            customers=[CustomerChangeAnswer.of(one) for one in found.customers],
        )


class RunPreview(Answer):
    """What a run would do; while `run` says `running` it is still worked out."""

    run: BillRunAnswer
    comparison: ComparisonAnswer | None


class ParkedCustomer(Answer):
    """A customer whom a run set aside, until billing works again."""

    customer_id: UUID
    customer: str
    name: str
    code: str
    reason: str
    plugin: str
    bill_run_id: UUID
    parked_at: datetime

    @classmethod
    def of(cls, one: ParkedEntry) -> "ParkedCustomer":
        """Return how the API shows a parked customer."""
        return cls(
            customer_id=one.customer_id,
            customer=one.customer,
            name=one.name,
            code=one.code,
            reason=one.reason,
            plugin=one.plugin,
            bill_run_id=one.run_id,
            parked_at=one.parked_at,
        )
