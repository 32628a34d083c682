"""The questions that a tax engine answers, and its answers.

A query is one document: who sells to whom, and a line for each thing supplied.
The answer holds a treatment per line. Treatments that are equal form one group
of the document's tax breakdown (EN 16931 BG-23); the calculator of `totals`
turns their rates into amounts, so that no engine rounds for itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable
from uuid import UUID

from billhook.domain.states import Supply
from billhook.problems import Problem

SCHEMES = ("vat", "gst", "oss", "ioss", "qst", "pst", "sales_tax")
"""Value added tax, the same under another name; the EU's One Stop Shops; Québec's tax, that
of other provinces; that of a state of the United States."""

_USUAL_SCHEMES = {
    "AU": "gst",
    "CA": "gst",
    "CA-QC": "qst",
    "CA-BC": "pst",
    "CA-MB": "pst",
    "CA-SK": "pst",
    "IN": "gst",
    "NZ": "gst",
    "US": "sales_tax",
}


def usual_scheme(country: str, subdivision: str = "") -> str:
    """Return the scheme under which a seller registers at a place, where it does not say."""
    of_country = _USUAL_SCHEMES.get(country, "vat")
    return _USUAL_SCHEMES.get(f"{country}-{subdivision}", of_country)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A seller's registration for tax in one jurisdiction."""

    id: UUID
    country: str
    subdivision: str = ""
    scheme: str = "vat"  # one of SCHEMES
    number: str = ""
    valid_from: date | None = None
    valid_to: date | None = None  # the first day on which it no longer holds

    def covers(self, day: date) -> bool:
        """Tell whether the registration is in force on the day."""
        if self.valid_from is not None and day < self.valid_from:
            return False
        return self.valid_to is None or day < self.valid_to


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSituation:
    """Who sells to whom: what the lines of a document have in common."""

    seller_country: str
    registrations: tuple[Registration, ...]
    buyer_country: str
    delivery_country: str
    buyer_tax_number: str = ""
    seller_subdivision: str = ""
    buyer_subdivision: str = ""
    delivery_subdivision: str = ""
    language: str = "en"  # of notes


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One thing supplied, on its tax date."""

    supply: Supply
    category: str  # of the product: "standard", "reduced", "zero", "exempt", …
    tax_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxQuery:
    """One document. Queries of a batch often share their situation object."""

    situation: TaxSituation
    lines: tuple[TaxLine, ...]


class ComponentKind(StrEnum):
    PLAIN = "plain"
    COMPOUND = "compound"  # its base includes the taxes before it
    WITHHOLDING = "withholding"  # kept back by the buyer; not part of the gross


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxComponent:
    """One tax at one rate."""

    tax: str  # "VAT", "GST", "PST", …
    country: str
    rate: Decimal  # percent
    subdivision: str = ""
    kind: ComponentKind = ComponentKind.PLAIN
    registration_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTreatment:
    """How a line is taxed: a set of taxes, or the reason for none."""

    components: tuple[TaxComponent, ...]
    category: str | None  # BT-118: UNCL 5305 S Z E AE K G O; None outside EN 16931
    exemption_code: str = ""  # BT-121: VATEX code
    note: str = ""  # BT-120

    @property
    def rate(self) -> Decimal:
        """BT-119: the percent of a treatment with one plain tax, else the plain sum."""
        return sum((c.rate for c in self.components if c.kind is ComponentKind.PLAIN), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxAnswer:
    """A treatment per line in the query's order, or the problems that prevent it.

    Return the same treatment object wherever treatments are equal: a bill run
    groups by it many thousand times.
    """

    treatments: tuple[TaxTreatment, ...]
    problems: tuple[Problem, ...] = ()


@runtime_checkable
class TaxEngine(Protocol):
    """A provider of family "tax engine". Keys are ``<plugin>.<name>``."""

    key: str
    is_remote: bool
    """Whether it calls out. A remote engine never runs while rows are locked."""

    def assess(self, queries: Sequence[TaxQuery]) -> Sequence[TaxAnswer]:
        """Answer a batch: one answer per query, in the same order.

        An outage raises Retryable, never an answer without tax.
        """
        ...
