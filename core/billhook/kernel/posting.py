"""Write frozen documents: content, entries, what is owed, what follows; numbers last."""

from sqlalchemy.orm import Session

from billhook.kernel import postgresql, sqlite
from billhook.kernel.batch import Batch, Sealed
from billhook.kernel.chains import journal, journal_head, number, series_heads
from billhook.kernel.rows import freeze, row_sets

_WRITERS = {"postgresql": postgresql.write, "sqlite": sqlite.write}


def post(session: Session, batch: Batch) -> list[Sealed]:
    """Issue and post the documents; return their numbers, in the batch's order.

    Runs inside the caller's transaction and never commits. The heads of the
    series runs and of the journal stay locked until it ends, so that little
    should follow. Raises sqlalchemy's IntegrityError where a guard of the
    database refuses; `refusal` names it.
    """
    if not batch.documents:
        return []
    documents = [freeze(posted) for posted in batch.documents]
    session.flush()
    connection = session.connection()
    write = _WRITERS[connection.dialect.name]
    for rows in row_sets(batch, documents):
        if rows.rows:
            write(connection, rows)

    runs = {frozen.posted.series.id for frozen in documents}
    heads = series_heads(session, batch.tenant_id, runs)
    head = journal_head(session, batch.tenant_id)
    seals, sealed = number(batch.tenant_id, documents, heads)
    for rows in (seals, journal(batch.tenant_id, documents, head)):
        if rows.rows:
            write(connection, rows)
    return sealed
