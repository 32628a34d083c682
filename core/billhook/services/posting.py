"""Frozen documents are written, posted, numbered and announced: one transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from billhook.domain.documents import Document
from billhook.domain.events import DocumentIssued
from billhook.domain.ledger import Entry, document_entry
from billhook.errors import Conflict, PeriodClosed, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.kernel import Prepared, post, prepare, refusal
from billhook.kernel.batch import Batch, PostedDocument, Sealed, SeriesRunRef
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import brand_series, ledgers, outbox, series
from billhook.services.audit import audit_record


def refuse_date(ctx: Context, issue_on: date) -> None:
    """Refuse an issue date that the books or a series cannot take.

    Raises PeriodClosed, ValidationFailed where a series has a later document.
    """
    closed = ledgers.closed_through(ctx)
    if closed and issue_on <= closed:
        raise PeriodClosed(
            _(
                "The books are closed through %(closed)s. Choose an issue date after it.",
                closed=closed.isoformat(),
            )
        )
    last = series.last_date(ctx, issue_on)
    if last and issue_on < last:
        raise ValidationFailed(
            [
                Problem(
                    code="series.date_back",
                    path="issue_on",
                    message=_(
                        "The last document of a series is dated %(last)s, and numbers rise with "
                        "dates. Choose that day or a later one as issue date.",
                        last=last.isoformat(),
                    ),
                )
            ]
        )


def post_documents(
    ctx: Context,
    session: Session,
    documents: Sequence[Document],
    *,
    claims: Mapping[UUID, Collection[UUID]],
) -> list[Sealed]:
    """Write documents of one issue date whole; number and chain link come last.

    `claims` are the charges that a document claims now, by document; those of a
    draft are claimed already. Inside the caller's transaction.
    """
    return write(session, prepare_documents(ctx, documents, claims=claims))


def write(session: Session, prepared: Prepared) -> list[Sealed]:
    """Write prepared documents, inside a transaction; return their numbers.

    Raises PeriodClosed, Conflict where the books closed or a series went on to a
    later date since `refuse_date` looked.
    """
    try:
        return post(session, prepared)
    except IntegrityError as error:
        match refusal(error):
            case "period_closed":
                raise PeriodClosed(
                    _("The books were closed over the issue date meanwhile. Choose a later date.")
                ) from error
            case "issue_date":
                raise Conflict(
                    _("The series went on to a later date meanwhile. Choose that or a later one.")
                ) from error
        raise


def prepare_documents(
    ctx: Context,
    documents: Sequence[Document],
    *,
    claims: Mapping[UUID, Collection[UUID]],
    bill_run_id: UUID | None = None,
) -> Prepared:
    """Make the rows of documents, for `kernel.post`; begins a series run or account at need."""
    entries = {document.id: document_entry(document, new_id()) for document in documents}
    with ctx.transaction():
        runs = _runs(ctx, documents)
        accounts = ledgers.account_ids(ctx, _accounts(entries.values()))
    batch_id = new_id()
    return prepare(
        Batch(
            tenant_id=ctx.tenant.id,
            at=ctx.now(),
            due_at=outbox.due(ctx),
            documents=[
                PostedDocument(
                    document=document,
                    series=runs[document.id],
                    entry=entries[document.id],
                    claims=tuple(claims.get(document.id, ())),
                    bill_run_id=bill_run_id,
                )
                for document in documents
            ],
            accounts=accounts,
            outbox=[outbox.event_record(_issued(document), batch_id) for document in documents],
            audit=[
                audit_record(ctx, "document.issued", "document", document.id)
                for document in documents
            ],
        )
    )


def _issued(document: Document) -> DocumentIssued:
    return DocumentIssued(
        document_id=document.id, type=document.type.value, customer_id=document.customer_id
    )


def _runs(ctx: Context, documents: Sequence[Document]) -> dict[UUID, SeriesRunRef]:
    """Return the series run of each document, by its type, day and brand."""
    faces = brand_series.numbered_by(ctx, documents)
    keys = {one.id: (one.type, one.issue_on, faces.get(one.id)) for one in documents}
    asked = sorted(set(keys.values()), key=str)
    runs = {key: series.run_for(ctx, *key[:2], brand_id=key[2]) for key in asked}
    return {document_id: runs[key] for document_id, key in keys.items()}


def _accounts(entries: Collection[Entry | None]) -> set[tuple[str, str]]:
    return {
        (posting.account, posting.currency)
        for entry in entries
        if entry
        for posting in entry.postings
    }
