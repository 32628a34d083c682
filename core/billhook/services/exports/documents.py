"""Issued documents, a row each. Sums are signed: those of a credit note are negative."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import and_, func, select

from billhook.db import db
from billhook.domain.states import DocumentType
from billhook.models.customers import Customer
from billhook.models.documents import DocumentEvent, DocumentRow, DocumentSeal
from billhook.models.ledger import Credit, Receivable
from billhook.money import to_major
from billhook.sdk.context import Context
from billhook.services.disputes import disputed
from billhook.services.exports.sheets import Cell

PERMISSION = "documents.view"
_ROWS = 1_000
_HEADER = (
    *("number", "type", "customer", "customer_name", "issue_on", "due_on", "currency"),
    *("net", "tax", "gross", "payable", "open", "is_void", "is_disputed"),
    *("base_currency", "base_rate", "base_net", "base_tax"),
    *("delivery_country", "purchase_order", "id"),
)


def header(ctx: Context) -> Sequence[str]:
    return _HEADER


def count(ctx: Context) -> int:
    return db.session.scalar(select(func.count(DocumentRow.id))) or 0


def rows(ctx: Context) -> Iterator[Sequence[Cell]]:
    """Read all documents in the order of issue, a thousand at a time."""

    def on(row: Any, left: Any, right: Any) -> Any:
        return and_(row.tenant_id == DocumentRow.tenant_id, left == right)

    query = (
        select(
            DocumentRow,
            DocumentSeal.printed_number,
            Customer.reference,
            Customer.name,
            func.coalesce(Receivable.allocated, Credit.allocated, 0),
            DocumentEvent.id.is_not(None),
            DocumentRow.id.in_(disputed()),
        )
        .join(DocumentSeal, on(DocumentSeal, DocumentSeal.document_id, DocumentRow.id))
        .join(Customer, on(Customer, Customer.id, DocumentRow.customer_id))
        .outerjoin(Receivable, on(Receivable, Receivable.document_id, DocumentRow.id))
        .outerjoin(Credit, on(Credit, Credit.document_id, DocumentRow.id))
        .outerjoin(
            DocumentEvent,
            and_(
                on(DocumentEvent, DocumentEvent.document_id, DocumentRow.id),
                DocumentEvent.kind == "voided",
            ),
        )
        .order_by(DocumentRow.issue_on, DocumentSeal.printed_number)
        .execution_options(yield_per=_ROWS)
    )
    for document, number, customer, name, settled, *states in db.session.execute(query):
        named = [number, document.type, customer, name]
        yield _row(document, named, settled, [bool(state) for state in states])


def _row(
    document: DocumentRow, named: Sequence[str], settled: int, states: Sequence[bool]
) -> Sequence[Cell]:
    sign = DocumentType(document.type).sign

    def major(minor: int, currency: str) -> Cell:
        return to_major(sign * minor, currency)

    return [
        *named,
        document.issue_on,
        document.due_on,
        document.currency,
        *(
            major(amount, document.currency)
            for amount in (
                document.net,
                document.tax,
                document.gross,
                document.payable,
                document.payable - settled,
            )
        ),
        *states,
        document.base_currency,
        document.base_rate,
        major(document.base_net, document.base_currency),
        major(document.base_tax, document.base_currency),
        document.delivery_country,
        document.purchase_order,
        str(document.id),
    ]
