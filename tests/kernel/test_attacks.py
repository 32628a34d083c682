"""No change of data makes the books wrong: every attack is refused, by the guard that is named.

On PostgreSQL each is tried as the runtime role and as the owner of the tables, on
SQLite as whoever opens the file with the connection's settings.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError
from tests.kernel.forging import Forger, connected, drop, edit, guard_of, resealed
from tests.kernel.world import World, make_world, with_discount

from billhook.domain.sealing import FIRST
from billhook.domain.states import DocumentType
from billhook.domain.tax import ComponentKind, TaxComponent, TaxTreatment
from billhook.ids import new_id
from billhook.kernel.rows import RowSet
from billhook.testing.factories import ISSUE_ON

IS_POSTGRESQL = os.environ.get("BILLHOOK_TEST_BACKEND") == "postgresql"
ROLES = ("runtime", "owner") if IS_POSTGRESQL else ("anyone",)

OTHER = bytes(range(32))
TWO_RATES = TaxTreatment(
    components=(
        TaxComponent(tax="GST", country="CA", rate=Decimal(5)),
        TaxComponent(tax="PST", country="CA", rate=Decimal(7)),
        TaxComponent(tax="IRPF", country="ES", rate=Decimal(15), kind=ComponentKind.WITHHOLDING),
    ),
    category="S",
)


@pytest.fixture(scope="module")
def place(databases, worker_name):
    with databases.migrated(f"{worker_name}_attacks") as urls:
        yield urls, make_world(urls.runtime)


@pytest.fixture(params=ROLES)
def role(request):
    return request.param


@pytest.fixture
def forger(place, role):
    urls, world = place
    url = urls.owner if role == "owner" else urls.runtime
    with connected(url, world.ours.tenant_id) as connection:
        yield Forger(connection, world.ours)


@pytest.fixture
def world(place):
    return place[1]


@dataclass(frozen=True)
class Attack:
    """What is tried, and which guard refuses it, where they differ by database or role."""

    name: str
    act: Callable[[Forger, World], object]
    guard: str = ""
    sqlite: str = ""
    runtime: str = ""

    def guard_for(self, role: str) -> str:
        special = {"runtime": self.runtime, "anyone": self.sqlite}.get(role)
        return special or self.guard


def refused_by(forger: Forger, act: Callable[[], object]) -> str:
    """Try to commit it; name what refused, or return an empty text where nothing did."""
    try:
        act()
        if IS_POSTGRESQL:
            forger.run("SET CONSTRAINTS ALL IMMEDIATE")  # as the commit would check them
        else:
            forger.connection.commit()
    except DBAPIError as error:
        return guard_of(error)
    return ""


def posting(changes, document=None):
    """Post a document with changes to its rows."""
    return lambda forger, world: forger.post(
        document(forger) if document else forger.books.invoice(), changes
    )


def sql(statement, **values):
    """Run one statement; a value that is a function gets the world."""

    def act(forger, world):
        given = {
            name: value(world) if callable(value) else value for name, value in values.items()
        }
        forger.run(statement, **given)

    return act


# Rows that never change

NEVER_CHANGE = (
    "charge",
    "document",
    "document_line",
    "document_adjustment",
    "document_tax",
    "document_seal",
    "document_event",
    "entry",
    "posting",
    "entry_seal",
    "audit",
    "audit_link",
    "price",
    "allocation",
)
NEVER_GO = (
    *NEVER_CHANGE,
    "party_snapshot",
    "receivable",
    "credit",
    "line_balance",
    "series_run",
    "journal_head",
    "account",
)
KEYS = {
    "document_line": "document_id, line_no",
    "document_adjustment": "document_id, adjustment_no",
    "document_tax": "document_id, group_no, component_no",
    "document_seal": "document_id",
    "posting": "entry_id, line_no",
    "entry_seal": "entry_id",
    "audit_link": "sequence",
    "line_balance": "document_id, line_no",
}
# SQLite asks these before it comes to the row that is in the way.
FIRST_ASKED = {
    "document_line": "document_sealed",
    "document_adjustment": "document_sealed",
    "document_tax": "document_sealed",
    "receivable": "document_sealed",
    "credit": "document_sealed",
    "document_seal": "series_head",
    "posting": "entry_sealed",
    "entry_seal": "journal_head",
    "journal_head": "journal_head",
    "series_run": "series_head",
}


def verbs():
    """Every way to change or remove a row that a statement has."""
    for table in NEVER_CHANGE:
        yield Attack(
            f"UPDATE {table}",
            sql(f"UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = :tenant"),
            "append_only",
            runtime=f"grant: permission denied for table {table}",
        )
        yield Attack(
            f"UPSERT {table}",
            sql(
                f"INSERT INTO {table} SELECT * FROM {table} WHERE tenant_id = :tenant"
                f" ON CONFLICT (tenant_id{', ' if key(table) else ''}{key(table)})"
                " DO UPDATE SET tenant_id = excluded.tenant_id"
            ),
            "append_only",
            runtime=f"grant: permission denied for table {table}",
            sqlite=FIRST_ASKED.get(table, "append_only"),
        )
    for table in NEVER_GO:
        yield Attack(
            f"DELETE FROM {table}",
            sql(f"DELETE FROM {table} WHERE tenant_id = :tenant"),
            "append_only",
            runtime=f"grant: permission denied for table {table}",
        )
        if IS_POSTGRESQL:
            yield Attack(
                f"TRUNCATE {table}",
                sql(f"TRUNCATE {table} CASCADE"),
                "append_only",
                runtime=f"grant: permission denied for table {table}",
            )
            yield Attack(
                f"COPY {table} FROM",
                sql(f"COPY {table} FROM STDIN"),
                "wall",
            )
        else:
            yield Attack(
                f"INSERT OR REPLACE INTO {table}",
                sql(
                    f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
                    " WHERE tenant_id = :tenant"
                ),
                FIRST_ASKED.get(table, "append_only"),
            )


def key(table):
    return "" if table == "journal_head" else KEYS.get(table, "id")


# Rows that change in one way only

ONE_WAY = [
    Attack(
        f"{table}.{column} changes",
        sql(f"UPDATE {table} SET {column} = {column} {change} WHERE tenant_id = :tenant"),
        "append_only",
        runtime=f"grant: permission denied for table {table}",
    )
    for table, column, change in (
        ("receivable", "amount", "+ 1"),
        ("credit", "amount", "+ 1"),
        ("line_balance", "amount", "+ 1"),
        ("account", "code", "|| '0'"),
        ("series_run", "year", "+ 1"),
        ("charge_claim", "holder_id", ""),
    )
]
ONE_WAY += [
    Attack(
        "a party's data changes",
        sql(
            "UPDATE party_snapshot SET content = :other, salt = :other WHERE tenant_id = :tenant",
            other=OTHER,
        ),
        "append_only",
    ),
    Attack(
        "more is allocated than is owed",
        sql("UPDATE receivable SET allocated = amount + 1 WHERE tenant_id = :tenant"),
        "ck_receivable_allocated",
    ),
    Attack(
        "less than nothing is allocated",
        sql("UPDATE credit SET allocated = -1 WHERE tenant_id = :tenant"),
        "ck_credit_allocated",
    ),
    Attack(
        "more is credited than a line was billed",
        sql("UPDATE line_balance SET credited = amount + 1 WHERE tenant_id = :tenant"),
        "ck_line_balance_credited",
    ),
    Attack(
        "a tenant takes another name",
        sql("UPDATE tenant SET slug = 'better' WHERE id = :tenant"),
        "tenant_fixed",
    ),
    Attack(
        "a tenant becomes a sandbox",
        sql("UPDATE tenant SET is_sandbox = (1 = 1) WHERE id = :tenant"),
        "tenant_fixed",
    ),
]

ONE_WAY += [
    Attack(
        f"a tenant moves its {name}",
        sql(f"UPDATE tenant SET {name} = {value} WHERE id = :tenant"),
        guard,
    )
    for name, value, guard in (
        ("currency", "'USD'", "tenant_fixed"),
        ("country", "'DE'", "tenant_fixed"),
        ("clock_offset_seconds", "60", "ck_tenant_clock_offset"),
    )
]

# The ledger


def account(code, currency="EUR"):
    """Post to another account than the document's own."""
    return lambda world: world.ours.accounts[code, currency]


LEDGER = [
    Attack(
        "an entry does not balance",
        posting({"posting": edit(1, amount=lambda old: old + 1)}),
        "entry_balances",
    ),
    Attack(
        "an entry does not balance in the base currency",
        posting({"posting": edit(1, base_amount=lambda old: old + 1)}),
        "entry_balances",
    ),
    Attack(
        "an entry balances over two currencies only",
        lambda forger, world: forger.post(
            forger.books.invoice(),
            {"posting": edit(1, currency="USD", account_id=world.dollars)},
        ),
        "entry_balances",
    ),
    Attack("an entry has one posting", posting({"posting": drop(1, 2)}), "entry_balances"),
    Attack(
        "an entry has no postings",
        posting({"posting": drop()}),
        "fk_entry_posted|document_posted",
        sqlite="document_posted",
    ),
    Attack(
        "an entry's first posting is missing",
        posting(
            {"posting": lambda rows: [{**row, "line_no": row["line_no"] + 1} for row in rows]}
        ),
        "entry_balances",
        sqlite="document_posted",
    ),
    Attack(
        "an entry has no seal", posting({"entry_seal": drop()}), "fk_entry_sealed", "foreign key"
    ),
    Attack(
        "a sealed entry gets two more postings",
        lambda forger, world: late_postings(forger, first=5),
        "entry_balances",
        sqlite="entry_sealed",
    ),
    Attack(
        "a sealed entry gets postings under numbers that it has",
        lambda forger, world: late_postings(forger, first=1),
        "pk_posting",
        sqlite="entry_sealed",
    ),
    Attack(
        "a posting's account is in another currency",
        lambda forger, world: forger.post(
            forger.books.invoice(), {"posting": edit(1, account_id=world.dollars)}
        ),
        "fk_posting_tenant_id_account_id_currency",
        sqlite="foreign key",
    ),
    Attack(
        "a posting's account is another tenant's",
        lambda forger, world: forger.post(
            forger.books.invoice(),
            {"posting": edit(1, account_id=world.theirs.accounts["4000", "EUR"])},
        ),
        "fk_posting_tenant_id_account_id_currency",
        sqlite="foreign key",
    ),
    Attack(
        "a seal of the journal is of another content",
        posting({"entry_seal": resealed(content_hash=OTHER)}),
        "seal_matches",
    ),
    Attack(
        "a seal of the journal leaves a number out",
        posting({"entry_seal": resealed(sequence=lambda old: old + 1)}),
        "ck_entry_seal_gapless",
        sqlite="journal_head",
    ),
    Attack(
        "a seal of the journal follows one that does not exist",
        posting(
            {
                "entry_seal": resealed(
                    sequence=lambda old: old + 1, previous_sequence=lambda old: old + 1
                )
            }
        ),
        "fk_entry_seal_chain|journal_head",
    ),
    Attack(
        "a seal of the journal follows one that is followed already",
        posting({"entry_seal": lambda rows: fork(rows, "sequence")}),
        "uq_entry_seal_tenant_id_sequence",
        sqlite="journal_head",
    ),
    Attack(
        "a seal begins the journal a second time",
        posting(
            {
                "entry_seal": resealed(
                    sequence=lambda old: old + 1, previous_sequence=None, previous_hash=FIRST
                )
            }
        ),
        "uq_entry_seal_tenant_id_previous_hash",
        sqlite="journal_head",
    ),
    Attack(
        "a seal of the journal has no previous one",
        posting({"entry_seal": resealed(previous_sequence=None)}),
        "ck_entry_seal_first",
    ),
    Attack(
        "a seal of the journal carries another link than its own",
        posting({"entry_seal": edit(previous_hash=OTHER)}),
        "ck_entry_seal_hash",
        sqlite="journal_head",
    ),
    Attack(
        "an entry is posted into a closed period",
        lambda forger, world: (close(forger), forger.post(forger.books.invoice())),
        "period_closed",
    ),
    Attack(
        "a closed period is opened",
        lambda forger, world: (
            close(forger),
            forger.run("UPDATE journal_head SET closed_through = NULL WHERE tenant_id = :tenant"),
        ),
        "period_closed",
    ),
    Attack(
        "the end of a closed period goes back",
        lambda forger, world: (close(forger), close(forger, ISSUE_ON - timedelta(days=1))),
        "period_closed",
    ),
    Attack(
        "the head of the journal runs ahead",
        sql("UPDATE journal_head SET last_sequence = last_sequence + 1 WHERE tenant_id = :tenant"),
        "journal_head",
    ),
    Attack(
        "the head of the journal goes back to its first seal",
        sql(
            "UPDATE journal_head SET last_sequence = 1, last_hash = (SELECT hash FROM entry_seal"
            " WHERE tenant_id = :tenant AND sequence = 1) WHERE tenant_id = :tenant"
        ),
        "journal_head",
    ),
    Attack(
        "the head of the journal takes another hash",
        sql("UPDATE journal_head SET last_hash = :other WHERE tenant_id = :tenant", other=OTHER),
        "journal_head",
    ),
    Attack(
        "a journal begins in its middle",
        sql(
            "INSERT INTO journal_head (tenant_id, last_sequence, last_hash)"
            " VALUES (:tenant, 7, :other)",
            other=OTHER,
        ),
        "journal_head",
    ),
]


def late_postings(forger, first):
    entry_id, account_id = forger.run(
        "SELECT entry_id, account_id FROM posting WHERE tenant_id = :tenant AND line_no = 2"
    ).first()
    for_one = (forger.books.tenant_id, id_of(entry_id))
    rest = (id_of(account_id), "EUR")
    rows = [
        (*for_one, first + place, *rest, amount, amount, None, None, "", None)
        for place, amount in enumerate((5, -5))
    ]
    forger.insert(RowSet("posting", rows))


def close(forger, through=ISSUE_ON):
    forger.run(
        "UPDATE journal_head SET closed_through = :through WHERE tenant_id = :tenant",
        through=through,
    )


# Documents

DOCUMENTS = [
    Attack(
        "a line is a cent more than the totals say",
        posting({"document_line": edit(net=lambda old: old + 1)}),
        "document_totals",
    ),
    Attack(
        "a line is missing",
        posting({"document_line": drop(1)}),
        "document_totals",
    ),
    Attack("there are no lines", posting({"document_line": drop()}), "document_totals"),
    Attack(
        "lines are not numbered in sequence",
        posting({"document_line": edit(2, line_no=4)}),
        "document_totals",
    ),
    Attack(
        "a line stands in another tax group",
        posting({"document_line": edit(group_no=1)}),
        "document_totals",
    ),
    Attack(
        "a discount is a cent more than the totals say",
        posting(
            {"document_adjustment": edit(net=lambda old: old - 1)},
            lambda forger: with_discount(forger.books.invoice(), 100),
        ),
        "document_totals",
    ),
    Attack(
        "the tax is a cent more than the total says",
        posting({"document_tax": edit(tax=lambda old: old + 1)}),
        "document_totals",
    ),
    Attack(
        "the taxed net is a cent more than its lines",
        posting({"document_tax": edit(net=lambda old: old + 1)}),
        "document_totals",
    ),
    Attack(
        "two taxes of a group have different nets",
        posting(
            {"document_tax": edit(1, net=lambda old: old + 1)},
            lambda forger: forger.books.invoice(treatment=TWO_RATES),
        ),
        "document_totals",
    ),
    Attack(
        "what is withheld counts as tax",
        posting(
            {"document_tax": edit(2, kind="plain")},
            lambda forger: forger.books.invoice(treatment=TWO_RATES),
        ),
        "document_totals",
    ),
    Attack(
        "gross is not net and tax",
        posting({"document": edit(gross=lambda old: old + 1)}),
        "ck_document_gross",
    ),
    Attack(
        "payable is not gross",
        posting({"document": edit(payable=lambda old: old + 1)}),
        "ck_document_payable",
    ),
    Attack(
        "an invoice is not posted",
        posting({"document": edit(entry_id=None)}),
        "ck_document_posted",
    ),
    Attack(
        "the base amount is another in the same currency",
        posting({"document": edit(base_net=lambda old: old + 1)}),
        "ck_document_base",
    ),
    Attack(
        "another amount is posted",
        posting(
            {
                "posting": lambda rows: [
                    *edit(amount=lambda old: old + 1, base_amount=lambda old: old + 1)(
                        edit(1, amount=lambda old: old - 1, base_amount=lambda old: old - 1)(rows)
                    )
                ]
            }
        ),
        "document_posted",
    ),
    Attack(
        "another customer's account is posted to",
        lambda forger, world: forger.post(
            forger.books.invoice(), {"posting": edit(customer_id=world.stranger)}
        ),
        "document_posted",
    ),
    Attack(
        "the entry is of another day",
        posting({"entry": edit(entry_on=ISSUE_ON + timedelta(days=1))}),
        "document_posted",
    ),
    Attack(
        "the entry is of another source",
        posting({"entry": edit(source_id=new_id())}),
        "document_posted",
    ),
    Attack(
        "the entry is another document's",
        lambda forger, world: forger.post(
            forger.books.invoice(),
            {"document": edit(entry_id=entry_of(forger, world.invoice.id))},
        ),
        "uq_document_tenant_id_entry_id",
        sqlite="document.tenant_id, document.entry_id",
    ),
    Attack("nothing is owed", posting({"receivable": drop()}), "document_posted"),
    Attack(
        "less is owed than is payable",
        posting({"receivable": edit(amount=lambda old: old - 1)}),
        "document_posted",
    ),
    Attack(
        "another customer owes it",
        lambda forger, world: forger.post(
            forger.books.invoice(), {"receivable": edit(payer_id=world.stranger)}
        ),
        "document_posted",
    ),
    Attack(
        "an invoice gives a credit, too",
        lambda forger, world: forger.post(
            forger.books.invoice(), {"document_line": lambda rows: also_credit(forger, rows)}
        ),
        "document_posted",
    ),
    Attack(
        "a document has no number",
        posting({"document_seal": drop()}),
        "fk_document_sealed",
        sqlite="foreign key",
    ),
    *(
        Attack(
            f"an issued document gets a late row of {table}",
            lambda forger, world, table=table: late_part(forger, world.adjusted.id, table),
            "document_sealed",
        )
        for table in ("document_line", "document_adjustment", "document_tax")
    ),
    Attack(
        "an issued credit note becomes owed",
        lambda forger, world: forger.run(
            "INSERT INTO receivable SELECT tenant_id, :id, :document, customer_id, payer_id,"
            " currency, amount, 0, due_on FROM receivable WHERE tenant_id = :tenant"
            " AND document_id = :invoice",
            id=new_id(),
            document=world.credit_note.id,
            invoice=world.invoice.id,
        ),
        "document_sealed",
    ),
    Attack(
        "a seal is of another content",
        posting({"document_seal": resealed(content_hash=OTHER)}),
        "seal_matches",
    ),
    Attack(
        "a printed number is given twice",
        posting({"document_seal": resealed(printed_number="INV-00001")}),
        "uq_document_seal_tenant_id_printed_number",
        sqlite="document_seal.tenant_id, document_seal.printed_number",
    ),
    Attack(
        "a seal is of another series run",
        lambda forger, world: forger.post(
            forger.books.invoice(),
            {
                "document_seal": resealed(
                    run_id=world.empty_run.id,
                    number=1,
                    previous_number=None,
                    previous_hash=FIRST,
                    printed_number="X1",
                )
            },
        ),
        "seal_matches",
    ),
    Attack(
        "a number is left out",
        posting({"document_seal": resealed(number=lambda old: old + 1)}),
        "ck_document_seal_gapless",
        sqlite="series_head",
    ),
    Attack(
        "a number follows one that does not exist",
        posting(
            {
                "document_seal": resealed(
                    number=lambda old: old + 1, previous_number=lambda old: old + 1
                )
            }
        ),
        "fk_document_seal_chain|series_head",
    ),
    Attack(
        "two documents follow one",
        posting({"document_seal": lambda rows: fork(rows, "number")}),
        "uq_document_seal_tenant_id_run_id_number",
        sqlite="series_head",
    ),
    Attack(
        "a series run begins a second time",
        posting(
            {
                "document_seal": resealed(
                    number=lambda old: old + 1, previous_number=None, previous_hash=FIRST
                )
            }
        ),
        "uq_document_seal_tenant_id_run_id_previous_hash",
        sqlite="series_head",
    ),
    Attack(
        "a number has no previous one",
        posting({"document_seal": resealed(previous_number=None)}),
        "ck_document_seal_first",
        sqlite="ck_document_seal_first",
    ),
    Attack(
        "a series run begins with another number than its first",
        lambda forger, world: forger.post(
            forger.books.invoice(),
            {
                "document": edit(run_id=world.empty_run.id),
                "document_seal": resealed(
                    run_id=world.empty_run.id,
                    number=7,
                    previous_number=None,
                    previous_hash=FIRST,
                    printed_number="X7",
                ),
            },
        ),
        "series_head",
    ),
    Attack(
        "a document is dated before the last one",
        posting({}, lambda forger: forger.books.invoice(issue_on=ISSUE_ON - timedelta(days=1))),
        "issue_date",
    ),
    Attack(
        "the head of a series run runs ahead",
        sql("UPDATE series_run SET last_number = last_number + 1 WHERE tenant_id = :tenant"),
        "series_head",
    ),
    Attack(
        "the head of a series run goes back to its first number",
        sql(
            "UPDATE series_run SET last_number = 1, last_hash = (SELECT hash FROM document_seal s"
            " WHERE s.tenant_id = :tenant AND s.run_id = series_run.id AND s.number = 1)"
            " WHERE tenant_id = :tenant AND id = :run",
            run=lambda world: world.ours.series[DocumentType.INVOICE].id,
        ),
        "series_head",
    ),
    Attack(
        "a used series run is emptied",
        sql(
            "UPDATE series_run SET last_number = 0, last_hash = :first, last_on = NULL"
            " WHERE tenant_id = :tenant AND id = :run",
            first=FIRST,
            run=lambda world: world.ours.series[DocumentType.INVOICE].id,
        ),
        "series_head",
    ),
    Attack(
        "the last date of a series run goes back",
        sql(
            "UPDATE series_run SET last_on = :day WHERE tenant_id = :tenant AND id = :run",
            day=ISSUE_ON - timedelta(days=9),
            run=lambda world: world.ours.series[DocumentType.INVOICE].id,
        ),
        "series_head",
    ),
    Attack(
        "a used series run gets another first number",
        sql(
            "UPDATE series_run SET first_number = 2 WHERE tenant_id = :tenant AND id = :run",
            run=lambda world: world.ours.series[DocumentType.INVOICE].id,
        ),
        "series_head",
    ),
    Attack(
        "a series run begins in its middle",
        sql(
            "INSERT INTO series_run SELECT tenant_id, :id, series_id, 2031, 1, 41, last_hash,"
            " last_on FROM series_run WHERE tenant_id = :tenant AND id = :run",
            id=new_id(),
            run=lambda world: world.ours.series[DocumentType.INVOICE].id,
        ),
        "series_head",
    ),
]


def entry_of(forger, document_id):
    (found,) = forger.run(
        "SELECT entry_id FROM document WHERE tenant_id = :tenant AND id = :id", id=document_id
    ).one()
    return id_of(found)


def also_credit(forger, rows):
    books = forger.books
    credit = (books.tenant_id, new_id(), rows[0]["document_id"])
    party = (books.customer_id, books.customer_id)
    forger.insert(RowSet("credit", [(*credit, *party, "EUR", 7200, 0)]))
    return rows


def late_part(forger, document_id, table):
    places = {"document_line": "line_no", "document_adjustment": "adjustment_no"}
    number = places.get(table, "component_no")
    columns = RowSet(table, []).columns
    values = ", ".join("9" if name == number else name for name in columns)
    forger.run(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}"
        f" WHERE tenant_id = :tenant AND document_id = :id AND {number} = 1",
        id=document_id,
    )


# Charges, credits and tenants

CHARGES = [
    Attack(
        "a charge is billed twice",
        lambda forger, world: forger.post(
            forger.books.invoice((1000,), charges=[world.invoice.lines[0].charge_id])
        ),
        "pk_charge_claim",
        sqlite="charge_claim.tenant_id, charge_claim.charge_id",
    ),
    Attack(
        "a line bills a charge that another document holds",
        lambda forger, world: forger.post(
            forger.books.invoice(),
            {"document_line": edit(charge_id=world.invoice.lines[0].charge_id)},
        ),
        "fk_document_line_tenant_id_charge_id_document_id",
        sqlite="foreign key",
    ),
    Attack(
        "a line bills a charge that nobody claimed",
        lambda forger, world: forger.post(
            forger.books.invoice(), {"document_line": edit(charge_id=world.open_charge)}
        ),
        "fk_document_line_tenant_id_charge_id_document_id",
        sqlite="foreign key",
    ),
    Attack(
        "a claim of a billed charge is given up",
        sql("DELETE FROM charge_claim WHERE tenant_id = :tenant"),
        "fk_document_line_tenant_id_charge_id_document_id",
        sqlite="foreign key",
    ),
    Attack(
        "another tenant's charge is claimed",
        lambda forger, world: forger.post(
            forger.books.invoice((1000,), charges=[world.their_charge])
        ),
        "fk_charge_claim_tenant_id_charge_id",
        sqlite="foreign key",
    ),
    Attack(
        "a line is credited past its balance",
        lambda forger, world: forger.post(forger.books.credit_note(world.invoice, (700,))),
        "line_credited",
    ),
    Attack(
        "a line is credited whose balance was put back",
        lambda forger, world: (
            forger.run("UPDATE line_balance SET credited = 300 WHERE tenant_id = :tenant"),
            forger.post(forger.books.credit_note(world.invoice, (300,))),
        ),
        "line_credited",
    ),
    Attack(
        "a line is credited beyond what was billed, with a balance to match",
        lambda forger, world: (
            forger.run(
                "INSERT INTO line_balance (tenant_id, document_id, line_no, amount, credited)"
                " VALUES (:tenant, :id, 1, 5000, 5000)",
                id=world.adjusted.id,
            ),
            forger.post(forger.books.credit_note(world.adjusted, (5000,))),
        ),
        "line_credited",
    ),
    Attack(
        "another payer's line is credited",
        lambda forger, world: (
            forger.run(
                "INSERT INTO line_balance (tenant_id, document_id, line_no, amount, credited)"
                " VALUES (:tenant, :id, 1, 1000, 100)",
                id=world.adjusted.id,
            ),
            forger.post(
                replace(forger.books.credit_note(world.adjusted, (100,)), payer_id=world.stranger)
            ),
        ),
        "line_credited",
    ),
    Attack(
        "a credit settles what another payer owes",
        lambda forger, world: (
            forger.run(
                "INSERT INTO receivable (tenant_id, id, document_id, customer_id, payer_id,"
                " currency, amount, allocated, due_on)"
                " VALUES (:tenant, :id, NULL, :stranger, :stranger, 'EUR', 500, 0, :day)",
                id=world.open_charge,
                stranger=world.stranger,
                day=ISSUE_ON,
            ),
            forger.run(
                "INSERT INTO allocation SELECT tenant_id, :id, :receivable, credit_id, 1,"
                " allocated_on, created_at FROM allocation WHERE tenant_id = :tenant",
                id=new_id(),
                receivable=world.open_charge,
            ),
        ),
        "allocation_matches",
    ),
]

TENANTS = [
    Attack(
        "a document is for another tenant's customer",
        lambda forger, world: forger.post(
            replace(forger.books.invoice(), customer_id=world.theirs.customer_id)
        ),
        "fk_document_tenant_id_customer_id",
        sqlite="foreign key",
    ),
    Attack(
        "a document is in another tenant's series",
        lambda forger, world: forger.post(
            forger.books.invoice(),
            {"document": edit(run_id=world.theirs.series[DocumentType.INVOICE].id)},
        ),
        "fk_document_tenant_id_run_id",
        sqlite="foreign key",
    ),
    Attack(
        "a seller is another tenant's",
        lambda forger, world: forger.post(
            forger.books.invoice(), {"document": edit(seller_id=world.theirs.seller.id)}
        ),
        "fk_document_tenant_id_seller_id",
        sqlite="foreign key",
    ),
    Attack(
        "a line is written for another tenant's document",
        lambda forger, world: forger.run(
            "INSERT INTO document_line SELECT tenant_id, :document, line_no, description, sku,"
            " quantity, unit_price, net, group_no, revenue_account, NULL, NULL, NULL, NULL"
            " FROM document_line WHERE tenant_id = :tenant AND document_id = :own",
            document=world.their_invoice.id,
            own=world.adjusted.id,
        ),
        "fk_document_line_tenant_id_document_id",
        sqlite="foreign key",
    ),
    Attack(
        "a customer belongs to no tenant",
        lambda forger, world: forger.run(
            "INSERT INTO charge_open (tenant_id, charge_id, payer_id, charged_on, is_held)"
            " VALUES (:nobody, :charge, :charge, :day, (1 = 0))",
            nobody=new_id(),
            charge=world.open_charge,
            day=ISSUE_ON,
        ),
        "wall",
        sqlite="foreign key",
    ),
]

# What only PostgreSQL has


def in_one_statement(order):
    """Insert the seal and a late line by one statement, in either order."""

    def act(forger, world):
        document = forger.books.invoice()
        kept = []
        forger.post(document, {"document_seal": lambda rows: kept.extend(rows) or []})
        seal = "INSERT INTO document_seal SELECT CAST(:tenant AS uuid), :id, :run, :number,"
        seal += " :printed, :last, :previous, :content, :hash"
        line = "INSERT INTO document_line SELECT tenant_id, document_id, 4, description, sku,"
        line += " quantity, unit_price, net, group_no, revenue_account, NULL, NULL, NULL, NULL"
        line += " FROM document_line WHERE tenant_id = :tenant AND document_id = :id"
        line += " AND line_no = 1"
        first, second = (seal, line) if order == "seal first" else (line, seal)
        row = kept[0]
        forger.run(
            f"WITH first AS ({first} RETURNING 1) {second}",
            id=document.id,
            run=row["run_id"],
            number=row["number"],
            printed=row["printed_number"],
            last=row["previous_number"],
            previous=row["previous_hash"],
            content=row["content_hash"],
            hash=row["hash"],
        )

    return act


POSTGRESQL = [
    # SQLite has no SHA-256: there it is `verify` that finds these two.
    Attack(
        "the content is another than was hashed",
        posting({"document": edit(content=lambda old: old + b" ")}),
        "ck_document_content_hash",
    ),
    Attack(
        "a seal's printed number is another than was hashed",
        posting({"document_seal": edit(printed_number="INV-99999")}),
        "ck_document_seal_hash",
    ),
    Attack(
        "triggers are switched off for the session",
        sql("SET session_replication_role = replica"),
        'grant: permission denied to set parameter "session_replication_role"',
    ),
    Attack(
        "a row is written for another tenant",
        lambda forger, world: forger.run(
            "INSERT INTO charge_open (tenant_id, charge_id, payer_id, charged_on, is_held)"
            " VALUES (:theirs, :charge, :payer, :day, false)",
            theirs=world.theirs.tenant_id,
            charge=world.their_charge,
            payer=world.theirs.customer_id,
            day=ISSUE_ON,
        ),
        "wall",
    ),
    Attack(
        "a row is moved to another tenant",
        lambda forger, world: forger.run(
            "UPDATE customer SET tenant_id = :theirs WHERE tenant_id = :tenant",
            theirs=world.theirs.tenant_id,
        ),
        "wall",
    ),
    *(
        Attack(
            f"a late line comes with the seal, {order}",
            in_one_statement(order),
            "document_sealed|document_totals",
        )
        for order in ("seal first", "line first")
    ),
    Attack(
        "the guard's role is taken",
        sql("SET ROLE billhook_guard"),
        'grant: permission denied to set role "billhook_guard"',
    ),
    Attack(
        "a trigger is dropped",
        sql("DROP TRIGGER guard ON posting"),
        runtime="grant: must be owner of relation posting",
    ),
    Attack(
        "triggers are disabled",
        sql("ALTER TABLE posting DISABLE TRIGGER USER"),
        runtime="grant: must be owner of table posting",
    ),
    Attack(
        "row-level security is switched off",
        sql("ALTER TABLE posting DISABLE ROW LEVEL SECURITY"),
        runtime="grant: must be owner of table posting",
    ),
    Attack(
        "a guarding function serves a table of one's own",
        lambda forger, world: (
            forger.run("CREATE TEMPORARY TABLE forged (LIKE entry_seal)"),
            forger.run(
                "CREATE TRIGGER t AFTER INSERT ON forged REFERENCING NEW TABLE AS n"
                " FOR EACH STATEMENT EXECUTE FUNCTION guard_entry_seal()"
            ),
        ),
        "grant: permission denied for function guard_entry_seal",
    ),
    Attack(
        "a table of one's own stands in for a real one",
        lambda forger, world: (
            forger.run("CREATE TEMPORARY TABLE document_seal (LIKE document_seal)"),
            forger.run("CREATE TEMPORARY TABLE journal_head (LIKE journal_head)"),
            late_part(forger, world.adjusted.id, "document_line"),
        ),
        "document_sealed",
    ),
    Attack(
        "a table is made",
        sql("CREATE TABLE mine (id integer)"),
        runtime="grant: permission denied for schema public",
    ),
]

ATTACKS = [*verbs(), *ONE_WAY, *LEDGER, *DOCUMENTS, *CHARGES, *TENANTS]
if IS_POSTGRESQL:
    ATTACKS += POSTGRESQL


def fork(rows, counter):
    """Follow the seal before the last one."""
    (seal,) = rows
    change = {counter: seal[counter] - 1, f"previous_{counter}": seal[counter] - 2}
    return resealed(**change)(rows)


def id_of(value):
    return UUID(bytes=value) if isinstance(value, bytes) else value


@pytest.mark.parametrize(
    ("role", "attack"),
    [(role, attack) for role in ROLES for attack in ATTACKS if attack.guard_for(role)],
    indirect=["role"],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_an_attack_is_refused(attack, forger, world, role):
    found = refused_by(forger, lambda: attack.act(forger, world))
    assert found in attack.guard_for(role).split("|")


def test_the_same_rows_unharmed_are_taken(forger, world, role):
    def post_and_undo():
        forger.post(forger.books.invoice())
        forger.post(with_discount(forger.books.invoice((900,), issue_on=ISSUE_ON), 50))
        forger.post(forger.books.invoice(treatment=TWO_RATES))
        forger.run("UPDATE line_balance SET credited = 500 WHERE tenant_id = :tenant")
        forger.post(forger.books.credit_note(world.invoice, (100,)))
        if IS_POSTGRESQL:
            forger.run("SET CONSTRAINTS ALL IMMEDIATE")
        else:
            assert not forger.run("PRAGMA foreign_key_check").all()
        forger.connection.rollback()

    assert refused_by(forger, post_and_undo) == ""


def test_a_party_can_be_erased(forger):
    def erase():
        forger.run(
            "UPDATE party_snapshot SET content = NULL, salt = NULL WHERE tenant_id = :tenant"
        )
        forger.connection.rollback()

    assert refused_by(forger, erase) == ""


@pytest.mark.postgresql
@pytest.mark.parametrize("table", ["document", "customer", "posting", "outbox"])
def test_the_rows_of_another_tenant_are_not_there(table, forger, world):
    theirs = world.theirs.tenant_id
    found = forger.run(f"SELECT count(*) FROM {table} WHERE tenant_id = :theirs", theirs=theirs)
    assert found.scalar_one() == 0


@pytest.mark.postgresql
def test_without_a_tenant_there_are_no_rows_but_an_error(forger):
    forger.run("RESET app.tenant")
    refusal = refused_by(forger, lambda: forger.run("SELECT * FROM document"))
    assert "invalid input syntax for type uuid" in refusal
