"""`verify` names the first broken record, whoever broke it: here somebody with every right.

The triggers and constraints are put aside first, as an operator with the files
in hand could: what the database refuses otherwise, the proof must still find.
"""

from datetime import date

import pytest
from sqlalchemy import create_engine, text

from billhook.db import db
from billhook.services import audit, billing, crediting, documents
from billhook.services.verifying import verify

from .conftest import END, make_charge


@pytest.fixture
def books(shop, customer, charge):
    """Three invoices, the second partly credited."""
    for reference in ("ann", "bob", "eve"):
        charge(customer(reference), "10", description="Work")
    billing.run(shop, until=END, issue_on=END)
    second = sorted(documents.listing(shop), key=lambda entry: entry.number)[1]
    crediting.credit(shop, second.id, lines={1: 400}, reason="Late", issue_on=date(2026, 11, 2))
    with shop.transaction():
        audit.link(shop)
    db.session.rollback()
    return shop


@pytest.fixture
def tamper(books, database_urls, backend):
    """Return a function that runs SQL with all guards put aside."""
    return lambda sql: _tamper(database_urls.owner, backend, sql)


def _tamper(url: str, backend: str, sql: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        if backend == "sqlite":
            _unguard_sqlite(connection)
        else:
            _unguard_postgresql(connection)
        assert connection.execute(text(sql)).rowcount >= 1
        connection.commit()
    engine.dispose()


def _unguard_sqlite(connection) -> None:
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
    for (name,) in connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    ).all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def _unguard_postgresql(connection) -> None:
    tables = connection.exec_driver_sql(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace s"
        " ON s.oid = c.relnamespace WHERE s.nspname = current_schema() AND relkind = 'r'"
        " AND relrowsecurity"
    ).all()
    for (table,) in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.exec_driver_sql(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for table, name in connection.exec_driver_sql(
        "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint"
        " JOIN pg_namespace s ON s.oid = connamespace WHERE s.nspname = current_schema()"
        " AND contype IN ('c', 'f') ORDER BY contype DESC"
    ).all():
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")


def broken(ctx):
    return {
        result.name: result.checked.broken.record
        for result in verify(ctx).checks
        if result.checked.broken
    }


def test_untouched_books_are_whole(books):
    verdict = verify(books)
    assert verdict.is_whole
    counts = {result.name: result.checked.count for result in verdict.checks}
    assert counts["documents"] == counts["journal"] == 4
    assert counts["audit"] > 4


SECOND = "(SELECT document_id FROM document_seal WHERE printed_number = 'INV-2026-00002')"
ENTRY = "(SELECT entry_id FROM entry_seal WHERE sequence = 2)"


@pytest.mark.parametrize(
    ("sql", "check", "record"),
    [
        (f"UPDATE document SET net = net + 1 WHERE id = {SECOND}", "documents", "INV-2026-00002"),
        (f"UPDATE document SET due_on = '2030-01-01' WHERE id = {SECOND}", "documents", "INV-2026-00002"),
        (f"UPDATE document SET currency = 'EUR' WHERE id = {SECOND}", "documents", "INV-2026-00002"),
        (f"UPDATE document SET type = 'quote' WHERE id = {SECOND}", "documents", "INV-2026-00002"),
        (f"UPDATE document SET content_hash = content WHERE id = {SECOND}", "documents", "INV-2026-00002"),
        (f"UPDATE document_line SET description = 'Play' WHERE document_id = {SECOND}", "documents", "INV-2026-00002"),
        (f"UPDATE document_line SET net = 1 WHERE document_id = {SECOND}", "documents", "INV-2026-00002"),
        (f"UPDATE document_tax SET tax = 1 WHERE document_id = {SECOND}", "documents", "INV-2026-00002"),
        (f"DELETE FROM document_tax WHERE document_id = {SECOND}", "documents", "INV-2026-00002"),
        ("UPDATE document_seal SET hash = content_hash WHERE number = 2", "documents", "INV-2026-00002"),
        ("UPDATE document_seal SET previous_hash = content_hash WHERE number = 2", "documents", "INV-2026-00002"),
        ("UPDATE document_seal SET printed_number = 'X' WHERE number = 2", "documents", "X"),
        ("DELETE FROM document_seal WHERE number = 2", "documents", "INV-2026-00003"),
        ("UPDATE party_snapshot SET content = salt", "documents", "INV-2026-00001"),
        ("UPDATE entry SET entry_on = '2026-01-01' WHERE id = " + ENTRY, "journal", "2"),
        ("UPDATE entry_seal SET content_hash = hash WHERE sequence = 2", "journal", "2"),
        ("UPDATE posting SET amount = amount + 1 WHERE line_no = 1 AND entry_id = " + ENTRY, "journal", "2"),
        ("UPDATE posting SET customer_id = NULL WHERE line_no = 1 AND entry_id = " + ENTRY, "journal", "2"),
        ("DELETE FROM posting WHERE line_no = 3 AND entry_id = " + ENTRY, "journal", "2"),
        ("UPDATE entry_seal SET hash = content_hash WHERE sequence = 2", "journal", "2"),
        ("DELETE FROM entry_seal WHERE sequence = 4", "journal", "4"),
        ("UPDATE journal_head SET last_sequence = 9", "journal", "9"),
        ("UPDATE receivable SET allocated = 1 WHERE allocated = 0", "settled", "INV-2026-00001"),
        ("UPDATE receivable SET amount = 1", "settled", "INV-2026-00001"),
        ("DELETE FROM allocation", "settled", "INV-2026-00002"),
        ("UPDATE line_balance SET credited = 399", "credited", "INV-2026-00002"),
        ("DELETE FROM charge_claim", "charges", "CHARGE"),
        ("UPDATE audit SET action = 'nothing' WHERE action = 'bill_run.started'", "audit", ""),
        ("DELETE FROM audit WHERE action = 'bill_run.started'", "audit", ""),
    ],
)  # fmt: skip
def test_each_change_is_found_and_named(books, tamper, sql, check, record):
    tamper(sql)
    found = broken(books)
    assert check in found
    if record not in ("", "CHARGE"):
        assert found[check] == record


def test_a_charge_that_waits_although_it_is_billed_is_found(books, tamper, charge, customer):
    make_charge(books, customer("new"), reference="again")
    db.session.rollback()
    tamper(
        "INSERT INTO charge_claim (tenant_id, charge_id, holder_id)"
        " SELECT tenant_id, charge_id, charge_id FROM charge_open"
    )
    assert broken(books) == {"charges": "again"}
