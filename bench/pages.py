"""CPU of pages on SQLite, against bare Flask, SQLAlchemy and Jinja pages of the same rows.

Ours, as a member who is logged in gets them: the list of documents (50 of 100,000), a
document's page, and the totals of a draft of ten lines that the editor asks for while
somebody types; and as a client gets them at the portal: the overview and a document. The floor of each, in the same run: a Flask route without log-in or
frame that selects the same rows by the ORM from the same database and writes the same
texts into a plain table by Jinja and Babel; for the totals it also multiplies and
rounds each line and one tax. What our document page loads when somebody opens it (the
reasons of the amounts, the form that sends) is in neither. The database works in the process, so that its time
counts for both. Rates are pages a second of CPU.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import _stage
import bill_run
import orjson
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask, render_template_string, request
from sqlalchemy import ColumnElement, event, select

from billhook.app import create_app
from billhook.db import TenantRow, db, tenant_scope
from billhook.models.artefacts import Artefact
from billhook.models.customers import Customer
from billhook.models.deliveries import Delivery
from billhook.models.documents import (
    DocumentEvent,
    DocumentLineRow,
    DocumentLink,
    DocumentRow,
    DocumentSeal,
    DocumentTaxRow,
    PartySnapshotRow,
)
from billhook.models.ledger import Receivable
from billhook.services import billing
from billhook.testing.browser import Browser
from billhook.testing.databases import SQLiteDatabases
from billhook.testing.members import join
from billhook.testing.plugin import make_config, migrate
from billhook.testing.portals import PortalBrowser, make_client
from billhook.testing.shops import acting

Row = TypeVar("Row", bound=TenantRow)

LOCALE = Locale("en")
EVE = "eve@bench.example"
SECONDS = 2.0

TABLE = """<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>
<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Pages a second of CPU, and how many queries one of ours takes."""

    rate: float
    floor_rate: float
    queries: int

    @property
    def cost(self) -> float:
        """How many times the CPU of the floor ours takes."""
        return self.floor_rate / self.rate


def money(minor: int) -> str:
    return str(format_decimal(Decimal(minor) / 100, format="#,##0.00", locale=LOCALE))


def day(value: date) -> str:
    return str(format_date(value, "medium", locale=LOCALE))


def quantity(value: Decimal) -> str:
    return str(format_decimal(value, locale=LOCALE))


def moment(value: datetime) -> str:
    return str(format_datetime(value, "medium", locale=LOCALE))


def bare_list() -> str:
    """Select and write fifty documents as the list shows them."""
    rows = db.session.execute(
        select(DocumentRow, DocumentSeal.printed_number, Customer.name)
        .join(DocumentSeal, DocumentSeal.document_id == DocumentRow.id)
        .join(Customer, Customer.id == DocumentRow.customer_id)
        .order_by(DocumentRow.issue_on.desc(), DocumentRow.id.desc())
        .limit(50)
    )
    cells = [
        (
            number,
            day(document.issue_on),
            day(document.due_on),
            name,
            document.type,
            "Not sent",
            money(document.gross),
            document.currency,
        )
        for document, number, name in rows
    ]
    return render_template_string(TABLE, title="Documents", rows=cells)


def bare_document(document_id: UUID) -> str:
    """Select what the page shows of a document, table by table, and write it."""
    document = one(DocumentRow, DocumentRow.id == document_id)
    seal = one(DocumentSeal, DocumentSeal.document_id == document_id)
    customer = one(Customer, Customer.id == document.customer_id)
    parties = {
        party.id: orjson.loads(party.content)
        for party in some(
            PartySnapshotRow, PartySnapshotRow.id.in_([document.seller_id, document.buyer_id])
        )
    }
    receivable = one(Receivable, Receivable.document_id == document_id)
    notes = some(DocumentRow, DocumentRow.credits_document_id == document_id)
    lines = some(DocumentLineRow, DocumentLineRow.document_id == document_id)
    taxes = some(DocumentTaxRow, DocumentTaxRow.document_id == document_id)
    happened = some(DocumentEvent, DocumentEvent.document_id == document_id)
    links = [
        *some(DocumentLink, DocumentLink.parent_id == document_id),
        *some(DocumentLink, DocumentLink.child_id == document_id),
    ]
    files = some(Artefact, Artefact.document_id == document_id)
    deliveries = some(Delivery, Delivery.document_id == document_id)
    cells: list[tuple[object, ...]] = [
        (document.type, seal.printed_number, customer.name, "Issued"),
        *(party_cells(parties[one_id]) for one_id in (document.seller_id, document.buyer_id)),
        ("Issued", day(document.issue_on), "Due", day(document.due_on)),
        *(line_cells(line, taxes) for line in sorted(lines, key=lambda line: line.line_no)),
        *((tax.tax_name, money(tax.net), quantity(tax.rate), money(tax.tax)) for tax in taxes),
        ("Net", money(document.net), document.currency),
        ("Tax", money(document.tax), document.currency),
        ("Payable", money(document.payable), document.currency),
        ("Payable until", day(document.due_on), "Reference", seal.printed_number),
        ("Total", money(document.payable), "Open", money(document.payable - receivable.allocated)),
        ("Issued", moment(document.issued_at)),
        *((moment(event.happened_at), event.kind, event.reason) for event in happened),
        *((moment(link.made_at), link.kind, link.part) for link in links),
        *((moment(note.issued_at), "Credited by", money(note.gross)) for note in notes),
        *((moment(file.made_at), file.kind, file.rules, file.sha256.hex()) for file in files),
        *((moment(each.created_at), each.channel, each.state) for each in deliveries),
        ("Seal", seal.hash.hex()),
    ]
    return render_template_string(TABLE, title=seal.printed_number, rows=cells)


def bare_overview(customer_id: UUID) -> str:
    """Select and add up what a client owes, and write its open items and newest documents."""
    owed = db.session.execute(
        select(Receivable, DocumentSeal.printed_number)
        .join(DocumentSeal, DocumentSeal.document_id == Receivable.document_id)
        .where(Receivable.payer_id == customer_id, Receivable.allocated < Receivable.amount)
        .order_by(Receivable.due_on)
    ).all()
    newest = db.session.execute(
        select(DocumentRow, DocumentSeal.printed_number)
        .join(DocumentSeal, DocumentSeal.document_id == DocumentRow.id)
        .where(DocumentRow.payer_id == customer_id)
        .order_by(DocumentRow.issue_on.desc(), DocumentRow.id.desc())
        .limit(5)
    ).all()
    cells: list[tuple[object, ...]] = [
        ("What you owe", money(sum(item.amount - item.allocated for item, _number in owed))),
        *(
            (number, day(item.due_on), money(item.amount - item.allocated))
            for item, number in owed
        ),
        *((number, day(row.issue_on), money(row.payable), row.currency) for row, number in newest),
    ]
    return render_template_string(TABLE, title="Overview", rows=cells)


def one(row: type[Row], condition: ColumnElement[bool]) -> Row:
    return db.session.scalars(select(row).where(condition)).one()


def some(row: type[Row], condition: ColumnElement[bool]) -> Sequence[Row]:
    return db.session.scalars(select(row).where(condition)).all()


def party_cells(party: dict[str, str]) -> tuple[str, ...]:
    names = ("name", "street", "postal_code", "city", "country", "tax_number", "reference")
    return tuple(party[name] for name in names)


def line_cells(line: DocumentLineRow, taxes: Sequence[DocumentTaxRow]) -> tuple[object, ...]:
    rate = next(tax.rate for tax in taxes if tax.group_no == line.group_no)
    return (
        line.line_no,
        line.description,
        quantity(line.quantity),
        quantity(line.unit_price),
        quantity(rate),
        money(line.net),
    )


def bare_totals() -> str:
    """Multiply, round and tax the lines that the form brings."""
    cells: list[tuple[object, ...]] = []
    net = 0
    for number in range(10):
        quantity = Decimal(request.form[f"lines-{number}-quantity"])
        price = Decimal(request.form[f"lines-{number}-unit_price"])
        amount = int((quantity * price * 100).quantize(Decimal(1), ROUND_HALF_UP))
        cells.append((number + 1, money(amount)))
        net += amount
    customer = db.session.scalars(
        select(Customer).where(Customer.reference == request.form["customer"])
    ).one()
    tax = int((Decimal(net) * 19 / 100).quantize(Decimal(1), ROUND_HALF_UP))
    cells += [(customer.name, ""), ("Net", money(net)), ("VAT 19 %", money(tax))]
    cells.append(("Gross", money(net + tax)))
    return render_template_string(TABLE, title="Totals", rows=cells)


def bare_application(config, tenant_id: UUID) -> Flask:
    """Make an application of nothing but the three routes, on the same database."""
    app = Flask("bare")
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    db.init_app(app)

    def within(page: Callable[..., str]) -> Callable[..., str]:
        def answer(**values: UUID) -> str:
            with tenant_scope(tenant_id):
                return page(**values)

        return answer

    app.add_url_rule("/list", "list", within(bare_list))
    app.add_url_rule("/documents/<uuid:document_id>", "document", within(bare_document))
    app.add_url_rule("/clients/<uuid:customer_id>", "overview", within(bare_overview))
    app.add_url_rule("/totals", "totals", within(bare_totals), methods=["POST"])
    return app


def rate(act: Callable[[], object]) -> float:
    """Return how often an act is done in a second of this process's CPU."""
    for _warm in range(5):
        act()
    count, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        act()
        count += 1
    return count / (time.process_time() - began)


def queries_of(app: Flask, act: Callable[[], object]) -> int:
    """Return how many statements an act sends."""
    sent = []
    with app.app_context():
        engine = db.engine

    def note(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    return len(sent)


def checked(answer, text: str) -> None:
    """Fail where a page is not what is measured."""
    assert answer.status_code == 200, answer.text[:2000]
    assert text in answer.text, f"{text} is not on the page"


def main() -> None:
    options = _stage.arguments(__doc__ or "")
    count = 4_000 if options.quick else 100_000
    with tempfile.TemporaryDirectory() as folder:
        databases = SQLiteDatabases(Path(folder), migrate)
        with databases.migrated("bench") as urls:
            config = make_config(urls, home=Path(folder) / "home")
            figures = measured(config, count)
    worst = max(figures.values(), key=lambda one: one.cost)
    shown: dict[str, object] = {
        "ratio": round(worst.cost, 2),
        "rate": round(worst.rate, 1),
        "floor_rate": round(worst.floor_rate, 1),
        "documents": count,
    }
    for name, one in figures.items():
        shown[f"{name}_ratio"] = round(one.cost, 2)
        shown[f"{name}_ms"] = round(1000 / one.rate, 2)
        shown[f"{name}_queries"] = one.queries
    _stage.show(shown, as_json=options.json)


def measured(config, count: int) -> dict[str, Measured]:
    """Fill a company with documents, and measure its pages beside the bare ones."""
    app = create_app(config)
    with app.app_context():
        bill_run.open_tenant("bench")
        bill_run.fill("bench", count)
        ada = join("bench", "ada@bench.example")
        with acting("bench") as ctx:
            billing.run(ctx, until=bill_run.DAY, issue_on=bill_run.DAY)
            document, client = db.session.execute(
                select(DocumentRow.id, DocumentRow.customer_id)
                .order_by(DocumentRow.id.desc())
                .limit(1)
            ).one()
            make_client(ctx, client, EVE)
            customer = db.session.scalar(select(Customer.reference).limit(1))
            db.session.rollback()
    browser = Browser(app.test_client())
    assert browser.log_in(ada.email).status_code == 303
    portal = PortalBrowser(app.test_client(), "bench")
    assert portal.log_in(EVE).status_code == 303
    bare = bare_application(config, ada.tenant_id).test_client()
    form = typed(customer)
    token = browser.token("/documents")
    acts = {
        "list": (lambda: browser.get("/documents"), lambda: bare.get("/list")),
        "document": (
            lambda: browser.get(f"/documents/{document}"),
            lambda: bare.get(f"/documents/{document}"),
        ),
        "totals": (
            lambda: browser.post("/drafts/totals", {**form, "csrf_token": token}),
            lambda: bare.post("/totals", data=form),
        ),
    }
    acts |= {
        "portal_overview": (lambda: portal.get("/"), lambda: bare.get(f"/clients/{client}")),
        "portal_document": (
            lambda: portal.get(f"/documents/{document}"),
            lambda: bare.get(f"/documents/{document}"),
        ),
    }
    for name in ("portal_overview", "portal_document"):
        checked(acts[name][0](), "INV-")
        checked(acts[name][1](), "INV-")
    checked(acts["list"][0](), "INV-")
    checked(acts["list"][1](), "INV-")
    checked(acts["document"][0](), "INV-")
    checked(acts["document"][1](), "INV-")
    checked(acts["totals"][0](), "1,487.50")
    checked(acts["totals"][1](), "1,487.50")
    return {
        name: Measured(rate(ours), rate(floor), queries_of(app, ours))
        for name, (ours, floor) in acts.items()
    }


def typed(customer: str) -> dict[str, str]:
    """Return the editor's form with ten lines that come to 1,250.00 net."""
    form = {"customer": customer, "currency": "EUR"}
    for number in range(10):
        form |= {
            f"lines-{number}-description": "Consulting",
            f"lines-{number}-quantity": "10",
            f"lines-{number}-unit_price": "12.50",
        }
    return form


if __name__ == "__main__":
    main()
