"""What a draft comes to before it is saved, and what drafts become, as the API gives it."""

from datetime import date
from uuid import UUID

from pydantic import Field

from billhook.api.schemas.document_acts import IssuedAnswer, PartViewAnswer
from billhook.api.schemas.drafts import DraftDocument, placed
from billhook.api.schemas.problems import Remark, remarks
from billhook.api.schemas.splits import PartAnswer
from billhook.domain.documents import Attachment
from billhook.domain.states import DocumentType
from billhook.money import amount_text, plain
from billhook.sdk.api import Answer
from billhook.services.draft_editing import EditorTotals
from billhook.services.draft_editing.totals import LineTotal, Sums, TaxTotal
from billhook.services.merging import Merger
from billhook.services.splitting import SplitView


class LineTotalAnswer(Answer):
    """What a line comes to."""

    place: int = Field(description="Among the lines that were sent, from 0.")
    amount: str
    listed_price: str | None = Field(description="The product's, where none was sent.")
    parts: int = Field(description="Of how many lines it will be: the tiers of its price.")

    @classmethod
    def of(cls, line: LineTotal, currency: str) -> "LineTotalAnswer":
        """Return how the API shows a line's total."""
        return cls(
            place=line.place,
            amount=amount_text(line.amount, currency),
            listed_price=None if line.listed_price is None else plain(line.listed_price),
            parts=line.parts,
        )


class TaxTotalAnswer(Answer):
    """What is taxed alike."""

    label: str
    rate: str | None
    net: str
    tax: str
    note: str

    @classmethod
    def of(cls, one: TaxTotal, currency: str) -> "TaxTotalAnswer":
        """Return how the API shows a tax."""
        return cls(
            label=one.label,
            rate=None if one.rate is None else plain(one.rate),
            net=amount_text(one.net, currency),
            tax=amount_text(one.tax, currency),
            note=one.note,
        )


class DraftSums(Answer):
    """The figures of the document as it would be issued, positive on a credit note."""

    type: DocumentType
    adjustments: str
    net: str
    taxes: list[TaxTotalAnswer]
    tax: str
    gross: str
    rounding: str
    prepaid: str
    payable: str
    due_on: date

    @classmethod
    def of(cls, sums: Sums, currency: str) -> "DraftSums":
        """Return how the API shows sums."""
        return cls(
            type=sums.type,
            adjustments=amount_text(sums.adjustments, currency),
            net=amount_text(sums.net, currency),
            taxes=[TaxTotalAnswer.of(one, currency) for one in sums.taxes],
            tax=amount_text(sums.tax, currency),
            gross=amount_text(sums.gross, currency),
            rounding=amount_text(sums.rounding, currency),
            prepaid=amount_text(sums.prepaid, currency),
            payable=amount_text(sums.payable, currency),
            due_on=sums.due_on,
        )


class DraftTotals(Answer):
    """All figures of what was sent; `sums` is null where it cannot be taxed."""

    currency: str
    lines: list[LineTotalAnswer]
    lines_sum: str
    sums: DraftSums | None
    problems: list[Remark]
    warnings: list[Remark]

    @classmethod
    def of(cls, found: EditorTotals) -> "DraftTotals":
        """Return how the API shows totals."""
        return cls(
            currency=found.currency,
            lines=[LineTotalAnswer.of(line, found.currency) for line in found.lines],
            lines_sum=amount_text(found.lines_sum, found.currency),
            sums=DraftSums.of(found.sums, found.currency) if found.sums else None,
            problems=remarks(placed(found.problems)),
            warnings=remarks(found.warnings),
        )


class MergePreview(Answer):
    """What drafts come to alone and together."""

    drafts: list[DraftDocument] = Field(description="Alone, in the order of the ids.")
    together: DraftDocument
    warnings: list[Remark] = Field(description="What is taken from the first, and what moves.")

    @classmethod
    def of(cls, merger: Merger) -> "MergePreview":
        """Return how the API shows a merger to be."""
        return cls(
            drafts=[DraftDocument.of(outcome) for outcome in merger.outcomes],
            together=DraftDocument.of(merger.outcome),
            warnings=remarks(merger.warnings),
        )


class DraftSplitPreview(Answer):
    """A draft, and the parts that a split would make."""

    whole: DraftDocument
    parts: list[PartViewAnswer]

    @classmethod
    def of(cls, view: SplitView) -> "DraftSplitPreview":
        """Return how the API shows a split to be."""
        return cls(
            whole=DraftDocument.of(view.whole),
            parts=[PartViewAnswer.of(one) for one in view.parts],
        )


class DraftParts(Answer):
    """The open drafts that a draft became."""

    data: list[PartAnswer]


class IssuedAndSent(Answer):
    """A document that was just issued, and whether it is on its way.

    What could not be sent stays issued: send it when the reason is gone.
    """

    document: IssuedAnswer
    is_sent: bool
    problem: str = Field(description="Why it was not sent; else empty.")


class AttachmentAnswer(Answer):
    """A file that goes out with the document."""

    id: UUID
    name: str
    content_type: str
    sha256: str

    @classmethod
    def of(cls, one: Attachment) -> "AttachmentAnswer":
        """Return how the API shows a file."""
        return cls(id=one.file_id, name=one.name, content_type=one.content_type, sha256=one.sha256)


class Attachments(Answer):
    """The files on a draft, in order."""

    data: list[AttachmentAnswer]
