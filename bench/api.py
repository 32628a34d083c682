"""CPU of three requests to the API on SQLite, against bare Flask and SQLAlchemy routes with the same rows.

Ours, as a program with a key gets them: a list of 100 documents, a draft of ten lines
made, and a batch of 1,000 charges taken in, the writes with an idempotency key. The
floor of each, in the same run: a Flask route without key, checks, prices, taxes or
totals that parses the same JSON, selects or adds the same rows of the same tables by
the ORM in one transaction, and answers by `jsonify`. The rows of a write are all that
ours leaves behind: the thing itself, its audit row, its event with what is due, and the
memory of its key. Rates are requests a second of CPU; the database works in the process.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import count as counted
from pathlib import Path
from typing import Any
from uuid import UUID

import _stage
import bill_run
from flask import Flask, jsonify, request
from sqlalchemy import inspect, select

from billhook.app import create_app
from billhook.db import Base, db, tenant_scope
from billhook.ids import new_id
from billhook.models.audit import Audit
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.models.customers import Customer
from billhook.models.documents import DocumentRow, DocumentSeal
from billhook.models.drafts import Draft, DraftLine
from billhook.models.ledger import Receivable
from billhook.models.work import DueWork, Idempotency, Outbox
from billhook.services import billing
from billhook.testing.databases import SQLiteDatabases
from billhook.testing.plugin import make_config, migrate
from billhook.testing.programs import program
from billhook.testing.shops import acting

SECONDS = 2.0
CHARGES = 1_000
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second of CPU."""

    rate: float
    floor_rate: float

    @property
    def cost(self) -> float:
        """How many times the CPU of the floor ours takes."""
        return self.floor_rate / self.rate


def values_of(row: Base) -> Values:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}


def money(minor: int) -> str:
    return str(Decimal(minor).scaleb(-2))


class Bare:
    """The three routes; what ours wrote is the pattern of the rows that they add."""

    def __init__(self, tenant_id: UUID, patterns: dict[type[Base], Values]) -> None:
        self._tenant_id = tenant_id
        self._patterns = patterns

    def application(self, config) -> Flask:
        app = Flask("bare")
        app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
        db.init_app(app)
        for path, view, method in (
            ("/documents", self.documents, "GET"),
            ("/drafts", self.draft, "POST"),
            ("/charges", self.charges, "POST"),
        ):
            app.add_url_rule(path, path, self._within(view), methods=[method])
        return app

    def _within(self, view: Callable[[], Any]) -> Callable[[], Any]:
        def answer() -> Any:
            with tenant_scope(self._tenant_id):
                return view()

        return answer

    def documents(self) -> Any:
        rows = db.session.execute(
            select(DocumentRow, DocumentSeal, Customer, Receivable)
            .join(DocumentSeal, DocumentSeal.document_id == DocumentRow.id)
            .join(Customer, Customer.id == DocumentRow.customer_id)
            .join(Receivable, Receivable.document_id == DocumentRow.id)
            .order_by(DocumentRow.issue_on.desc(), DocumentRow.id.desc())
            .limit(100)
        )
        return jsonify(
            data=[
                {
                    "id": str(document.id),
                    "number": seal.printed_number,
                    "type": document.type,
                    "customer_id": str(document.customer_id),
                    "customer": customer.reference,
                    "customer_name": customer.name,
                    "currency": document.currency,
                    "issue_on": document.issue_on.isoformat(),
                    "due_on": document.due_on.isoformat(),
                    "net": money(document.net),
                    "tax": money(document.tax),
                    "gross": money(document.gross),
                    "payable": money(document.payable),
                    "open": money(document.payable - receivable.allocated),
                    "hash": seal.hash.hex(),
                }
                for document, seal, customer, receivable in rows
            ]
        )

    def draft(self) -> Any:
        given = request.get_json()
        customer = db.session.scalars(
            select(Customer).where(Customer.reference == given["customer"])
        ).one()
        draft_id = new_id()
        db.session.add(self._row(Draft, id=draft_id, customer_id=customer.id))
        db.session.flush()
        for number, line in enumerate(given["lines"], start=1):
            db.session.add(
                self._row(
                    DraftLine,
                    draft_id=draft_id,
                    line_no=number,
                    key=new_id(),
                    description=line["description"],
                    quantity=Decimal(line["quantity"]),
                    unit_price=Decimal(line["unit_price"]),
                )
            )
        self._add_memory(given)
        return jsonify(id=str(draft_id)), 201

    def charges(self) -> Any:
        given = request.get_json()["charges"]
        names = {one["customer"] for one in given}
        customers = {
            row.reference: row.id
            for row in db.session.scalars(select(Customer).where(Customer.reference.in_(names)))
        }
        rows = [
            self._row(
                ChargeRow,
                id=new_id(),
                reference=one["reference"],
                customer_id=customers[one["customer"]],
                payer_id=customers[one["customer"]],
                description=one["description"],
                quantity=Decimal(one["quantity"]),
                unit_price=Decimal(one["unit_price"]),
            )
            for one in given
        ]
        db.session.add_all(rows)
        db.session.flush()
        for row in rows:
            db.session.add(self._row(ChargeOpen, charge_id=row.id, payer_id=row.payer_id))
        self._add_memory(given)
        return jsonify(data=[{"id": str(row.id), "reference": row.reference} for row in rows])

    def _add_memory(self, given: Any) -> None:
        """Add what goes with each write, and commit."""
        batch = new_id()
        db.session.add(self._row(Audit, id=new_id()))
        db.session.add(self._row(Outbox, id=new_id(), batch_id=batch, key=None))
        db.session.add(self._row(DueWork, batch_id=batch))
        db.session.add(self._row(Idempotency, key=new_id().hex))
        db.session.commit()

    def _row(self, kind: type[Base], **values: Any) -> Base:
        return kind(**{**self._patterns[kind], **values})


def rate(act: Callable[[], object]) -> float:
    """Return how often an act is done in a second of this process's CPU."""
    for _warm in range(3):
        act()
    done, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        act()
        done += 1
    return done / (time.process_time() - began)


def checked(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.text[:2000]


def main() -> None:
    options = _stage.arguments(__doc__ or "")
    documents = 2_000 if options.quick else 100_000
    with tempfile.TemporaryDirectory() as folder:
        databases = SQLiteDatabases(Path(folder), migrate)
        with databases.migrated("bench") as urls:
            config = make_config(urls, home=Path(folder) / "home")
            figures = measured(config, documents)
    worst = max(figures.values(), key=lambda one: one.cost)
    shown: dict[str, object] = {
        "ratio": round(worst.cost, 2),
        "rate": round(worst.rate, 1),
        "floor_rate": round(worst.floor_rate, 1),
        "documents": documents,
    }
    for name, one in figures.items():
        shown[f"{name}_ratio"] = round(one.cost, 2)
        shown[f"{name}_ms"] = round(1000 / one.rate, 2)
        shown[f"{name}_floor_ms"] = round(1000 / one.floor_rate, 2)
    _stage.show(shown, as_json=options.json)


def measured(config, documents: int) -> dict[str, Measured]:
    """Fill a company with documents, and measure the API beside the bare routes."""
    app = create_app(config)
    with app.app_context():
        bill_run.open_tenant("bench")
        bill_run.fill("bench", documents)
        with acting("bench") as ctx:
            billing.run(ctx, until=bill_run.DAY, issue_on=bill_run.DAY)
            references = list(db.session.scalars(select(Customer.reference).limit(100)))
            db.session.rollback()
            at = _Endless(app, ctx)
            tenant_id = ctx.tenant.id
    ours, bodies = at.programs(), Bodies(references)
    acts = {
        "list": lambda: next(ours).get("/documents", limit="100"),
        "draft": lambda: next(ours).post("/drafts", bodies.draft(), key=new_id().hex),
        "charges": lambda: next(ours).post("/charges", bodies.charges(), key=new_id().hex),
    }
    checked(acts["list"](), 200)
    checked(acts["draft"](), 201)
    checked(acts["charges"](), 200)
    with app.app_context(), tenant_scope(tenant_id):
        patterns = {kind: _newest(kind) for kind in _KINDS}
    bare = Bare(tenant_id, patterns).application(config).test_client()
    floors = {
        "list": lambda: bare.get("/documents"),
        "draft": lambda: bare.post("/drafts", json=bodies.draft()),
        "charges": lambda: bare.post("/charges", json=bodies.charges()),
    }
    checked(floors["list"](), 200)
    checked(floors["draft"](), 201)
    checked(floors["charges"](), 200)
    return {name: Measured(rate(acts[name]), rate(floors[name])) for name in acts}


_KINDS: tuple[type[Base], ...] = (
    *(Draft, DraftLine, ChargeRow, ChargeOpen),
    *(Audit, Outbox, DueWork, Idempotency),
)


def _newest(kind: type[Base]) -> Values:
    row = db.session.scalars(select(kind).limit(1)).first()
    assert row is not None, kind
    values = values_of(row)
    db.session.expunge(row)
    return values


class _Endless:
    """Programs of one tenant, a new one before its key may ask no more this minute."""

    def __init__(self, app: Flask, ctx: Any) -> None:
        self._programs = [program(app, ctx) for _each in range(4)]

    def programs(self):
        for number in counted():
            yield self._programs[number // 1_000 % len(self._programs)]


class Bodies:
    """Requests, each with references of its own."""

    def __init__(self, customers: list[str]) -> None:
        self._customers = customers
        self._numbers = counted()

    def draft(self) -> Values:
        line = {"description": "Consulting", "quantity": "10", "unit_price": "12.50"}
        return {"customer": self._customers[0], "lines": [line] * 10}

    def charges(self) -> Values:
        return {
            "charges": [
                {
                    "source": "bench",
                    "reference": f"R-{next(self._numbers)}",
                    "customer": self._customers[number % len(self._customers)],
                    "date": "2026-10-15",
                    "description": "Consulting",
                    "quantity": "2.5",
                    "unit_price": "80.00",
                    "currency": "EUR",
                }
                for number in range(CHARGES)
            ]
        }


if __name__ == "__main__":
    main()
