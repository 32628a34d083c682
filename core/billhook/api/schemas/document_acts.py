"""Acts on documents as the API takes them, and what they answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.api.schemas.document_content import UnissuedAnswer
from billhook.api.schemas.problems import Remark, remarks
from billhook.api.schemas.splits import PartAnswer, SplitInput
from billhook.domain.credit_shares import (
    GrossShare,
    LineShare,
    NetShare,
    QuantityShare,
    TotalShare,
)
from billhook.domain.crediting import LineLeft, credit_groups
from billhook.domain.states import DocumentType
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.money import QUANTITY_DECIMALS, amount_text, plain
from billhook.problems import Problem
from billhook.sdk.api import Answer, Input
from billhook.services.credit_wishes import CreditedLines
from billhook.services.fields import Fields
from billhook.services.issuing import Issued
from billhook.services.originals import Original
from billhook.services.rebilling import Rebilled, RebillView
from billhook.services.splitting import PartView

AmountText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern=r"^-?[0-9]+(\.[0-9]+)?$",
        description="In the currency of the document.",
        examples=["119.00"],
    ),
]
QuantityText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern=r"^[0-9]+(\.[0-9]+)?$",
        description="In the line's own unit.",
        examples=["2.5"],
    ),
]


class CreditLine(Input):
    """What to credit of a line: one of `net`, `gross`, `quantity`; none is all that is left."""

    line_no: int = Field(ge=1, le=limits.LINES_PER_DOCUMENT)
    net: AmountText | None = None
    gross: AmountText | None = None
    quantity: QuantityText | None = None


class CreditTotal(Input):
    """A sum over the whole document, spread over its lines: either `net` or `gross`."""

    net: AmountText | None = None
    gross: AmountText | None = None


class CreditWish(Input):
    """What to credit: `lines`, or a `total`; without either all that is left."""

    lines: list[CreditLine] | None = Field(
        None, min_length=1, max_length=limits.LINES_PER_DOCUMENT
    )
    total: CreditTotal | None = None
    issue_on: date | None = Field(None, description="Today, where it is left out.")

    def shares(self, currency: str) -> tuple[CreditedLines | None, TotalShare | None]:
        """Return what the services take. Raises ValidationFailed."""
        read = Fields()
        if self.lines is not None and self.total is not None:
            read.refuse("total", "credit.ambiguous", _("Send either lines or a total."))
        lines = None if self.lines is None else _lines(read, self.lines, currency)
        total = None if self.total is None else _total(read, self.total, currency)
        if read.problems:
            raise ValidationFailed(read.problems)
        return lines, total

    def placed(self, problems: Sequence[Problem]) -> list[Problem]:
        """Return problems of lines with the places of those lines in the request."""
        places = {str(one.line_no): place for place, one in enumerate(self.lines or ())}
        found = []
        for one in problems:
            name, _dot, number = one.path.partition(".")
            path = f"lines.{places[number]}" if name == "lines" and number in places else one.path
            found.append(replace(one, path=path))
        return found


def _lines(read: Fields, lines: Sequence[CreditLine], currency: str) -> CreditedLines:
    found: dict[int, LineShare] = {}
    for place, line in enumerate(lines):
        path = f"lines.{place}"
        if line.line_no in found:
            read.refuse(f"{path}.line_no", "credit.doubled", _("Name each line once."))
        found[line.line_no] = _share(read, path, line, currency)
    return found


def _share(read: Fields, path: str, line: CreditLine, currency: str) -> LineShare:
    if sum(one is not None for one in (line.net, line.gross, line.quantity)) > 1:
        read.refuse(path, "credit.ambiguous", _("Send one of net, gross and quantity."))
    if line.quantity is not None:
        quantity = read.number(f"{path}.quantity", line.quantity, decimals=QUANTITY_DECIMALS)
        if quantity is not None and quantity <= 0:
            read.refuse(f"{path}.quantity", "credit.quantity", _("Send a quantity above zero."))
        return None if quantity is None else QuantityShare(quantity=quantity)
    if line.gross is not None:
        gross = read.amount(f"{path}.gross", line.gross, currency)
        return None if gross is None else GrossShare(gross=gross)
    return None if line.net is None else read.amount(f"{path}.net", line.net, currency)


def _total(read: Fields, total: CreditTotal, currency: str) -> TotalShare | None:
    if (total.net is None) == (total.gross is None):
        read.refuse("total", "credit.ambiguous", _("Send either net or gross."))
        return None
    if total.gross is not None:
        gross = read.amount("total.gross", total.gross, currency)
        return None if gross is None else GrossShare(gross=gross)
    net = read.amount("total.net", total.net or "", currency)
    return None if net is None else NetShare(net=net)


class Reason(Input):
    """Why, which stands on what is issued and in the trail."""

    reason: str = Field(min_length=1, max_length=limits.REASON, examples=["Wrong price"])


class CreditInput(CreditWish, Reason):
    """What to credit, and why."""


class VoidInput(Reason):
    """Why a document is voided."""

    issue_on: date | None = Field(
        None, description="Of the credit note that takes it back; today, where it is left out."
    )


class SplitDocumentInput(SplitInput, Reason):
    """How to split what is left of a document, and why."""

    issue_on: date | None = Field(
        None, description="Of the credit note; today, where it is left out."
    )


class IssuedAnswer(Answer):
    """A document that has just got its number."""

    id: UUID
    type: DocumentType
    number: str
    currency: str
    net: str
    tax: str
    gross: str
    payable: str

    @classmethod
    def of(cls, one: Issued) -> "IssuedAnswer":
        """Return how the API shows what was issued."""
        return cls(
            id=one.id,
            type=one.type,
            number=one.number,
            currency=one.currency,
            net=amount_text(one.net, one.currency),
            tax=amount_text(one.tax, one.currency),
            gross=amount_text(one.gross, one.currency),
            payable=amount_text(one.payable, one.currency),
        )


class RebilledAnswer(Answer):
    """A credit note, and the open drafts that bill anew what it took back."""

    credit_note: IssuedAnswer
    drafts: list[PartAnswer]

    @classmethod
    def of(cls, made: Rebilled) -> "RebilledAnswer":
        """Return how the API shows what was billed anew."""
        return cls(
            credit_note=IssuedAnswer.of(made.note),
            drafts=[PartAnswer.of(one) for one in made.parts],
        )


class PartViewAnswer(Answer):
    """A part as it would be issued, or why it could not be."""

    part: str
    reference: str
    line_numbers: list[int] = Field(description="Of the lines on the document.")
    document: UnissuedAnswer | None
    problems: list[Remark]

    @classmethod
    def of(cls, one: PartView) -> "PartViewAnswer":
        """Return how the API shows a part to be."""
        outcome = one.outcome
        return cls(
            part=one.part,
            reference=one.bill.reference,
            line_numbers=list(one.line_numbers),
            document=UnissuedAnswer.of(outcome.document) if outcome.document else None,
            problems=remarks(outcome.refused.problems if outcome.refused else ()),
        )


class SplitPreviewAnswer(Answer):
    """The credit note and the parts that a split would make."""

    credit_note: UnissuedAnswer
    parts: list[PartViewAnswer]

    @classmethod
    def of(cls, view: RebillView) -> "SplitPreviewAnswer":
        """Return how the API shows a split to be."""
        return cls(
            credit_note=UnissuedAnswer.of(view.note),
            parts=[PartViewAnswer.of(one) for one in view.parts],
        )


class LineLeftAnswer(Answer):
    """A line and what of it can still be credited."""

    line_no: int
    description: str
    quantity: str
    net: str
    credited: str
    left: str

    @classmethod
    def of(
        cls, line: LineLeft, description: str, quantity: str, currency: str
    ) -> "LineLeftAnswer":
        """Return how the API shows what is left of a line."""
        return cls(
            line_no=line.line_no,
            description=description,
            quantity=quantity,
            net=amount_text(line.net, currency),
            credited=amount_text(line.credited, currency),
            left=amount_text(line.left, currency),
        )


class CreditableAnswer(Answer):
    """What can still be credited of an invoice."""

    currency: str
    net: str
    gross: str
    lines: list[LineLeftAnswer]

    @classmethod
    def of(cls, before: Original) -> "CreditableAnswer":
        """Return how the API shows what is left."""
        currency = before.document.currency
        rest = {line.line_no: line.left for line in before.lines}
        groups = [one.group for one in credit_groups(before.lines, before.groups, rest)]
        net = sum(one.net for one in groups)
        return cls(
            currency=currency,
            net=amount_text(net, currency),
            gross=amount_text(net + sum(one.tax for one in groups), currency),
            lines=[
                LineLeftAnswer.of(left, line.description, plain(line.quantity), currency)
                for line, left in zip(before.document.lines, before.lines, strict=True)
            ],
        )


class NewDraftAnswer(Answer):
    """A draft that was made."""

    id: UUID
