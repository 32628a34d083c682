"""Rows that never change, and rows that change in one way only."""

from tests.kernel.attacks.attack import IS_POSTGRESQL, OTHER, Attack, sql

from billhook.ids import new_id

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
    "artefact",
)
NEVER_GO = (
    *NEVER_CHANGE,
    "delivery_step",
    "party_snapshot",
    "receivable",
    "credit",
    "line_balance",
    "series_run",
    "journal_head",
    "account",
    "customer",
    "delivery",
    "delivery_recipient",
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
    "delivery_recipient": "delivery_id, position",
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
        "a customer takes another id",
        sql("UPDATE customer SET id = :other WHERE tenant_id = :tenant", other=new_id()),
        "append_only",
        runtime="grant: permission denied for table customer",
    ),
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

# What a delivery says and to whom is fixed when it is made.
ONE_WAY += [
    Attack(
        f"{table}.{column} changes",
        sql(f"UPDATE {table} SET {column} = {value} WHERE tenant_id = :tenant"),
        "append_only",
        runtime=f"grant: permission denied for table {table}",
    )
    for table, column, value in (
        ("delivery", "channel", "channel || '0'"),
        ("delivery", "key", "NULL"),
        ("delivery", "sender", "'{}'"),
        ("delivery", "language", "'fr'"),
        ("delivery", "artefacts", "'[]'"),
        ("delivery", "pictures", "'[]'"),
        ("delivery_recipient", "kind", "'bcc'"),
        ("delivery_step", "kind", "kind || '0'"),
    )
]

# Erasure may empty these, and put nothing else in their place.
ONE_WAY += [
    Attack(
        f"{table}.{column} changes",
        sql(f"UPDATE {table} SET {column} = {value} WHERE tenant_id = :tenant"),
        "append_only",
    )
    for table, column, value in (
        ("delivery", "subject", "subject || '0'"),
        ("delivery", "text", "text || '0'"),
        ("delivery", "html", "html || '0'"),
        ("delivery_recipient", "address", "address || '0'"),
        ("delivery_recipient", "name", "name || '0'"),
        ("delivery_step", "address", "address || '0'"),
        ("delivery_step", "detail", "detail || '0'"),
        ("delivery_step", "facts", "'[]'"),
    )
]
