"""Two tenants with a row in every table that never changes: what attackers find."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from billhook.db import db, install_guards, transaction
from billhook.domain.documents import Document, DocumentAdjustment
from billhook.domain.ledger import AccountType
from billhook.domain.sealing import FIRST
from billhook.domain.states import DocumentType
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.ids import new_id
from billhook.kernel import post, prepare
from billhook.kernel.batch import SeriesRunRef
from billhook.models.artefacts import Artefact
from billhook.models.audit import Audit, AuditLink
from billhook.models.brands import BrandRow, TemplateRow
from billhook.models.customers import Customer
from billhook.models.deliveries import (
    Delivery,
    DeliveryPreference,
    DeliveryRecipient,
    DeliveryStep,
)
from billhook.models.documents import DocumentEvent, SeriesRun
from billhook.models.drafts import Draft, DraftAttachment
from billhook.models.files import File
from billhook.models.ledger import Account, Allocation, Credit, LineBalance, Receivable
from billhook.models.products import Price, Product
from billhook.testing.factories import NOW, Books, open_books


@dataclass(frozen=True, kw_only=True)
class GoneOut:
    """What went out about an invoice: a row in each table of it."""

    file: UUID
    brand: UUID
    draft: UUID
    artefact: UUID
    delivery: UUID


@dataclass(frozen=True, kw_only=True)
class World:
    """The tenant that is attacked, and another."""

    ours: Books
    theirs: Books
    invoice: Document
    """Issued, of three lines, each of a charge; 400 of its first line is credited."""
    adjusted: Document
    """Issued, with a discount; the last of its series."""
    credit_note: Document
    their_invoice: Document
    open_charge: UUID
    their_charge: UUID
    dollars: UUID
    """An account in another currency."""
    empty_run: SeriesRunRef
    stranger: UUID
    """Another customer of ours."""
    out: GoneOut
    their_out: GoneOut


def make_world(url: str) -> World:
    """Fill a migrated database through the kernel."""
    app = Flask("world")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    with app.app_context():
        install_guards(db.engine)
        try:
            return _filled()
        finally:
            db.session.remove()
            db.engine.dispose()


def _filled() -> World:
    theirs = open_books("other")
    with theirs.acting(), transaction() as session:
        their_charge = theirs.charge()
        session.add(their_charge)
        their_invoice = theirs.invoice()
        post(session, prepare(theirs.batch(their_invoice)))
        their_out = _sent_out(session, theirs, their_invoice)
    ours = open_books("shop")
    with ours.acting():
        charges = [ours.charge() for _ in range(4)]
        invoice = ours.invoice(charges=[charge.id for charge in charges[:3]])
        adjusted = with_discount(ours.invoice((1000, 500)), 100)
        with transaction() as session:
            session.add_all(charges)
            session.flush()
            post(session, prepare(ours.batch(invoice)))
            post(session, prepare(ours.batch(adjusted)))
        with transaction() as session:
            credit_note = ours.credit_note(invoice, (400,))
            session.add(LineBalance(document_id=invoice.id, line_no=1, amount=1000, credited=400))
            post(session, prepare(ours.batch(credit_note)))
        stranger, dollars, empty_run = _further_rows(ours, invoice)
        with transaction() as session:
            out = _sent_out(session, ours, invoice)
    return World(
        ours=ours,
        theirs=theirs,
        invoice=invoice,
        adjusted=adjusted,
        credit_note=credit_note,
        their_invoice=their_invoice,
        open_charge=charges[3].id,
        their_charge=their_charge.id,
        dollars=dollars,
        empty_run=empty_run,
        stranger=stranger,
        out=out,
        their_out=their_out,
    )


def with_discount(document: Document, discount: int) -> Document:
    """Take a discount of so many minor units off the whole document."""
    allowance = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Loyal", amount=discount)
    (group,) = document.groups
    net = document.net - discount
    tax = net // 5
    return replace(
        document,
        adjustments=(DocumentAdjustment(adjustment=allowance, net=-discount, group_no=0),),
        groups=(replace(group, net=net, tax=tax, component_taxes=(tax,)),),
        net=net,
        tax=tax,
        gross=net + tax,
        payable=net + tax,
    )


def _further_rows(books: Books, invoice: Document) -> tuple[UUID, UUID, SeriesRunRef]:
    """Add what the kernel does not write: a row in each remaining append-only table."""
    with transaction() as session:
        run = session.execute(
            db.select(SeriesRun.series_id).where(
                SeriesRun.id == books.series[DocumentType.INVOICE].id
            )
        ).scalar_one()
        empty = SeriesRun(
            id=new_id(),
            series_id=run,
            year=2027,
            first_number=1,
            last_number=0,
            last_hash=FIRST,
        )
        stranger = _customer_like(session, books)
        dollars = Account(
            id=new_id(), code="1200", currency="USD", name="Dollars", type=AccountType.ASSET.value
        )
        product = Product(id=new_id(), sku="P", name="Product", created_at=NOW)
        session.add_all([empty, stranger, dollars, product])
        session.flush()
        session.add(
            Price(
                id=new_id(),
                product_id=product.id,
                currency="EUR",
                model="pricing_standard.flat",
                parameters={},
                valid_from=date(2026, 1, 1),
                created_at=NOW,
            )
        )
        session.add(
            DocumentEvent(
                id=new_id(), document_id=invoice.id, kind="sent", details={}, happened_at=NOW
            )
        )
        _settle(session, invoice)
        _chain_audit(session)
    pattern = books.series[DocumentType.INVOICE].pattern
    return stranger.id, dollars.id, SeriesRunRef(id=empty.id, pattern=f"X{pattern}")


def _customer_like(session: Session, books: Books) -> Customer:
    found = session.scalars(db.select(Customer).where(Customer.id == books.customer_id)).one()
    return Customer(
        id=new_id(),
        reference="C2",
        name="Stranger",
        country=found.country,
        currency=found.currency,
        language=found.language,
        time_zone=found.time_zone,
        created_at=NOW,
    )


def _settle(session: Session, invoice: Document) -> None:
    receivable = session.scalars(
        db.select(Receivable).where(Receivable.document_id == invoice.id)
    ).one()
    credit = session.scalars(db.select(Credit)).one()
    receivable.allocated = credit.allocated = 100
    session.add(
        Allocation(
            id=new_id(),
            receivable_id=receivable.id,
            credit_id=credit.id,
            amount=100,
            allocated_on=date(2026, 1, 20),
            created_at=NOW,
        )
    )


def _chain_audit(session: Session) -> None:
    found = session.scalars(db.select(Audit).limit(1)).one()
    session.add(
        AuditLink(sequence=1, audit_id=found.id, previous_hash=FIRST, hash=bytes(range(32)))
    )


def _sent_out(session: Session, books: Books, invoice: Document) -> GoneOut:
    """Write all that is there of a document which was printed and sent."""
    made = GoneOut(
        file=new_id(), brand=new_id(), draft=new_id(), artefact=new_id(), delivery=new_id()
    )
    session.add(_file(made.file))
    session.flush()
    session.add_all([_brand(made), _draft(books, made.draft)])
    session.flush()
    session.add_all(
        [
            TemplateRow(brand_id=made.brand, document_type="invoice", blocks=[], columns=[]),
            DraftAttachment(draft_id=made.draft, file_id=made.file, position=1),
            DeliveryPreference(customer_id=books.customer_id, brand_id=made.brand),
            _artefact(invoice, made),
            _delivery(invoice, made),
        ]
    )
    session.flush()
    session.add(
        DeliveryRecipient(
            delivery_id=made.delivery, position=1, kind="to", address="a@b.example", state="sent"
        )
    )
    session.add(DeliveryStep(id=new_id(), delivery_id=made.delivery, kind="sent", happened_at=NOW))
    return made


def _file(file_id: UUID) -> File:
    return File(
        id=file_id,
        name="a.pdf",
        content_type="application/pdf",
        size=1,
        sha256=bytes(32),
        created_at=NOW,
    )


def _brand(made: GoneOut) -> BrandRow:
    return BrandRow(
        id=made.brand,
        code="default",
        name="Brand",
        theme="default",
        renderer="paper.print",
        logo_file_id=made.file,
        is_default=True,
    )


def _draft(books: Books, draft_id: UUID) -> Draft:
    return Draft(
        id=draft_id,
        type="invoice",
        state="open",
        customer_id=books.customer_id,
        payer_id=books.customer_id,
        currency=books.currency,
        created_at=NOW,
    )


def _artefact(invoice: Document, made: GoneOut) -> Artefact:
    return Artefact(
        id=made.artefact,
        document_id=invoice.id,
        kind="print",
        provider="paper.print",
        file_id=made.file,
        sha256=bytes(32),
        made_by={},
        made_at=NOW,
    )


def _delivery(invoice: Document, made: GoneOut) -> Delivery:
    return Delivery(
        id=made.delivery,
        document_id=invoice.id,
        channel="paper.pigeon",
        key=f"{invoice.id}:paper.pigeon",
        state="sent",
        sender={"name": "Shop", "email": "", "reply_to": ""},
        language="en",
        subject="Invoice",
        text="Text",
        html="<p>Text</p>",
        artefacts=[str(made.artefact)],
        pictures=[{"name": "logo.png", "file_id": str(made.file)}],
        created_at=NOW,
    )
