"""Numbers and chain links, given under the locks of the heads and nowhere else."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from billhook.domain.numbering import printed_number
from billhook.domain.sealing import FIRST, document_hash, entry_hash
from billhook.kernel.batch import Sealed
from billhook.kernel.rows import Frozen, RowSet
from billhook.models.documents import SeriesRun
from billhook.models.ledger import JournalHead

Head = tuple[int, bytes]


def series_heads(session: Session, tenant: UUID, runs: set[UUID]) -> dict[UUID, Head]:
    """Lock the heads of the series runs, in one order for all writers."""
    locked = session.execute(
        select(SeriesRun.id, SeriesRun.last_number, SeriesRun.last_hash)
        .where(SeriesRun.tenant_id == tenant, SeriesRun.id.in_(runs))
        .order_by(SeriesRun.id)
        .with_for_update(key_share=True)
    )
    return {run_id: (number, last) for run_id, number, last in locked}


def journal_head(session: Session, tenant: UUID) -> Head:
    """Lock the head of the tenant's journal; always after those of series."""
    number, last = session.execute(
        select(JournalHead.last_sequence, JournalHead.last_hash)
        .where(JournalHead.tenant_id == tenant)
        .with_for_update(key_share=True)
    ).one()
    return number, last


def number(
    tenant: UUID, documents: Sequence[Frozen], heads: dict[UUID, Head]
) -> tuple[RowSet, list[Sealed]]:
    """Number the documents in their order and link each to the one before it in its run."""
    rows, sealed = [], []
    for frozen in documents:
        run, document_id = frozen.posted.series, frozen.document.id
        last, previous = heads[run.id]
        next_number = last + 1
        printed = printed_number(run.pattern, next_number, frozen.document.issue_on)
        linked = document_hash(previous, run.id, next_number, printed, frozen.content_hash)
        rows.append(
            (
                tenant,
                document_id,
                run.id,
                next_number,
                printed,
                None if previous == FIRST else last,
                previous,
                frozen.content_hash,
                linked,
            )
        )
        sealed.append(Sealed(document_id=document_id, number=next_number, printed_number=printed))
        heads[run.id] = next_number, linked
    return RowSet("document_seal", rows), sealed


def journal(tenant: UUID, documents: Sequence[Frozen], head: Head) -> RowSet:
    """Link the entries of the documents, in their order."""
    rows = []
    last, previous = head
    for frozen in documents:
        entry, content_hash = frozen.posted.entry, frozen.entry_hash
        if entry is None or content_hash is None:
            continue
        linked = entry_hash(previous, tenant, last + 1, content_hash)
        rows.append(
            (
                tenant,
                entry.id,
                last + 1,
                None if previous == FIRST else last,
                previous,
                content_hash,
                linked,
            )
        )
        last, previous = last + 1, linked
    return RowSet("entry_seal", rows)
