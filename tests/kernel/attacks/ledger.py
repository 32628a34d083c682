"""Entries that do not balance, come late, or do not follow the last one."""

from datetime import timedelta

from tests.kernel.attacks.attack import OTHER, Attack, fork, id_of, posting, sql
from tests.kernel.forging import drop, edit, resealed

from billhook.domain.sealing import FIRST
from billhook.kernel.chains import journal
from billhook.kernel.rows import RowSet, freeze, row_sets
from billhook.testing.factories import ISSUE_ON

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
    Attack("a document's entry has no postings", posting({"posting": drop()}), "document_posted"),
    Attack(
        "an entry has no postings",
        lambda forger, world: sealed_entry(forger),
        "entry_balances",
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


def sealed_entry(forger):
    """Write an entry and its seal, and nothing else."""
    frozen = freeze(forger.books.posted(forger.books.invoice()))
    sets = {rows.table: rows for rows in row_sets(forger.books.batch(frozen.document), [frozen])}
    forger.insert(sets["entry"])
    forger.insert(journal(forger.books.tenant_id, [frozen], forger.journal_head()))


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
