"""What becomes of documents by the API: credited, voided, billed anew, split, copied."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from billhook.api.schemas.document_acts import (
    CreditableAnswer,
    CreditInput,
    CreditWish,
    IssuedAnswer,
    NewDraftAnswer,
    RebilledAnswer,
    SplitDocumentInput,
    SplitPreviewAnswer,
    VoidInput,
)
from billhook.api.schemas.document_content import UnissuedAnswer
from billhook.api.schemas.splits import SplitInput
from billhook.errors import ValidationFailed
from billhook.sdk.api import Made, Routes
from billhook.sdk.context import Context
from billhook.services import crediting, duplicating, rebilling

routes = Routes("corrections", "What is issued stays; it is corrected by further documents.")


@routes.get("/documents/<uuid:document_id>/creditable", requires="documents.credit")
def get_creditable_rest(ctx: Context, document_id: UUID) -> CreditableAnswer:
    """Get what of an invoice can still be credited, as a whole and by line."""
    return CreditableAnswer.of(crediting.creditable(ctx, document_id))


@routes.ask("/documents/<uuid:document_id>/credit/preview", requires="documents.credit")
def preview_credit(ctx: Context, document_id: UUID, body: CreditWish) -> UnissuedAnswer:
    """Preview the credit note that a wish would make. Nothing is written."""
    with _placing(body):
        lines, total = body.shares(crediting.currency_of(ctx, document_id))
        note = crediting.preview(
            ctx, document_id, lines=lines, total=total, issue_on=body.issue_on
        )
    return UnissuedAnswer.of(note)


@routes.post("/documents/<uuid:document_id>/credit", requires="documents.credit")
def credit_document(
    ctx: Context, document_id: UUID, body: CreditInput, key: str | None
) -> Made[IssuedAnswer]:
    """Issue a credit note against an invoice: all that is left of it, or part.

    A part is named by lines, each by net, gross or quantity, or by a total that is spread
    over the lines. The credit settles the invoice as far as that is open.
    """
    with _placing(body):
        lines, total = body.shares(crediting.currency_of(ctx, document_id))
        note = crediting.credit(
            ctx,
            document_id,
            reason=body.reason,
            lines=lines,
            total=total,
            issue_on=body.issue_on,
            key=key,
        )
    return Made(IssuedAnswer.of(note), at=f"/documents/{note.id}")


@routes.post("/documents/<uuid:document_id>/void", requires="documents.void")
def void_document(
    ctx: Context, document_id: UUID, body: VoidInput, key: str | None
) -> Made[IssuedAnswer]:
    """Take an invoice back that nobody has seen: neither sent, settled nor in a closed period.

    Its number stays. Answers the credit note that reverses it.
    """
    note = crediting.void(ctx, document_id, reason=body.reason, issue_on=body.issue_on, key=key)
    return Made(IssuedAnswer.of(note), at=f"/documents/{note.id}")


@routes.post("/documents/<uuid:document_id>/rebill", requires="documents.credit")
def rebill_document(
    ctx: Context, document_id: UUID, body: CreditInput, key: str | None
) -> Made[RebilledAnswer]:
    """Credit an invoice, or part of it, and make a draft of what was credited.

    Correct the draft, then issue it. Needs the scope `drafts.edit`, too.
    """
    ctx.require("drafts.edit")
    with _placing(body):
        lines, total = body.shares(crediting.currency_of(ctx, document_id))
        made = rebilling.rebill(
            ctx,
            document_id,
            reason=body.reason,
            lines=lines,
            total=total,
            issue_on=body.issue_on,
            key=key,
        )
    return Made(RebilledAnswer.of(made), at=f"/documents/{made.note.id}")


@routes.ask("/documents/<uuid:document_id>/split/preview", requires="documents.credit")
def preview_document_split(
    ctx: Context, document_id: UUID, body: SplitInput
) -> SplitPreviewAnswer:
    """Preview the credit note and the parts that a split would make. Nothing is written."""
    with _placing(body):
        view = rebilling.preview(ctx, document_id, body.split(), payers=body.payers_by_part())
    return SplitPreviewAnswer.of(view)


@routes.post("/documents/<uuid:document_id>/split", requires="documents.credit")
def split_document(
    ctx: Context, document_id: UUID, body: SplitDocumentInput, key: str | None
) -> Made[RebilledAnswer]:
    """Credit what is left of an invoice, and make a draft for each part of that.

    Needs the scope `drafts.edit`, too.
    """
    ctx.require("drafts.edit")
    with _placing(body):
        made = rebilling.split(
            ctx,
            document_id,
            body.split(),
            reason=body.reason,
            payers=body.payers_by_part(),
            issue_on=body.issue_on,
            key=key,
        )
    return Made(RebilledAnswer.of(made), at=f"/documents/{made.note.id}")


@routes.post("/documents/<uuid:document_id>/duplicate", requires="drafts.edit")
def duplicate_document(ctx: Context, document_id: UUID, key: str | None) -> Made[NewDraftAnswer]:
    """Make a draft with the lines and terms of a document; it bills no charge again.

    Needs the scope `documents.view`, too.
    """
    made = duplicating.duplicate(ctx, document_id, key=key)
    return Made(NewDraftAnswer(id=made), at=f"/drafts/{made}")


@contextmanager
def _placing(wish: CreditWish | SplitInput) -> Iterator[None]:
    """Let problems of lines and payers name their places in the request."""
    try:
        yield
    except ValidationFailed as error:
        raise ValidationFailed(wish.placed(error.problems)) from error
