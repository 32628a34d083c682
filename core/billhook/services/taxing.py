"""Bills get their taxes, their plugins' findings, and become frozen documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from billhook.domain.bills import Bill, Seller, freeze, tax_query, tax_situation
from billhook.domain.documents import BaseCurrency, Document
from billhook.domain.tax import TaxAnswer, TaxSituation
from billhook.i18n import gettext as _
from billhook.plugins.relay import Relay
from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.sdk.hookspecs.documents import Stage
from billhook.services import fx
from billhook.services.checking import Findings, findings
from billhook.services.fencing import Refused, ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A bill, and the document that it makes or why it makes none."""

    bill: Bill
    document: Document | None
    refused: Refused | None = None
    warnings: tuple[Problem, ...] = ()


def documents_of(
    ctx: Context,
    relay: Relay,
    bills: Sequence[Bill],
    *,
    seller: Seller,
    issue_on: date,
    stage: Stage,
) -> list[Outcome]:
    """Return each bill's document or refusal, in order. Asks plugins; writes nothing."""
    outcomes = taxed(ctx, relay, bills, seller=seller, issue_on=issue_on)
    return _with_findings(ctx, relay, outcomes, stage)


def taxed(
    ctx: Context, relay: Relay, bills: Sequence[Bill], *, seller: Seller, issue_on: date
) -> list[Outcome]:
    """Return each bill's document before plugins and rules of formats have looked at it."""
    currencies = {bill.currency for bill in bills}
    rates = {currency: _base_currency(ctx, currency, issue_on) for currency in currencies}
    answers = _assess(ctx, relay, bills, seller, issue_on)
    return [
        _outcome(
            bill, answer, rates[bill.currency], seller, issue_on, relay, ctx.tenant.tax_engine
        )
        for bill, answer in zip(bills, answers, strict=True)
    ]


def _assess(
    ctx: Context, relay: Relay, bills: Sequence[Bill], seller: Seller, issue_on: date
) -> list[TaxAnswer | Refused]:
    key = ctx.tenant.tax_engine
    if not key:
        return [Refused(problems=(_no_engine(),))] * len(bills)
    shared: dict[tuple[object, ...], TaxSituation] = {}
    queries = []
    for bill in bills:
        buyer = bill.buyer.snapshot.party
        place = (buyer.address.country, buyer.address.subdivision, bill.delivery_country)
        alike = (*place, buyer.tax_number, buyer.language)
        if alike not in shared:
            shared[alike] = tax_situation(bill, seller)
        queries.append(tax_query(bill, shared[alike], issue_on))
    return ask(lambda batch: relay.tax_engine(key, ctx).assess(batch), queries)


def _no_engine() -> Problem:
    return Problem(
        code="tax.no_engine",
        message=_(
            "This tenant has no tax engine. Enable a plugin that brings one, such as tax_rules: "
            "billhook plugin enable tax_rules."
        ),
    )


def _no_lines() -> Problem:
    return Problem(
        code="draft.no_lines",
        path="lines",
        message=_("There is nothing on this draft yet. Add a line."),
    )


def _base_currency(ctx: Context, currency: str, issue_on: date) -> BaseCurrency | Problem:
    """Return the rate of the day, or what to do about its lack."""
    try:
        return fx.rates(ctx, currency, issue_on)
    except fx.RateMissing as error:
        return Problem(code=error.code, message=error.message)


def _pins(relay: Relay, bill: Bill, engine: str) -> tuple[tuple[str, str], ...]:
    """Return name and version of each plugin that shaped the bill."""
    plugin = engine.partition(".")[0]
    pins = {pin for line in bill.lines for pin in line.plugins}
    return tuple(sorted({*pins, (plugin, relay.version(plugin))}))


def _outcome(
    bill: Bill,
    answer: TaxAnswer | Refused,
    base: BaseCurrency | Problem,
    seller: Seller,
    issue_on: date,
    relay: Relay,
    engine: str,
) -> Outcome:
    if not bill.lines:
        return Outcome(bill=bill, document=None, refused=Refused(problems=(_no_lines(),)))
    if isinstance(base, Problem):
        return Outcome(bill=bill, document=None, refused=Refused(problems=(base,)))
    if isinstance(answer, Refused):
        return Outcome(bill=bill, document=None, refused=answer)
    if stopping := errors(answer.problems):
        return Outcome(bill=bill, document=None, refused=Refused(problems=tuple(stopping)))
    document = freeze(
        bill,
        answer.treatments,
        seller=seller,
        issue_on=issue_on,
        base=base,
        plugins=_pins(relay, bill, engine),
    )
    return Outcome(bill=bill, document=document, warnings=answer.problems)


def _with_findings(
    ctx: Context, relay: Relay, outcomes: Sequence[Outcome], stage: Stage
) -> list[Outcome]:
    """Let plugins look at the documents; an error of theirs stops the document."""
    documents = [outcome.document for outcome in outcomes if outcome.document]
    found = dict(
        zip(
            (document.id for document in documents),
            findings(ctx, relay, documents, stage),
            strict=True,
        )
    )
    return [
        _judged(outcome, found[outcome.document.id]) if outcome.document else outcome
        for outcome in outcomes
    ]


def _judged(outcome: Outcome, findings: Findings) -> Outcome:
    if isinstance(findings, Refused):
        return Outcome(bill=outcome.bill, document=None, refused=findings)
    if stopping := errors(findings):
        return Outcome(bill=outcome.bill, document=None, refused=Refused(problems=tuple(stopping)))
    if not findings:
        return outcome
    return Outcome(
        bill=outcome.bill,
        document=outcome.document,
        warnings=outcome.warnings + findings,
    )
