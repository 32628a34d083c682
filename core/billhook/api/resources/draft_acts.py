"""What becomes of drafts by the API: issued, merged, split, copied, given up; and their files."""

from uuid import UUID

from billhook.api.resources import draft_answers
from billhook.api.schemas.document_acts import IssuedAnswer
from billhook.api.schemas.draft_totals import (
    AttachmentAnswer,
    Attachments,
    DraftParts,
    DraftSplitPreview,
    IssuedAndSent,
    MergePreview,
)
from billhook.api.schemas.drafts import DiscardInput, DraftAnswer, DraftIds, IssueInput
from billhook.api.schemas.splits import PartAnswer, SplitInput
from billhook.errors import BillhookError, ValidationFailed
from billhook.sdk.api import Download, Made, Match, Routes, Upload
from billhook.sdk.context import Context
from billhook.services import (
    attachments,
    draft_sheets,
    drafting,
    duplicating,
    issuing,
    merging,
    splitting,
)
from billhook.services.draft_editing import outgoing

routes = Routes("draft acts", "What becomes of drafts, and the files that go out with them.")


@routes.post("/drafts/<uuid:draft_id>/issue", requires="documents.issue")
def issue_draft(
    ctx: Context, draft_id: UUID, body: IssueInput, match: Match, key: str | None
) -> Made[IssuedAnswer]:
    """Issue a draft: it gets its number, is posted to the ledger, and never changes again.

    With If-Match it is issued only as you read it. The document keeps the draft's id.
    Customers who get documents by themselves get this one, too.
    """
    issued = issuing.issue(ctx, draft_id, issue_on=body.issue_on, key=key, version=match.version)
    return Made(IssuedAnswer.of(issued), at=f"/documents/{issued.id}")


@routes.post("/drafts/<uuid:draft_id>/issue-and-send", requires="documents.issue")
def issue_and_send_draft(
    ctx: Context, draft_id: UUID, body: IssueInput, match: Match, key: str | None
) -> Made[IssuedAndSent]:
    """Issue a draft and send the document by the customer's channel.

    Needs the scope `deliveries.send`, too. Where it cannot be sent, it is issued nevertheless:
    `problem` says why, and `POST /deliveries` sends it later.
    """
    ctx.require("deliveries.send")
    issued = issuing.issue(ctx, draft_id, issue_on=body.issue_on, key=key, version=match.version)
    try:
        outgoing.send_issued(ctx, issued)
        problem = ""
    except BillhookError as error:
        problem = error.message
    answer = IssuedAndSent(document=IssuedAnswer.of(issued), is_sent=not problem, problem=problem)
    return Made(answer, at=f"/documents/{issued.id}")


@routes.ask("/drafts/merge/preview", requires="drafts.view")
def preview_merge(ctx: Context, body: DraftIds) -> MergePreview:
    """Work out what drafts would come to as one. Nothing is written."""
    return MergePreview.of(merging.preview(ctx, body.ids))


@routes.post("/drafts/merge", requires="drafts.edit")
def merge_drafts(ctx: Context, body: DraftIds, key: str | None) -> Made[DraftAnswer]:
    """Make one draft of several, which are discarded: a section for each, in their order."""
    made = merging.merge(ctx, body.ids, key=key)
    return Made(draft_answers.made(ctx, made), at=f"/drafts/{made}")


@routes.ask("/drafts/<uuid:draft_id>/split/preview", requires="drafts.view")
def preview_draft_split(ctx: Context, draft_id: UUID, body: SplitInput) -> DraftSplitPreview:
    """Work out the parts that a split would make. Nothing is written."""
    try:
        view = splitting.preview(ctx, draft_id, body.split(), payers=body.payers_by_part())
    except ValidationFailed as error:
        raise ValidationFailed(body.placed(error.problems)) from error
    return DraftSplitPreview.of(view)


@routes.post("/drafts/<uuid:draft_id>/split", requires="drafts.edit")
def split_draft(
    ctx: Context, draft_id: UUID, body: SplitInput, match: Match, key: str | None
) -> DraftParts:
    """Make several drafts of one, which is discarded; their sum is the same to the cent."""
    try:
        made = splitting.split(
            ctx,
            draft_id,
            body.split(),
            payers=body.payers_by_part(),
            version=match.version,
            key=key,
        )
    except ValidationFailed as error:
        raise ValidationFailed(body.placed(error.problems)) from error
    return DraftParts(data=[PartAnswer.of(one) for one in made])


@routes.post("/drafts/<uuid:draft_id>/duplicate", requires="drafts.edit")
def duplicate_draft(ctx: Context, draft_id: UUID, key: str | None) -> Made[DraftAnswer]:
    """Make a draft with the lines and terms of another; it bills no charge again.

    Needs the scope `documents.view`, too.
    """
    made = duplicating.duplicate(ctx, draft_id, key=key)
    return Made(draft_answers.made(ctx, made), at=f"/drafts/{made}")


@routes.post("/drafts/<uuid:draft_id>/discard", requires="drafts.edit")
def discard_draft(ctx: Context, draft_id: UUID, body: DiscardInput, match: Match) -> DraftAnswer:
    """Give a draft up, for good; the charges on it wait for the next bill."""
    drafting.discard(ctx, draft_id, reason=body.reason, expected=match.require)
    return draft_answers.made(ctx, draft_id)


@routes.get("/drafts/<uuid:draft_id>/attachments", requires="drafts.view")
def list_attachments(ctx: Context, draft_id: UUID) -> Attachments:
    """List the files that go out with the document."""
    draft_sheets.get(ctx, draft_id)
    return Attachments(data=[AttachmentAnswer.of(one) for one in attachments.of_draft(draft_id)])


@routes.post("/drafts/<uuid:draft_id>/attachments", requires="drafts.edit")
def add_attachment(
    ctx: Context, draft_id: UUID, upload: Upload, key: str | None
) -> Made[AttachmentAnswer]:
    """Let a file go out with the document: up to 20, with 10 MB together."""
    made = attachments.attach(
        ctx,
        draft_id,
        name=upload.name,
        content_type=upload.content_type,
        content=upload.content,
        key=key,
    )
    at = f"/drafts/{draft_id}/attachments/{made.file_id}"
    return Made(AttachmentAnswer.of(made), at=at)


@routes.get("/drafts/<uuid:draft_id>/attachments/<uuid:file_id>", requires="drafts.view")
def get_attachment(ctx: Context, draft_id: UUID, file_id: UUID) -> Download:
    """Get a file that goes out with the document."""
    found = attachments.content_on_draft(ctx, draft_id, file_id)
    return Download(name=found.name, content_type=found.content_type, content=found.content)


@routes.delete("/drafts/<uuid:draft_id>/attachments/<uuid:file_id>", requires="drafts.edit")
def remove_attachment(ctx: Context, draft_id: UUID, file_id: UUID) -> None:
    """Take a file off a draft."""
    attachments.detach(ctx, draft_id, attachments.named(draft_id, file_id).name)
