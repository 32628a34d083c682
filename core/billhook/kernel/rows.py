"""Domain values as rows: one set per table, in the order in which they are written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from billhook.domain.documents import Document, document_content
from billhook.domain.ledger import base_amount, entry_content
from billhook.domain.states import DocumentType
from billhook.domain.totals import TaxGroup
from billhook.ids import new_id
from billhook.kernel.batch import Batch, PostedDocument
from billhook.money import minor_digits

Row = tuple[Any, ...]

_ZERO = Decimal(0)
_COLUMNS = {
    table: tuple(names.split())
    for table, names in {
        "party_snapshot": "tenant_id id commitment salt content",
        "charge_claim": "tenant_id charge_id holder_id",
        "entry": """
            tenant_id id entry_on kind source_id base_currency content_hash
            posted_at
        """,
        "posting": """
            tenant_id entry_id line_no account_id currency amount base_amount
            customer_id registration_id tax_category tax_rate
        """,
        "document": """
            tenant_id id type run_id customer_id payer_id seller_id buyer_id
            currency digits issue_on due_on language net tax gross rounding prepaid
            payable base_currency base_rate base_rate_on base_net base_tax
            delivery_country purchase_order credits_document_id entry_id bill_run_id
            content content_hash issued_at
        """,
        "document_line": """
            tenant_id document_id line_no description sku quantity unit_price net
            group_no revenue_account product_id charge_id credited_document_id
            credited_line_no
        """,
        "document_adjustment": """
            tenant_id document_id adjustment_no kind reason net group_no account
        """,
        "document_tax": """
            tenant_id document_id group_no component_no category exemption_code
            tax_name country subdivision kind rate net tax base_net base_tax
            registration_id
        """,
        "receivable": """
            tenant_id id document_id customer_id payer_id currency amount allocated
            due_on
        """,
        "credit": """
            tenant_id id document_id customer_id payer_id currency amount allocated
        """,
        "outbox": """
            tenant_id id batch_id kind name plugin key payload state attempts
            last_error created_at done_at
        """,
        "document_seal": """
            tenant_id document_id run_id number printed_number previous_number
            previous_hash content_hash hash
        """,
        "entry_seal": """
            tenant_id entry_id sequence previous_sequence previous_hash content_hash
            hash
        """,
        "due_work": "tenant_id batch_id due_at leased_until fence",
        "audit": """
            tenant_id id happened_at actor_kind actor_id address request_id action
            object_kind object_id details
        """,
    }.items()
}


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows of one table; their values stand in the order of its `columns`."""

    table: str
    rows: Sequence[Row]
    may_exist: bool = False
    """Whether rows whose key is there already are left as they stand."""

    @property
    def columns(self) -> tuple[str, ...]:
        return _COLUMNS[self.table]


@dataclass(frozen=True, slots=True)
class Frozen:
    """A document with the bytes and hashes that its seals carry."""

    posted: PostedDocument
    content: bytes
    content_hash: bytes
    entry_hash: bytes | None

    @property
    def document(self) -> Document:
        return self.posted.document


def freeze(posted: PostedDocument) -> Frozen:
    """Write the content that is hashed; it takes time, so do it before any lock."""
    content = document_content(posted.document)
    entry = posted.entry
    return Frozen(
        posted=posted,
        content=content,
        content_hash=sha256(content).digest(),
        entry_hash=sha256(entry_content(entry)).digest() if entry else None,
    )


def row_sets(batch: Batch, documents: Sequence[Frozen]) -> Iterator[RowSet]:
    """Give what is written before the numbers; what a row refers to comes before it."""
    tenant = batch.tenant_id
    yield _snapshots(tenant, documents)
    yield _claims(tenant, documents)
    yield _entries(batch, documents)
    yield _postings(batch, documents)
    yield _documents(batch, documents)
    yield _lines(tenant, documents)
    yield _adjustments(tenant, documents)
    yield _taxes(tenant, documents)
    yield _receivables(tenant, documents)
    yield _credits(tenant, documents)
    yield _outbox(batch)
    yield _due_work(batch)
    yield _audit(batch)


def _snapshots(tenant: UUID, documents: Sequence[Frozen]) -> RowSet:
    shared = {
        snapshot.id: snapshot
        for frozen in documents
        for snapshot in (frozen.document.seller, frozen.document.buyer)
    }
    return RowSet(
        "party_snapshot",
        [
            (tenant, each.id, each.commitment, each.salt, each.content)
            for _, each in sorted(shared.items())  # one order for all writers: no deadlock
        ],
        may_exist=True,
    )


def _claims(tenant: UUID, documents: Sequence[Frozen]) -> RowSet:
    return RowSet(
        "charge_claim",
        [
            (tenant, charge_id, frozen.document.id)
            for frozen in documents
            for charge_id in frozen.posted.claims
        ],
    )


def _entries(batch: Batch, documents: Sequence[Frozen]) -> RowSet:
    return RowSet(
        "entry",
        [
            (
                batch.tenant_id,
                entry.id,
                entry.entry_on,
                entry.kind,
                entry.source_id,
                entry.base_currency,
                frozen.entry_hash,
                batch.at,
            )
            for frozen in documents
            if (entry := frozen.posted.entry)
        ],
    )


def _postings(batch: Batch, documents: Sequence[Frozen]) -> RowSet:
    return RowSet(
        "posting",
        [
            (
                batch.tenant_id,
                entry.id,
                posting.line_no,
                batch.accounts[posting.account, posting.currency],
                posting.currency,
                posting.amount,
                posting.base_amount,
                posting.customer_id,
                posting.registration_id,
                posting.tax_category,
                posting.tax_rate,
            )
            for frozen in documents
            if (entry := frozen.posted.entry)
            for posting in entry.postings
        ],
    )


def _documents(batch: Batch, documents: Sequence[Frozen]) -> RowSet:
    return RowSet(
        "document",
        [_document(batch, frozen) for frozen in documents],
    )


def _document(batch: Batch, frozen: Frozen) -> Row:
    document = frozen.document
    base = document.base
    entry = frozen.posted.entry
    return (
        batch.tenant_id,
        document.id,
        document.type.value,
        frozen.posted.series.id,
        document.customer_id,
        document.payer_id,
        document.seller.id,
        document.buyer.id,
        document.currency,
        minor_digits(document.currency),
        document.issue_on,
        document.due_on,
        document.language,
        document.net,
        document.tax,
        document.gross,
        document.rounding,
        document.prepaid,
        document.payable,
        base.currency,
        base.rate,
        base.rate_on,
        base_amount(document.net, document),
        base_amount(document.tax, document),
        document.delivery_country,
        document.purchase_order,
        document.credits_document_id,
        entry.id if entry else None,
        frozen.posted.bill_run_id,
        frozen.content,
        frozen.content_hash,
        batch.at,
    )


def _lines(tenant: UUID, documents: Sequence[Frozen]) -> RowSet:
    return RowSet(
        "document_line",
        [
            (
                tenant,
                frozen.document.id,
                line.line_no,
                line.description,
                line.sku,
                line.quantity,
                line.unit_price,
                line.net,
                line.group_no,
                line.revenue_account,
                line.product_id,
                line.charge_id,
                line.credited.document_id if line.credited else None,
                line.credited.line_no if line.credited else None,
            )
            for frozen in documents
            for line in frozen.document.lines
        ],
    )


def _adjustments(tenant: UUID, documents: Sequence[Frozen]) -> RowSet:
    return RowSet(
        "document_adjustment",
        [
            (
                tenant,
                frozen.document.id,
                number,
                item.adjustment.kind.value,
                item.adjustment.reason,
                item.net,
                item.group_no,
                item.account,
            )
            for frozen in documents
            for number, item in enumerate(frozen.document.adjustments, 1)
        ],
    )


def _taxes(tenant: UUID, documents: Sequence[Frozen]) -> RowSet:
    return RowSet(
        "document_tax",
        [
            (tenant, frozen.document.id, number, *component)
            for frozen in documents
            for number, group in enumerate(frozen.document.groups)
            for component in _components(frozen.document, group)
        ],
    )


def _components(document: Document, group: TaxGroup) -> Iterator[Row]:
    """Give a row per tax; a group without any has one of number 0. Each carries the group's net."""
    treatment = group.treatment
    category = treatment.category or ""
    base_net = base_amount(group.net, document)
    if not treatment.components:
        no_tax = ("", "", "", "", _ZERO, group.net, 0, base_net, 0, None)
        yield (0, category, treatment.exemption_code, *no_tax)
    for number, (component, tax) in enumerate(
        zip(treatment.components, group.component_taxes, strict=True), 1
    ):
        yield (
            number,
            category,
            treatment.exemption_code,
            component.tax,
            component.country,
            component.subdivision,
            component.kind.value,
            component.rate,
            group.net,
            tax,
            base_net,
            base_amount(tax, document),
            component.registration_id,
        )


def _receivables(tenant: UUID, documents: Sequence[Frozen]) -> RowSet:
    return RowSet(
        "receivable",
        [
            (
                tenant,
                new_id(),
                document.id,
                document.customer_id,
                document.payer_id,
                document.currency,
                document.payable,
                0,
                document.due_on,
            )
            for document in (frozen.document for frozen in documents)
            if document.type is DocumentType.INVOICE
        ],
    )


def _credits(tenant: UUID, documents: Sequence[Frozen]) -> RowSet:
    return RowSet(
        "credit",
        [
            (
                tenant,
                new_id(),
                document.id,
                document.customer_id,
                document.payer_id,
                document.currency,
                document.payable,
                0,
            )
            for document in (frozen.document for frozen in documents)
            if document.type is DocumentType.CREDIT_NOTE
        ],
    )


def _outbox(batch: Batch) -> RowSet:
    return RowSet(
        "outbox",
        [
            (
                batch.tenant_id,
                record.id,
                record.batch_id,
                record.kind,
                record.name,
                record.plugin,
                record.key,
                record.payload,
                "waiting",
                0,
                "",
                batch.at,
                None,
            )
            for record in batch.outbox
        ],
    )


def _due_work(batch: Batch) -> RowSet:
    return RowSet(
        "due_work",
        [
            (batch.tenant_id, batch_id, batch.due_at, None, 0)
            for batch_id in sorted({record.batch_id for record in batch.outbox})
        ],
        may_exist=True,  # an event of the same transaction may have come first
    )


def _audit(batch: Batch) -> RowSet:
    return RowSet(
        "audit",
        [
            (
                batch.tenant_id,
                record.id,
                batch.at,
                record.actor_kind,
                record.actor_id,
                record.address,
                record.request_id,
                record.action,
                record.object_kind,
                record.object_id,
                record.details,
            )
            for record in batch.audit
        ],
    )
