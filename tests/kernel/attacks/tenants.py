"""Charges billed twice, lines credited too far, rows that point at another tenant."""

from dataclasses import replace

from tests.kernel.attacks.attack import Attack, sql
from tests.kernel.forging import edit

from billhook.domain.states import DocumentType
from billhook.ids import new_id
from billhook.testing.factories import ISSUE_ON

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
        "charge_billed",
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
