"""Valid books for tests: a tenant that can post, and documents that add up.

```python
books = open_books("shop")
with books.acting(), transaction() as session:
    post(session, prepare(books.batch(books.invoice(), books.invoice(nets=(500,)))))
```
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from billhook.db import tenant_scope, transaction
from billhook.domain.documents import (
    BaseCurrency,
    CreditedLine,
    Document,
    DocumentLine,
    PartySnapshot,
)
from billhook.domain.ledger import DEFAULT_CHART, document_entry
from billhook.domain.parties import Address, Party
from billhook.domain.sealing import FIRST
from billhook.domain.states import DocumentType
from billhook.domain.tax import TaxComponent, TaxTreatment
from billhook.domain.totals import TaxedAmount, document_totals
from billhook.ids import new_id
from billhook.kernel.batch import (
    AuditRecord,
    Batch,
    OutboxRecord,
    PostedDocument,
    SeriesRunRef,
)
from billhook.models.charges import ChargeRow
from billhook.models.customers import Customer
from billhook.models.documents import Series, SeriesRun
from billhook.models.ledger import Account, JournalHead
from billhook.models.tenants import Tenant

ISSUE_ON = date(2026, 1, 15)
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
TWENTY_PERCENT = TaxTreatment(
    components=(TaxComponent(tax="VAT", country="GB", rate=Decimal(20)),), category="S"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """A tenant with a customer, two series and a chart of accounts."""

    tenant_id: UUID
    currency: str
    customer_id: UUID
    seller: PartySnapshot
    buyer: PartySnapshot
    series: dict[DocumentType, SeriesRunRef]
    accounts: dict[tuple[str, str], UUID]

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Let the block see the tenant's rows."""
        with tenant_scope(self.tenant_id):
            yield

    def invoice(
        self,
        nets: Sequence[int] = (1000, 2000, 3000),
        *,
        treatment: TaxTreatment = TWENTY_PERCENT,
        issue_on: date = ISSUE_ON,
        charges: Sequence[UUID] = (),
    ) -> Document:
        """Make a document of lines of these nets, in minor units, each of one charge if given."""
        lines = [
            DocumentLine(
                line_no=number,
                description=f"Work, part {number}",
                quantity=Decimal(1),
                unit_price=Decimal(net).scaleb(-2),
                net=net,
                group_no=0,
                supplied_on=issue_on,
                charge_id=charges[number - 1] if charges else None,
            )
            for number, net in enumerate(nets, 1)
        ]
        totals = document_totals([TaxedAmount(amount=net, treatment=treatment) for net in nets])
        return Document(
            id=new_id(),
            type=DocumentType.INVOICE,
            customer_id=self.customer_id,
            payer_id=self.customer_id,
            seller=self.seller,
            buyer=self.buyer,
            currency=self.currency,
            issue_on=issue_on,
            due_on=issue_on,
            language="en",
            lines=tuple(lines),
            groups=totals.groups,
            net=totals.net,
            tax=totals.tax,
            gross=totals.gross,
            payable=totals.payable,
            base=BaseCurrency(
                currency=self.currency, rate=Decimal(1), rate_on=issue_on, source="own"
            ),
        )

    def credit_note(self, document: Document, nets: Sequence[int]) -> Document:
        """Make a credit note that takes back so much of each line of the document, from the first."""
        note = self.invoice(nets, issue_on=document.issue_on)
        return replace(
            note,
            type=DocumentType.CREDIT_NOTE,
            credits_document_id=document.id,
            lines=tuple(
                replace(line, credited=CreditedLine(document_id=document.id, line_no=line.line_no))
                for line in note.lines
            ),
        )

    def batch(self, *documents: Document) -> Batch:
        """Make what the kernel takes: entries, claims, an event and a note for the audit each."""
        batch_id = new_id()
        return Batch(
            tenant_id=self.tenant_id,
            at=NOW,
            due_at=NOW,
            documents=[self.posted(document) for document in documents],
            accounts=self.accounts,
            outbox=[_event(document, batch_id) for document in documents],
            audit=[_audit(document) for document in documents],
        )

    def posted(self, document: Document) -> PostedDocument:
        """Give a document what is written beside it."""
        return PostedDocument(
            document=document,
            series=self.series[document.type],
            entry=document_entry(document, new_id()),
            claims=tuple(line.charge_id for line in document.lines if line.charge_id),
        )

    def charge(self) -> ChargeRow:
        """Make a charge of the customer, not yet added to a session."""
        charge_id = new_id()
        return ChargeRow(
            tenant_id=self.tenant_id,
            id=charge_id,
            source="csv",
            reference=str(charge_id),
            customer_id=self.customer_id,
            payer_id=self.customer_id,
            currency=self.currency,
            charged_on=ISSUE_ON,
            description="Work",
            quantity=Decimal(1),
            unit_price=Decimal(10),
            base_quantity=Decimal(1),
            content_hash=bytes(32),
            created_at=NOW,
        )


def open_books(slug: str, *, currency: str = "EUR") -> Books:
    """Write a tenant that can issue at once, in a transaction of its own."""
    tenant_id, customer_id = new_id(), new_id()
    series = {
        kind: SeriesRunRef(id=new_id(), pattern=pattern)
        for kind, pattern in (
            (DocumentType.INVOICE, "INV-{number:5}"),
            (DocumentType.CREDIT_NOTE, "CN-{number:5}"),
        )
    }
    accounts = {(account.code, currency): new_id() for account in DEFAULT_CHART}
    with tenant_scope(tenant_id), transaction() as session:
        session.add(_tenant(tenant_id, slug, currency))
        session.flush()
        session.add(_customer(customer_id, currency))
        session.add(JournalHead(last_sequence=0, last_hash=FIRST))
        for account in DEFAULT_CHART:
            session.add(
                Account(
                    id=accounts[account.code, currency],
                    code=account.code,
                    currency=currency,
                    name=account.name,
                    type=account.type.value,
                )
            )
        for kind, run in series.items():
            series_id = new_id()
            session.add(
                Series(
                    id=series_id,
                    code=kind.value,
                    document_type=kind.value,
                    pattern=run.pattern,
                    is_default=True,
                )
            )
            session.flush()
            session.add(
                SeriesRun(
                    id=run.id,
                    series_id=series_id,
                    year=0,
                    first_number=1,
                    last_number=0,
                    last_hash=FIRST,
                )
            )
    return Books(
        tenant_id=tenant_id,
        currency=currency,
        customer_id=customer_id,
        seller=_snapshot("Shop Ltd"),
        buyer=_snapshot("Customer SA"),
        series=series,
        accounts=accounts,
    )


def _snapshot(name: str) -> PartySnapshot:
    party = Party(name=name, address=Address(country="GB", city="London"))
    return PartySnapshot(id=new_id(), party=party, salt=bytes(16))


def _tenant(tenant_id: UUID, slug: str, currency: str) -> Tenant:
    return Tenant(
        id=tenant_id,
        slug=slug,
        name="Shop Ltd",
        country="GB",
        currency=currency,
        time_zone="Europe/London",
        language="en",
        supplies="service",
        is_sandbox=False,
        created_at=NOW,
    )


def _customer(customer_id: UUID, currency: str) -> Customer:
    return Customer(
        id=customer_id,
        reference="C1",
        name="Customer SA",
        country="GB",
        currency=currency,
        language="en",
        time_zone="Europe/London",
        created_at=NOW,
    )


def _event(document: Document, batch_id: UUID) -> OutboxRecord:
    return OutboxRecord(
        id=new_id(),
        batch_id=batch_id,
        kind="event",
        name="document.issued",
        payload={"version": 1, "document_id": str(document.id)},
    )


def _audit(document: Document) -> AuditRecord:
    return AuditRecord(
        id=new_id(),
        actor_kind="system",
        actor_id=None,
        address="",
        request_id=None,
        action="document.issued",
        object_kind="document",
        object_id=str(document.id),
        details={},
    )
