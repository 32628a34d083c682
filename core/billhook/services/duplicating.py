"""An open draft like a document or draft that is there: it bills nothing of it again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.bills import Bill
from billhook.domain.links import LinkKind
from billhook.ids import new_id
from billhook.models.documents import DocumentRow
from billhook.sdk.context import Context
from billhook.services import audit, document_bills, drafting, idempotency, links
from billhook.services.draft_rows import insert_drafts
from billhook.services.originals import read


def duplicate(ctx: Context, one_id: UUID, *, key: str | None = None) -> UUID:
    """Make an open draft with the lines and terms of a document or draft; return its id.

    It claims no charge, and takes over neither attachments nor issue date. Raises
    NotFound, Conflict once the document's parties are erased, IdempotencyMismatch.
    """
    ctx.require("drafts.edit")
    ctx.require("documents.view")
    outcome = idempotency.computed_once(
        ctx,
        route="drafts.duplicate",
        key=key,
        request=[str(one_id)],
        compute=lambda: _bill(ctx, one_id),
        effect=lambda bill: _write(ctx, one_id, bill),
    )
    return UUID(outcome.answer["id"])


def _bill(ctx: Context, one_id: UUID) -> Bill:
    if db.session.scalar(select(DocumentRow.id).where(DocumentRow.id == one_id)):
        return document_bills.bill_of(ctx, read(ctx, one_id))
    bill = drafting.load(ctx, one_id).bill
    return replace(
        bill,
        id=new_id(),
        lines=tuple(replace(line, charge_id=None) for line in bill.lines),
        reference="",
        attachments=(),
    )


def _write(ctx: Context, one_id: UUID, bill: Bill) -> Mapping[str, Any]:
    insert_drafts(ctx, [bill])
    links.write(ctx, [links.Link(parent_id=one_id, child_id=bill.id, kind=LinkKind.DUPLICATED)])
    audit.record(ctx, "draft.duplicated", "draft", bill.id, of=one_id)
    return {"id": str(bill.id)}
