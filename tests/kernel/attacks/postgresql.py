"""What only PostgreSQL has: roles, walls, and statements of several parts."""

from tests.kernel.attacks.attack import Attack, posting, sql
from tests.kernel.attacks.documents import late_part
from tests.kernel.forging import edit

from billhook.testing.factories import ISSUE_ON


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
            "UPDATE product SET tenant_id = :theirs WHERE tenant_id = :tenant",
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
        "a claim is given up by an old snapshot",
        lambda forger, world: (
            forger.connection.rollback(),
            forger.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"),
            forger.run(
                "INSERT INTO charge_claim (tenant_id, charge_id, holder_id)"
                " VALUES (:tenant, :charge, :holder)",
                charge=world.open_charge,
                holder=world.open_charge,
            ),
            forger.run(
                "DELETE FROM charge_claim WHERE tenant_id = :tenant AND charge_id = :charge",
                charge=world.open_charge,
            ),
        ),
        "charge_billed",
    ),
    Attack(
        "all claims are given up",
        sql("TRUNCATE charge_claim"),
        "append_only",
        runtime="grant: permission denied for table charge_claim",
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
