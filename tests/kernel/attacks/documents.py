"""Documents that do not add up, come late, or do not follow the last one."""

from datetime import timedelta

from tests.kernel.attacks.attack import OTHER, TWO_RATES, Attack, fork, id_of, posting, sql
from tests.kernel.forging import drop, edit, resealed
from tests.kernel.world import with_discount

from billhook.domain.sealing import FIRST
from billhook.domain.states import DocumentType
from billhook.ids import new_id
from billhook.kernel.rows import RowSet
from billhook.testing.factories import ISSUE_ON

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
        posting({"posting": lambda rows: shift(shift(rows, 0, 1), 1, -1)}),
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


def shift(rows, index, by):
    """Post so much more to one line."""
    added = {name: rows[index][name] + by for name in ("amount", "base_amount")}
    return edit(index, **added)(rows)


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
