"""What a draft comes to while it is typed, by the calculator that issues it."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from uuid import UUID

from billhook.domain.custom_fields import FieldSubject
from billhook.domain.documents import Document
from billhook.domain.parties import Party
from billhook.domain.states import DocumentType
from billhook.domain.tax import ComponentKind
from billhook.domain.totals import TaxGroup
from billhook.plugins.runtime import runtime
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import own_fields
from billhook.services.buyers import seller
from billhook.services.draft_editing.inputs import DraftInput
from billhook.services.draft_editing.line_prices import PricedLine
from billhook.services.draft_editing.opening import stored_input
from billhook.services.draft_editing.reading import Reading, bill, reading
from billhook.services.draft_editing.stored import NOTHING, stored_draft
from billhook.services.presenting.names import tax_name
from billhook.services.taxing import taxed

_NEW = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTotal:
    """What the line at a place of the form comes to, signed, before tax or with it as priced."""

    place: int
    amount: int
    listed_price: Decimal | None = None
    """Of the product's prices, where none was typed and one holds for the whole quantity."""
    is_listed: bool = False
    parts: int = 1
    """Of how many lines it will be: the tiers of its price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTotal:
    """What is taxed alike; a row per tax, one without rate where none is charged."""

    label: str
    rate: Decimal | None
    net: int
    tax: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The figures of the document as it would be issued, positive on a credit note."""

    type: DocumentType
    adjustments: int
    net: int
    taxes: tuple[TaxTotal, ...]
    tax: int
    gross: int
    rounding: int
    prepaid: int
    payable: int
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorTotals:
    """All figures of what is typed so far; `sums` is None until it can be taxed."""

    buyer: Party | None
    """None while nobody is chosen."""
    currency: str
    lines: tuple[LineTotal, ...]
    """In the order of their places."""
    lines_sum: int
    sums: Sums | None
    problems: tuple[Problem, ...]
    """At the paths of the form's inputs; without one where the whole is meant."""
    warnings: tuple[Problem, ...] = ()

    def at(self, place: int) -> LineTotal | None:
        """Return the line at a place of the form; None while it counts nothing."""
        found = bisect_left(self.lines, place, key=attrgetter("place"))
        is_there = found < len(self.lines) and self.lines[found].place == place
        return self.lines[found] if is_there else None


def totals(ctx: Context, given: DraftInput, *, draft_id: UUID | None = None) -> EditorTotals:
    """Calculate what is typed so far; lines that are incomplete count nothing.

    Asks pricing models and the tax engine, never the rules of formats. Raises NotFound,
    AlreadyIssued, Conflict for a draft that is no more.
    """
    ctx.require("drafts.edit")
    return _totals(ctx, given, draft_id)


def totals_of_change(
    ctx: Context, draft_id: UUID, change: Callable[[DraftInput], DraftInput]
) -> EditorTotals:
    """Calculate what a stored draft comes to with a change. Raises what `totals` raises."""
    ctx.require("drafts.edit")
    return _totals(ctx, change(stored_input(ctx, draft_id).given), draft_id)


def _totals(ctx: Context, given: DraftInput, draft_id: UUID | None) -> EditorTotals:
    relay = runtime().host.relay(ctx.tenant.plugins)
    stored = stored_draft(draft_id) if draft_id else NOTHING
    found = reading(ctx, relay, given, stored)
    own = own_fields.definitions(FieldSubject.DOCUMENT) if found.heading.fields else []
    made = bill(found, draft_id or _NEW, own)
    if made is None or not made.lines:
        return _untaxed(found)
    (outcome,) = taxed(
        ctx,
        relay,
        [made],
        seller=seller(ctx),
        issue_on=found.heading.issue_on or ctx.today(),
    )
    if outcome.document is None:
        refused = outcome.refused.problems if outcome.refused else ()
        return _untaxed(found, *refused)
    return EditorTotals(
        buyer=_party(found),
        currency=made.currency,
        lines=tuple(_line(line) for line in found.lines),
        lines_sum=sum(line.amount for line in found.lines),
        sums=_sums(outcome.document),
        problems=found.problems,
        warnings=outcome.warnings,
    )


def _untaxed(found: Reading, *refused: Problem) -> EditorTotals:
    return EditorTotals(
        buyer=_party(found),
        currency=found.heading.currency,
        lines=tuple(_line(line) for line in found.lines),
        lines_sum=sum(line.amount for line in found.lines),
        sums=None,
        problems=(*found.problems, *refused),
    )


def _party(found: Reading) -> Party | None:
    return found.heading.buyer.snapshot.party if found.heading.buyer else None


def _line(line: PricedLine) -> LineTotal:
    is_one = len(line.parts) == 1
    return LineTotal(
        place=line.typed.place,
        amount=line.amount,
        listed_price=line.parts[0].unit_price if line.is_listed and is_one else None,
        is_listed=line.is_listed,
        parts=len(line.parts),
    )


def _sums(document: Document) -> Sums:
    return Sums(
        type=document.type,
        adjustments=sum(one.net for one in document.adjustments),
        net=document.net,
        taxes=tuple(row for group in document.groups for row in _taxes(group)),
        tax=document.tax,
        gross=document.gross,
        rounding=document.rounding,
        prepaid=document.prepaid,
        payable=document.payable,
        due_on=document.due_on,
    )


def _taxes(group: TaxGroup) -> list[TaxTotal]:
    note = group.treatment.note
    charged = [
        TaxTotal(label=tax_name(component), rate=component.rate, net=group.net, tax=tax, note=note)
        for component, tax in zip(group.treatment.components, group.component_taxes, strict=True)
        if component.kind is not ComponentKind.WITHHOLDING
    ]
    return charged or [TaxTotal(label="", rate=None, net=group.net, tax=0, note=note)]
