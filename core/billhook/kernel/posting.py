"""Write frozen documents: content, entries, what is owed, what follows; numbers last."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from billhook.kernel import postgresql, sqlite
from billhook.kernel.batch import Batch, Sealed
from billhook.kernel.chains import journal, journal_head, number, series_heads
from billhook.kernel.rows import Frozen, RowSet, freeze, row_sets

_WRITERS = {"postgresql": postgresql.write, "sqlite": sqlite.write}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch whose rows are made and hashed: all that needs no transaction is done."""

    batch: Batch
    documents: tuple[Frozen, ...]
    rows: tuple[RowSet, ...]


def prepare(batch: Batch) -> Prepared:
    """Make and hash the rows of a batch, before the transaction that writes them."""
    documents = tuple(freeze(posted) for posted in batch.documents)
    rows = tuple(rows for rows in row_sets(batch, documents) if rows.rows) if documents else ()
    return Prepared(batch, documents, rows)


def post(session: Session, prepared: Prepared) -> list[Sealed]:
    """Issue and post the documents; return their numbers, in the batch's order.

    Runs inside the caller's transaction and never commits. The heads of the
    series runs and of the journal stay locked until it ends, so that little
    should follow. Raises sqlalchemy's IntegrityError where a guard of the
    database refuses; `refusal` names it.
    """
    if not prepared.documents:
        return []
    tenant_id, documents = prepared.batch.tenant_id, prepared.documents
    session.flush()
    connection = session.connection()
    write = _WRITERS[connection.dialect.name]
    for rows in prepared.rows:
        write(connection, rows)

    runs = {frozen.posted.series.id for frozen in documents}
    heads = series_heads(session, tenant_id, runs)
    head = journal_head(session, tenant_id)
    seals, sealed = number(tenant_id, documents, heads)
    for rows in (seals, journal(tenant_id, documents, head)):
        if rows.rows:
            write(connection, rows)
    return sealed
