"""What a person typed to credit, read into what the service takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from billhook import limits
from billhook.domain.credit_shares import (
    GrossShare,
    LineShare,
    NetShare,
    QuantityShare,
    TotalShare,
)
from billhook.domain.documents import Document
from billhook.i18n import gettext as _
from billhook.money import QUANTITY_DECIMALS
from billhook.problems import Problem
from billhook.services.fields import Fields

MOST_LINES = 300
"""Lines that the page has inputs for; a longer document is credited whole or by a sum."""

WHATS = ("rest", "lines", "total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form as it was sent; a page that comes back shows it again."""

    what: str = "rest"
    basis: str = "net"
    total: str = ""
    reason: str = ""
    issue_on: str = ""
    quantities: Mapping[int, str]
    amounts: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be credited; neither lines nor total is all that is left."""

    lines: Mapping[int, LineShare] | None
    total: TotalShare | None
    reason: str
    issue_on: date | None
    problems: tuple[Problem, ...] = ()


def typed(form: Mapping[str, str], line_numbers: list[int]) -> Typed:
    """Return what a form holds of a document's lines."""
    what = form.get("what", "rest")
    return Typed(
        what=what if what in WHATS else "rest",
        basis="gross" if form.get("basis") == "gross" else "net",
        total=form.get("total", ""),
        reason=form.get("reason", ""),
        issue_on=form.get("issue_on", ""),
        quantities={number: form.get(f"quantity-{number}", "") for number in line_numbers},
        amounts={number: form.get(f"amount-{number}", "") for number in line_numbers},
    )


def read(given: Typed, document: Document) -> Wanted:
    """Read what was typed; problems name the input by its name."""
    fields = Fields()
    lines = _lines(given, document, fields) if given.what == "lines" else None
    total = _total(given, document, fields) if given.what == "total" else None
    return Wanted(
        lines=lines,
        total=total,
        reason=fields.text("reason", given.reason, limit=limits.REASON),
        issue_on=fields.day("issue_on", given.issue_on),
        problems=tuple(fields.problems),
    )


def _lines(given: Typed, document: Document, fields: Fields) -> dict[int, LineShare]:
    found: dict[int, LineShare] = {}
    for number, text in given.quantities.items():
        path = f"quantity-{number}"
        quantity = fields.number(path, text, decimals=QUANTITY_DECIMALS)
        amount = fields.amount(f"amount-{number}", given.amounts[number], document.currency)
        if quantity is not None and quantity <= 0:
            fields.refuse(path, "credit.quantity", _("Enter a quantity above zero."))
        elif quantity is not None:
            found[number] = QuantityShare(quantity=quantity)
        elif amount is not None:
            found[number] = GrossShare(gross=amount) if given.basis == "gross" else amount
    if not found and not fields.problems:
        fields.refuse(
            "what", "credit.nothing", _("Enter a quantity or an amount for at least one line.")
        )
    return found


def _total(given: Typed, document: Document, fields: Fields) -> TotalShare | None:
    amount = fields.amount("total", given.total, document.currency)
    if amount is None:
        if not fields.problems:
            fields.refuse("total", "credit.nothing", _("Enter the amount to credit."))
        return None
    return GrossShare(gross=amount) if given.basis == "gross" else NetShare(net=amount)
