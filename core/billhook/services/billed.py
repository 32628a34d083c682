"""What a bill run did, part by part and in all."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from billhook.domain.states import DocumentType
from billhook.money import amount_text
from billhook.services.assembling import Assembly, Parked, Skipped, park
from billhook.services.taxing import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencySums:
    """Documents of one currency; sums are signed, in minor units."""

    documents: int = 0
    credit_notes: int = 0  # of the documents
    net: int = 0
    tax: int = 0
    gross: int = 0

    def plus(self, other: "CurrencySums") -> "CurrencySums":
        return CurrencySums(
            documents=self.documents + other.documents,
            credit_notes=self.credit_notes + other.credit_notes,
            net=self.net + other.net,
            tax=self.tax + other.tax,
            gross=self.gross + other.gross,
        )


class CustomerNet(NamedTuple):
    """What a customer's documents of one currency come to, signed, in minor units."""

    customer_id: UUID
    currency: str
    net: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """What a part of a run billed, parked and skipped."""

    currencies: dict[str, CurrencySums] = field(default_factory=dict)
    parked: tuple[Parked, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    charges: int = 0
    customers: tuple[CustomerNet, ...] = ()
    """Kept by previews alone: documents tell it of what was billed."""

    @property
    def parked_ids(self) -> set[UUID]:
        return {parked.customer_id for parked in self.parked}

    @classmethod
    def of(cls, assembly: Assembly, outcomes: Sequence[Outcome]) -> "PartResult":
        """Count; a customer with one refused bill is parked with all of theirs."""
        parked = {item.customer_id: item for item in assembly.parked}
        for outcome in outcomes:
            if outcome.refused:
                buyer = outcome.bill.buyer
                parked.setdefault(buyer.id, park(buyer, outcome.refused))
        billed = [outcome for outcome in outcomes if outcome.bill.buyer.id not in parked]
        return cls(
            currencies=_sums(billed),
            parked=tuple(parked.values()),
            skipped=assembly.skipped,
            charges=sum(len(outcome.bill.charge_ids) for outcome in billed),
        )

    def with_customers(self, outcomes: Sequence[Outcome]) -> "PartResult":
        """Return the result with what each customer is billed, for a preview."""
        nets: dict[tuple[UUID, str], int] = {}
        for outcome in outcomes:
            customer_id, document = outcome.bill.buyer.id, outcome.document
            if document is not None and customer_id not in self.parked_ids:
                key = (customer_id, document.currency)
                nets[key] = nets.get(key, 0) + document.type.sign * document.net
        customers = tuple(CustomerNet(*key, net) for key, net in nets.items())
        return replace(self, customers=customers)

    def as_json(self) -> dict[str, Any]:
        """Return the form in which the part's row keeps it."""
        return {
            "currencies": {
                currency: [sums.documents, sums.credit_notes, sums.net, sums.tax, sums.gross]
                for currency, sums in self.currencies.items()
            },
            "parked": [
                [str(p.customer_id), p.customer, p.code, p.reason, p.plugin] for p in self.parked
            ],
            "skipped": [[s.customer, s.charges, s.reason] for s in self.skipped],
            "charges": self.charges,
            "customers": [[str(c.customer_id), c.currency, c.net] for c in self.customers],
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "PartResult":
        """Return what `as_json` stored."""
        return cls(
            currencies={
                currency: CurrencySums(
                    documents=documents, credit_notes=credit_notes, net=net, tax=tax, gross=gross
                )
                for currency, (documents, credit_notes, net, tax, gross) in stored[
                    "currencies"
                ].items()
            },
            parked=tuple(
                Parked(
                    customer_id=UUID(customer_id),
                    customer=customer,
                    code=code,
                    reason=reason,
                    plugin=plugin,
                )
                for customer_id, customer, code, reason, plugin in stored["parked"]
            ),
            skipped=tuple(
                Skipped(customer=customer, charges=charges, reason=reason)
                for customer, charges, reason in stored["skipped"]
            ),
            charges=stored["charges"],
            customers=tuple(
                CustomerNet(UUID(customer_id), currency, net)
                for customer_id, currency, net in stored["customers"]
            ),
        )


def _sums(outcomes: Sequence[Outcome]) -> dict[str, CurrencySums]:
    sums: dict[str, CurrencySums] = {}
    for outcome in outcomes:
        document = outcome.document
        assert document is not None
        sign = document.type.sign
        one = CurrencySums(
            documents=1,
            credit_notes=int(document.type is DocumentType.CREDIT_NOTE),
            net=sign * document.net,
            tax=sign * document.tax,
            gross=sign * document.gross,
        )
        sums[document.currency] = sums.get(document.currency, CurrencySums()).plus(one)
    return sums


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A whole run. `run_id` is None where nothing was written."""

    run_id: UUID | None = None
    result: PartResult = PartResult()

    def plus(self, part: PartResult) -> "RunSummary":
        """Return the summary with a part added."""
        currencies = dict(self.result.currencies)
        for currency, sums in part.currencies.items():
            currencies[currency] = currencies.get(currency, CurrencySums()).plus(sums)
        return RunSummary(
            run_id=self.run_id,
            result=PartResult(
                currencies=currencies,
                parked=self.result.parked + part.parked,
                skipped=self.result.skipped + part.skipped,
                charges=self.result.charges + part.charges,
                customers=self.result.customers + part.customers,
            ),
        )

    def as_json(self) -> dict[str, Any]:
        """Return what the command prints; amounts in major units as strings."""
        return {
            "run": str(self.run_id) if self.run_id else None,
            "currencies": {
                currency: {
                    "documents": sums.documents,
                    "credit_notes": sums.credit_notes,
                    "net": amount_text(sums.net, currency),
                    "tax": amount_text(sums.tax, currency),
                    "gross": amount_text(sums.gross, currency),
                }
                for currency, sums in sorted(self.result.currencies.items())
            },
            "parked": [
                {"customer": p.customer, "reason": p.reason, "code": p.code}
                for p in self.result.parked
            ],
            "skipped": [
                {"customer": s.customer, "charges": s.charges, "reason": s.reason}
                for s in self.result.skipped
            ],
        }
