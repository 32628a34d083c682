"""The first schema: every table of the core, and the guards that nothing passes."""

from collections.abc import Iterator

from alembic import op

from billhook.migrations.control import control_table
from billhook.migrations.guards import lend_statistics, run_script, stand_guard
from billhook.migrations.roles import GUARD
from billhook.sdk.migrations import (
    Amount,
    Bytes,
    CheckConstraint,
    Column,
    Count,
    Day,
    Exact,
    Flag,
    ForeignKeyConstraint,
    Id,
    Index,
    Instant,
    Json,
    Prose,
    Small,
    UniqueConstraint,
    Words,
    all_rows,
    is_postgresql,
    partial_index,
    references,
    tenant_table,
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    if is_postgresql():
        run_script("0001_postgresql_first.sql")
    _tenants()
    _customers()
    _charges()
    _ledger()
    _series()
    _documents()
    _balances()
    _drafts()
    _runs()
    _work()
    if is_postgresql():
        _circular_references()
        run_script("0001_postgresql.sql")
        stand_guard(
            "guard_entry_seal",
            "guard_journal_head",
            "guard_late_part",
            "guard_document_seal",
            "guard_series_run",
            "guard_allocation",
            "guard_references",
            "guard_held_references",
            "guard_claim_deletion",
            reading=(
                "customer",
                "charge",
                "charge_claim",
                "account",
                "party_snapshot",
                "entry",
                "posting",
                "entry_seal",
                "journal_head",
                "document",
                "document_line",
                "document_adjustment",
                "document_tax",
                "document_seal",
                "series_run",
                "receivable",
                "credit",
                "line_balance",
            ),
            moving=("journal_head", "series_run", "charge_claim"),
        )
        op.execute(f"GRANT SELECT (id) ON tenant TO {GUARD}")
        lend_statistics()
    else:
        run_script("0001_sqlite.sql")


def _tenants() -> None:
    control_table(
        "tenant",
        Column("id", Id, nullable=False),
        Column("slug", Words(80), nullable=False, unique=True),
        Column("name", Words(200), nullable=False),
        Column("country", Words(2), nullable=False),
        Column("subdivision", Words(10), nullable=False),
        Column("street", Words(200), nullable=False),
        Column("postal_code", Words(80), nullable=False),
        Column("city", Words(200), nullable=False),
        Column("email", Words(254), nullable=False),
        Column("currency", Words(3), nullable=False),
        Column("time_zone", Words(80), nullable=False),
        Column("language", Words(20), nullable=False),
        Column("supplies", Words(20), nullable=False),
        Column("tax_engine", Words(80), nullable=False),
        Column("tax_rounding", Words(10), nullable=False),
        Column("prices_include_tax", Flag, nullable=False),
        Column("cash_rounding", Count, nullable=False),
        Column("payment_days", Count, nullable=False),
        Column("is_sandbox", Flag, nullable=False),
        Column("clock_offset_seconds", Count, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("version", Count, nullable=False),
        CheckConstraint("cash_rounding >= 0", name="cash_rounding"),
        CheckConstraint(
            "clock_offset_seconds = 0 OR (clock_offset_seconds > 0 AND is_sandbox = (1 = 1))",
            name="clock_offset",
        ),
        deletable=False,
    )
    tenant_table(
        "tax_registration",
        Column("id", Id, nullable=False),
        Column("country", Words(2), nullable=False),
        Column("subdivision", Words(10), nullable=False),
        Column("scheme", Words(20), nullable=False),
        Column("number", Words(80), nullable=False),
        Column("valid_from", Day, nullable=True),
        Column("valid_to", Day, nullable=True),
        UniqueConstraint("tenant_id", "country", "subdivision", "scheme", "number"),
    )
    control_table(
        "person",
        Column("id", Id, nullable=False),
        Column("email", Words(254), nullable=False, unique=True),
        Column("name", Words(200), nullable=False),
        Column("language", Words(20), nullable=False),
        Column("created_at", Instant, nullable=False),
    )
    control_table(
        "credential",
        Column("person_id", Id, nullable=False),
        Column("password_hash", Words(500), nullable=False),
        Column("changed_at", Instant, nullable=False),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        key=("person_id",),
    )
    control_table(
        "one_time_link",
        Column("token_hash", Bytes, nullable=False),
        Column("person_id", Id, nullable=False),
        Column("tenant_id", Id, nullable=True),
        Column("expires_at", Instant, nullable=False),
        Column("used_at", Instant, nullable=True),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        CheckConstraint("length(token_hash) = 32", name="token_hash_length"),
        Index("ix_one_time_link_person_id", "person_id"),
        key=("token_hash",),
    )
    control_table(
        "login_session",
        Column("token_hash", Bytes, nullable=False),
        Column("person_id", Id, nullable=False),
        Column("tenant_id", Id, nullable=True),
        Column("created_at", Instant, nullable=False),
        Column("seen_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        CheckConstraint("length(token_hash) = 32", name="token_hash_length"),
        Index("ix_login_session_person_id", "person_id"),
        key=("token_hash",),
    )
    control_table(
        "seat",
        Column("person_id", Id, nullable=False),
        Column("tenant_id", Id, nullable=False),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        key=("person_id", "tenant_id"),
    )
    tenant_table(
        "member",
        Column("id", Id, nullable=False),
        Column("person_id", Id, nullable=False),
        Column("role", Words(80), nullable=False),
        Column("is_active", Flag, nullable=False),
        Column("created_at", Instant, nullable=False),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        UniqueConstraint("tenant_id", "person_id"),
    )
    tenant_table(
        "plugin_state",
        Column("plugin", Words(80), nullable=False),
        Column("is_enabled", Flag, nullable=False),
        Column("changed_at", Instant, nullable=False),
        Column("changed_by", Id, nullable=True),
        key=("plugin",),
    )
    tenant_table(
        "plugin_setting",
        Column("plugin", Words(80), nullable=False),
        Column("settings", Json, nullable=False),
        Column("version", Count, nullable=False),
        key=("plugin",),
    )
    tenant_table(
        "secret",
        Column("plugin", Words(80), nullable=False),
        Column("name", Words(80), nullable=False),
        Column("sealed", Bytes, nullable=False),
        Column("changed_at", Instant, nullable=False),
        key=("plugin", "name"),
    )


def _customers() -> None:
    tenant_table(
        "customer",
        Column("id", Id, nullable=False),
        Column("reference", Words(80), nullable=False),
        Column("name", Words(200), nullable=False),
        Column("country", Words(2), nullable=False),
        Column("subdivision", Words(10), nullable=False),
        Column("street", Words(200), nullable=False),
        Column("extra", Words(200), nullable=False),
        Column("postal_code", Words(80), nullable=False),
        Column("city", Words(200), nullable=False),
        Column("email", Words(254), nullable=False),
        Column("tax_number", Words(80), nullable=False),
        Column("currency", Words(3), nullable=False),
        Column("language", Words(20), nullable=False),
        Column("time_zone", Words(80), nullable=False),
        Column("consolidation", Words(10), nullable=False),
        Column("payment_days", Count, nullable=True),
        Column("purchase_order", Words(80), nullable=False),
        Column("buyer_reference", Words(80), nullable=False),
        Column("payer_id", Id, nullable=True),
        Column("is_active", Flag, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("version", Count, nullable=False),
        CheckConstraint("payer_id <> id", name="own_payer"),
        references("payer_id", to="customer"),
        UniqueConstraint("tenant_id", "reference"),
        Index("ix_customer_payer", "tenant_id", "payer_id"),
        permanent=True,
    )
    tenant_table(
        "contact",
        Column("id", Id, nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("name", Words(200), nullable=False),
        Column("email", Words(254), nullable=False),
        Column("phone", Words(80), nullable=False),
        Column("is_active", Flag, nullable=False),
        references("customer_id", to="customer"),
        UniqueConstraint("tenant_id", "email"),
        Index("ix_contact_customer", "tenant_id", "customer_id"),
    )
    tenant_table(
        "product",
        Column("id", Id, nullable=False),
        Column("sku", Words(80), nullable=False),
        Column("name", Words(200), nullable=False),
        Column("description", Prose, nullable=False),
        Column("unit", Words(10), nullable=False),
        Column("supply", Words(20), nullable=False),
        Column("tax_category", Words(80), nullable=False),
        Column("revenue_account", Words(20), nullable=False),
        Column("is_active", Flag, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("version", Count, nullable=False),
        UniqueConstraint("tenant_id", "sku"),
    )
    tenant_table(
        "price",
        Column("id", Id, nullable=False),
        Column("product_id", Id, nullable=False),
        Column("customer_id", Id, nullable=True),
        Column("currency", Words(3), nullable=False),
        Column("model", Words(80), nullable=False),
        Column("parameters", Json, nullable=False),
        Column("valid_from", Day, nullable=False),
        Column("valid_to", Day, nullable=True),
        Column("created_at", Instant, nullable=False),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity"),
        references("customer_id", to="customer"),
        references("product_id", to="product"),
        Index("ix_price_lookup", "tenant_id", "product_id", "currency", "valid_from"),
        partial_index(
            "uq_price_own_version",
            "tenant_id",
            "product_id",
            "customer_id",
            "currency",
            "valid_from",
            where="customer_id IS NOT NULL",
            unique=True,
        ),
        partial_index(
            "uq_price_version",
            "tenant_id",
            "product_id",
            "currency",
            "valid_from",
            where="customer_id IS NULL",
            unique=True,
        ),
        append_only=True,
    )
    tenant_table(
        "fx_rate",
        Column("id", Id, nullable=False),
        Column("currency", Words(3), nullable=False),
        Column("rate_on", Day, nullable=False),
        Column("rate", Exact, nullable=False),
        Column("source", Words(80), nullable=False),
        Column("created_at", Instant, nullable=False),
        UniqueConstraint("tenant_id", "currency", "rate_on", "source"),
    )


def _charges() -> None:
    tenant_table(
        "charge",
        Column("id", Id, nullable=False),
        Column("source", Words(80), nullable=False),
        Column("reference", Words(80), nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("payer_id", Id, nullable=False),
        Column("currency", Words(3), nullable=False),
        Column("charged_on", Day, nullable=False),
        Column("period_start", Day, nullable=True),
        Column("period_end", Day, nullable=True),
        Column("description", Prose, nullable=False),
        Column("sku", Words(80), nullable=False),
        Column("unit", Words(10), nullable=False),
        Column("product_id", Id, nullable=True),
        Column("quantity", Exact, nullable=False),
        Column("unit_price", Exact, nullable=True),
        Column("base_quantity", Exact, nullable=False),
        Column("amount", Amount, nullable=True),
        Column("adjustments", Json, nullable=False),
        Column("supply", Words(20), nullable=False),
        Column("tax_category", Words(80), nullable=False),
        Column("revenue_account", Words(20), nullable=False),
        Column("group_key", Words(80), nullable=False),
        Column("group_label", Words(200), nullable=False),
        Column("purchase_order", Words(80), nullable=False),
        Column("delivery_country", Words(2), nullable=False),
        Column("content_hash", Bytes, nullable=False),
        Column("created_at", Instant, nullable=False),
        CheckConstraint("period_end > period_start", name="period_order"),
        CheckConstraint("(period_start IS NULL) = (period_end IS NULL)", name="period_whole"),
        CheckConstraint(
            "(amount IS NOT NULL AND unit_price IS NULL) OR (amount IS NULL AND unit_price IS NOT NULL) OR (amount IS NULL AND unit_price IS NULL AND product_id IS NOT NULL)",
            name="priced_once",
        ),
        references("customer_id", to="customer"),
        references("payer_id", to="customer"),
        references("product_id", to="product"),
        UniqueConstraint("tenant_id", "source", "reference"),
        CheckConstraint("length(content_hash) = 32", name="content_hash_length"),
        Index("ix_charge_customer", "tenant_id", "customer_id", "charged_on"),
        append_only=True,
    )
    tenant_table(
        "charge_open",
        Column("charge_id", Id, nullable=False),
        Column("payer_id", Id, nullable=False),
        Column("charged_on", Day, nullable=False),
        Column("is_held", Flag, nullable=False),
        references("charge_id", to="charge"),
        Index("ix_charge_open_payer", "tenant_id", "payer_id", "charged_on"),
        key=("charge_id",),
    )
    tenant_table(
        "charge_claim",
        Column("charge_id", Id, nullable=False),
        Column("holder_id", Id, nullable=False),
        UniqueConstraint("tenant_id", "charge_id", "holder_id"),
        Index("ix_charge_claim_holder", "tenant_id", "holder_id"),
        key=("charge_id",),
        updatable=(),
        set_references=(references("charge_id", to="charge"),),
    )


def _ledger() -> None:
    tenant_table(
        "account",
        Column("id", Id, nullable=False),
        Column("code", Words(20), nullable=False),
        Column("currency", Words(3), nullable=False),
        Column("name", Words(200), nullable=False),
        Column("type", Words(10), nullable=False),
        UniqueConstraint("tenant_id", "code", "currency"),
        UniqueConstraint("tenant_id", "id", "currency"),
        updatable=("name", "type"),
        deletable=False,
    )
    tenant_table(
        "entry",
        Column("id", Id, nullable=False),
        Column("entry_on", Day, nullable=False),
        Column("kind", Words(20), nullable=False),
        Column("source_id", Id, nullable=False),
        Column("base_currency", Words(3), nullable=False),
        Column("content_hash", Bytes, nullable=False),
        Column("posted_at", Instant, nullable=False),
        references(
            "id",
            to="entry_seal",
            key=("entry_id",),
            deferrable=True,
            initially="DEFERRED",
            name="fk_entry_sealed",
            use_alter=True,
        ),
        CheckConstraint("length(content_hash) = 32", name="content_hash_length"),
        Index("ix_entry_on", "tenant_id", "entry_on"),
        append_only=True,
    )
    tenant_table(
        "posting",
        Column("entry_id", Id, nullable=False),
        Column("line_no", Small, nullable=False),
        Column("account_id", Id, nullable=False),
        Column("currency", Words(3), nullable=False),
        Column("amount", Amount, nullable=False),
        Column("base_amount", Amount, nullable=False),
        Column("customer_id", Id, nullable=True),
        Column("registration_id", Id, nullable=True),
        Column("tax_category", Words(10), nullable=False),
        Column("tax_rate", Exact, nullable=True),
        references("registration_id", to="tax_registration"),
        Index("ix_posting_account", "tenant_id", "account_id", "entry_id"),
        Index("ix_posting_customer", "tenant_id", "customer_id"),
        key=("entry_id", "line_no"),
        append_only=True,
        set_references=(
            references("customer_id", to="customer"),
            references("entry_id", to="entry"),
            references("account_id", "currency", to="account", key=("id", "currency")),
        ),
    )
    tenant_table(
        "entry_seal",
        Column("entry_id", Id, nullable=False),
        Column("sequence", Amount, nullable=False),
        Column("previous_sequence", Amount, nullable=True),
        Column("previous_hash", Bytes, nullable=False),
        Column("content_hash", Bytes, nullable=False),
        Column("hash", Bytes, nullable=False),
        CheckConstraint("previous_sequence = sequence - 1", name="gapless"),
        references(
            "previous_sequence",
            "previous_hash",
            to="entry_seal",
            key=("sequence", "hash"),
            name="fk_entry_seal_chain",
        ),
        UniqueConstraint("tenant_id", "previous_hash"),
        UniqueConstraint("tenant_id", "sequence"),
        UniqueConstraint("tenant_id", "sequence", "hash"),
        CheckConstraint("length(previous_hash) = 32", name="previous_hash_length"),
        CheckConstraint("length(content_hash) = 32", name="content_hash_length"),
        CheckConstraint("length(hash) = 32", name="hash_length"),
        *_seal_checks("uuid_send(tenant_id)", "sequence", ""),
        key=("entry_id",),
        append_only=True,
        set_references=(
            references("entry_id", to="entry"),
            ForeignKeyConstraint(["tenant_id"], ["journal_head.tenant_id"]),
        ),
    )
    tenant_table(
        "journal_head",
        Column("last_sequence", Amount, nullable=False),
        Column("last_hash", Bytes, nullable=False),
        Column("closed_through", Day, nullable=True),
        CheckConstraint("length(last_hash) = 32", name="last_hash_length"),
        key=(),
        updatable=("last_sequence", "last_hash", "closed_through"),
        deletable=False,
    )


def _series() -> None:
    tenant_table(
        "series",
        Column("id", Id, nullable=False),
        Column("code", Words(80), nullable=False),
        Column("document_type", Words(20), nullable=False),
        Column("pattern", Words(60), nullable=False),
        Column("restarts_yearly", Flag, nullable=False),
        Column("first_number", Amount, nullable=False),
        Column("is_default", Flag, nullable=False),
        UniqueConstraint("tenant_id", "code"),
    )
    tenant_table(
        "series_run",
        Column("id", Id, nullable=False),
        Column("series_id", Id, nullable=False),
        Column("year", Count, nullable=False),
        Column("first_number", Amount, nullable=False),
        Column("last_number", Amount, nullable=False),
        Column("last_hash", Bytes, nullable=False),
        Column("last_on", Day, nullable=True),
        references("series_id", to="series"),
        UniqueConstraint("tenant_id", "series_id", "year"),
        CheckConstraint("length(last_hash) = 32", name="last_hash_length"),
        updatable=("first_number", "last_number", "last_hash", "last_on"),
        deletable=False,
    )


def _documents() -> None:
    tenant_table(
        "party_snapshot",
        Column("id", Id, nullable=False),
        Column("commitment", Bytes, nullable=False),
        Column("salt", Bytes, nullable=True),
        Column("content", Bytes, nullable=True),
        CheckConstraint("(content IS NULL) = (salt IS NULL)", name="erased_whole"),
        CheckConstraint("length(commitment) = 32", name="commitment_length"),
        updatable=("salt", "content"),
        deletable=False,
    )
    tenant_table(
        "document",
        Column("id", Id, nullable=False),
        Column("type", Words(20), nullable=False),
        Column("run_id", Id, nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("payer_id", Id, nullable=False),
        Column("seller_id", Id, nullable=False),
        Column("buyer_id", Id, nullable=False),
        Column("currency", Words(3), nullable=False),
        Column("digits", Count, nullable=False),
        Column("issue_on", Day, nullable=False),
        Column("due_on", Day, nullable=False),
        Column("language", Words(20), nullable=False),
        Column("net", Amount, nullable=False),
        Column("tax", Amount, nullable=False),
        Column("gross", Amount, nullable=False),
        Column("rounding", Amount, nullable=False),
        Column("prepaid", Amount, nullable=False),
        Column("payable", Amount, nullable=False),
        Column("base_currency", Words(3), nullable=False),
        Column("base_rate", Exact, nullable=False),
        Column("base_rate_on", Day, nullable=False),
        Column("base_net", Amount, nullable=False),
        Column("base_tax", Amount, nullable=False),
        Column("delivery_country", Words(2), nullable=False),
        Column("purchase_order", Words(80), nullable=False),
        Column("credits_document_id", Id, nullable=True),
        Column("entry_id", Id, nullable=True),
        Column("bill_run_id", Id, nullable=True),
        Column("content", Bytes, nullable=False),
        Column("content_hash", Bytes, nullable=False),
        Column("issued_at", Instant, nullable=False),
        CheckConstraint("gross = net + tax", name="gross"),
        CheckConstraint("payable = gross + rounding - prepaid", name="payable"),
        CheckConstraint(
            "CASE WHEN type IN ('invoice', 'credit_note') THEN entry_id IS NOT NULL OR (net = 0"
            " AND tax = 0 AND gross = 0 AND rounding = 0 AND prepaid = 0)"
            " ELSE entry_id IS NULL END",
            name="posted",
        ),
        CheckConstraint(
            "base_currency <> currency OR (base_net = net AND base_tax = tax)", name="base"
        ),
        references(
            "id",
            to="document_seal",
            key=("document_id",),
            deferrable=True,
            initially="DEFERRED",
            name="fk_document_sealed",
            use_alter=True,
        ),
        references("credits_document_id", to="document"),
        UniqueConstraint("tenant_id", "entry_id"),
        CheckConstraint("length(content_hash) = 32", name="content_hash_length"),
        *_content_check(),
        Index("ix_document_customer", "tenant_id", "customer_id", "issue_on"),
        Index("ix_document_issued", "tenant_id", "issue_on", "id"),
        Index("ix_document_payer", "tenant_id", "payer_id", "issue_on"),
        append_only=True,
        set_references=(
            references("entry_id", to="entry", name="fk_document_entry"),
            references("buyer_id", to="party_snapshot"),
            references("customer_id", to="customer"),
            references("payer_id", to="customer"),
            references("run_id", to="series_run"),
            references("seller_id", to="party_snapshot"),
        ),
    )
    tenant_table(
        "document_line",
        Column("document_id", Id, nullable=False),
        Column("line_no", Count, nullable=False),
        Column("description", Prose, nullable=False),
        Column("sku", Words(80), nullable=False),
        Column("quantity", Exact, nullable=False),
        Column("unit_price", Exact, nullable=False),
        Column("net", Amount, nullable=False),
        Column("group_no", Count, nullable=False),
        Column("revenue_account", Words(20), nullable=False),
        Column("product_id", Id, nullable=True),
        Column("charge_id", Id, nullable=True),
        Column("credited_document_id", Id, nullable=True),
        Column("credited_line_no", Count, nullable=True),
        references(
            "credited_document_id",
            "credited_line_no",
            to="document_line",
            key=("document_id", "line_no"),
        ),
        Index("ix_document_line_charge", "tenant_id", "charge_id"),
        Index("ix_document_line_credited", "tenant_id", "credited_document_id"),
        key=("document_id", "line_no"),
        append_only=True,
        set_references=(references("document_id", to="document"),),
        held_references=(
            references(
                "charge_id", "document_id", to="charge_claim", key=("charge_id", "holder_id")
            ),
        ),
    )
    tenant_table(
        "document_adjustment",
        Column("document_id", Id, nullable=False),
        Column("adjustment_no", Count, nullable=False),
        Column("kind", Words(10), nullable=False),
        Column("reason", Words(500), nullable=False),
        Column("net", Amount, nullable=False),
        Column("group_no", Count, nullable=False),
        Column("account", Words(20), nullable=False),
        key=("document_id", "adjustment_no"),
        append_only=True,
        set_references=(references("document_id", to="document"),),
    )
    tenant_table(
        "document_tax",
        Column("document_id", Id, nullable=False),
        Column("group_no", Count, nullable=False),
        Column("component_no", Count, nullable=False),
        Column("category", Words(10), nullable=False),
        Column("exemption_code", Words(80), nullable=False),
        Column("tax_name", Words(20), nullable=False),
        Column("country", Words(2), nullable=False),
        Column("subdivision", Words(10), nullable=False),
        Column("kind", Words(12), nullable=False),
        Column("rate", Exact, nullable=False),
        Column("net", Amount, nullable=False),
        Column("tax", Amount, nullable=False),
        Column("base_net", Amount, nullable=False),
        Column("base_tax", Amount, nullable=False),
        Column("registration_id", Id, nullable=True),
        key=("document_id", "group_no", "component_no"),
        append_only=True,
        set_references=(references("document_id", to="document"),),
    )
    tenant_table(
        "document_seal",
        Column("document_id", Id, nullable=False),
        Column("run_id", Id, nullable=False),
        Column("number", Amount, nullable=False),
        Column("printed_number", Words(80), nullable=False),
        Column("previous_number", Amount, nullable=True),
        Column("previous_hash", Bytes, nullable=False),
        Column("content_hash", Bytes, nullable=False),
        Column("hash", Bytes, nullable=False),
        CheckConstraint("previous_number = number - 1", name="gapless"),
        references(
            "run_id",
            "previous_number",
            "previous_hash",
            to="document_seal",
            key=("run_id", "number", "hash"),
            name="fk_document_seal_chain",
        ),
        UniqueConstraint("tenant_id", "printed_number"),
        UniqueConstraint("tenant_id", "run_id", "number"),
        UniqueConstraint("tenant_id", "run_id", "number", "hash"),
        UniqueConstraint("tenant_id", "run_id", "previous_hash"),
        CheckConstraint("length(previous_hash) = 32", name="previous_hash_length"),
        CheckConstraint("length(content_hash) = 32", name="content_hash_length"),
        CheckConstraint("length(hash) = 32", name="hash_length"),
        *_seal_checks(
            "uuid_send(run_id)", "number", "sha256(convert_to(printed_number, 'UTF8')) ||"
        ),
        key=("document_id",),
        append_only=True,
        set_references=(
            references("document_id", to="document"),
            references("run_id", to="series_run"),
        ),
    )
    tenant_table(
        "document_event",
        Column("id", Id, nullable=False),
        Column("document_id", Id, nullable=False),
        Column("kind", Words(20), nullable=False),
        Column("related_id", Id, nullable=True),
        Column("reason", Words(500), nullable=False),
        Column("details", Json, nullable=False),
        Column("happened_at", Instant, nullable=False),
        references("document_id", to="document"),
        references("related_id", to="document"),
        Index("ix_document_event_document", "tenant_id", "document_id"),
        partial_index(
            "uq_document_event_void",
            "tenant_id",
            "document_id",
            where="kind = 'voided'",
            unique=True,
        ),
        append_only=True,
    )


def _balances() -> None:
    tenant_table(
        "receivable",
        Column("id", Id, nullable=False),
        Column("document_id", Id, nullable=True),
        Column("customer_id", Id, nullable=False),
        Column("payer_id", Id, nullable=False),
        Column("currency", Words(3), nullable=False),
        Column("amount", Amount, nullable=False),
        Column("allocated", Amount, nullable=False),
        Column("due_on", Day, nullable=False),
        CheckConstraint("allocated BETWEEN 0 AND amount", name="allocated"),
        UniqueConstraint("tenant_id", "document_id"),
        Index("ix_receivable_payer", "tenant_id", "payer_id", "due_on"),
        updatable=("allocated",),
        deletable=False,
        set_references=(
            references("customer_id", to="customer"),
            references("document_id", to="document"),
            references("payer_id", to="customer"),
        ),
    )
    tenant_table(
        "credit",
        Column("id", Id, nullable=False),
        Column("document_id", Id, nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("payer_id", Id, nullable=False),
        Column("currency", Words(3), nullable=False),
        Column("amount", Amount, nullable=False),
        Column("allocated", Amount, nullable=False),
        CheckConstraint("allocated BETWEEN 0 AND amount", name="allocated"),
        UniqueConstraint("tenant_id", "document_id"),
        Index("ix_credit_payer", "tenant_id", "payer_id"),
        updatable=("allocated",),
        deletable=False,
        set_references=(
            references("customer_id", to="customer"),
            references("document_id", to="document"),
            references("payer_id", to="customer"),
        ),
    )
    tenant_table(
        "allocation",
        Column("id", Id, nullable=False),
        Column("receivable_id", Id, nullable=False),
        Column("credit_id", Id, nullable=False),
        Column("amount", Amount, nullable=False),
        Column("allocated_on", Day, nullable=False),
        Column("created_at", Instant, nullable=False),
        CheckConstraint("amount <> 0", name="amount"),
        references("credit_id", to="credit"),
        references("receivable_id", to="receivable"),
        Index("ix_allocation_credit", "tenant_id", "credit_id"),
        Index("ix_allocation_receivable", "tenant_id", "receivable_id"),
        append_only=True,
    )
    tenant_table(
        "line_balance",
        Column("document_id", Id, nullable=False),
        Column("line_no", Count, nullable=False),
        Column("amount", Amount, nullable=False),
        Column("credited", Amount, nullable=False),
        CheckConstraint(
            "(amount >= 0 AND credited BETWEEN 0 AND amount) OR (amount < 0 AND credited BETWEEN amount AND 0)",
            name="credited",
        ),
        references("document_id", "line_no", to="document_line", key=("document_id", "line_no")),
        key=("document_id", "line_no"),
        updatable=("credited",),
        deletable=False,
    )


def _drafts() -> None:
    tenant_table(
        "draft",
        Column("id", Id, nullable=False),
        Column("type", Words(20), nullable=False),
        Column("state", Words(10), nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("payer_id", Id, nullable=False),
        Column("currency", Words(3), nullable=False),
        Column("delivery_country", Words(2), nullable=False),
        Column("purchase_order", Words(80), nullable=False),
        Column("note", Prose, nullable=False),
        Column("credits_document_id", Id, nullable=True),
        Column("adjustments", Json, nullable=False),
        Column("run_id", Id, nullable=True),
        Column("issue_on", Day, nullable=True),
        Column("created_at", Instant, nullable=False),
        Column("version", Count, nullable=False),
        CheckConstraint("state IN ('open', 'approved', 'discarded')", name="state"),
        references("credits_document_id", to="document"),
        references("customer_id", to="customer"),
        references("payer_id", to="customer"),
        Index("ix_draft_payer", "tenant_id", "payer_id"),
    )
    tenant_table(
        "draft_line",
        Column("draft_id", Id, nullable=False),
        Column("line_no", Count, nullable=False),
        Column("description", Prose, nullable=False),
        Column("sku", Words(80), nullable=False),
        Column("unit", Words(10), nullable=False),
        Column("quantity", Exact, nullable=False),
        Column("unit_price", Exact, nullable=False),
        Column("base_quantity", Exact, nullable=False),
        Column("adjustments", Json, nullable=False),
        Column("supply", Words(20), nullable=False),
        Column("tax_category", Words(80), nullable=False),
        Column("revenue_account", Words(20), nullable=False),
        Column("supplied_on", Day, nullable=False),
        Column("period_start", Day, nullable=True),
        Column("period_end", Day, nullable=True),
        Column("section_key", Words(80), nullable=False),
        Column("section_label", Words(200), nullable=False),
        Column("product_id", Id, nullable=True),
        Column("charge_id", Id, nullable=True),
        Column("explanation", Prose, nullable=False),
        Column("plugins", Json, nullable=False),
        references("charge_id", to="charge"),
        references("draft_id", to="draft", ondelete="CASCADE"),
        references("product_id", to="product"),
        key=("draft_id", "line_no"),
    )


def _runs() -> None:
    tenant_table(
        "bill_run",
        Column("id", Id, nullable=False),
        Column("until", Day, nullable=False),
        Column("issue_on", Day, nullable=False),
        Column("mode", Words(10), nullable=False),
        Column("started_at", Instant, nullable=False),
        Column("finished_at", Instant, nullable=True),
        CheckConstraint("mode IN ('issue', 'draft')", name="mode"),
    )
    tenant_table(
        "bill_run_part",
        Column("run_id", Id, nullable=False),
        Column("part_no", Count, nullable=False),
        Column("first_payer_id", Id, nullable=False),
        Column("last_payer_id", Id, nullable=False),
        Column("leased_until", Instant, nullable=True),
        Column("fence", Count, nullable=False),
        Column("done_at", Instant, nullable=True),
        Column("result", Json, nullable=True),
        references("run_id", to="bill_run"),
        partial_index(
            "ix_bill_run_part_waiting", "tenant_id", "run_id", "part_no", where="done_at IS NULL"
        ),
        key=("run_id", "part_no"),
    )
    tenant_table(
        "parked_customer",
        Column("id", Id, nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("run_id", Id, nullable=False),
        Column("code", Words(80), nullable=False),
        Column("reason", Prose, nullable=False),
        Column("plugin", Words(80), nullable=False),
        Column("parked_at", Instant, nullable=False),
        references("customer_id", to="customer"),
        UniqueConstraint("tenant_id", "customer_id"),
    )


def _work() -> None:
    tenant_table(
        "outbox",
        Column("id", Id, nullable=False),
        Column("batch_id", Id, nullable=False),
        Column("kind", Words(10), nullable=False),
        Column("name", Words(80), nullable=False),
        Column("plugin", Words(80), nullable=False),
        Column("key", Words(200), nullable=True),
        Column("payload", Json, nullable=False),
        Column("state", Words(10), nullable=False),
        Column("attempts", Count, nullable=False),
        Column("last_error", Prose, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("done_at", Instant, nullable=True),
        CheckConstraint("kind IN ('event', 'job')", name="kind"),
        CheckConstraint("state IN ('waiting', 'done', 'dead')", name="state"),
        UniqueConstraint("tenant_id", "key"),
        Index("ix_outbox_batch", "tenant_id", "batch_id"),
        partial_index("ix_outbox_dead", "tenant_id", "id", where="state = 'dead'"),
        set_references=(ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),),
    )
    control_table(
        "due_work",
        Column("tenant_id", Id, nullable=False),
        Column("batch_id", Id, nullable=False),
        Column("due_at", Instant, nullable=False),
        Column("leased_until", Instant, nullable=True),
        Column("fence", Count, nullable=False),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        Index("ix_due_work_due", "due_at"),
        key=("tenant_id", "batch_id"),
    )
    tenant_table(
        "schedule",
        Column("name", Words(80), nullable=False),
        Column("plugin", Words(80), nullable=False),
        Column("next_at", Instant, nullable=False),
        Column("is_active", Flag, nullable=False),
        key=("name",),
    )
    tenant_table(
        "idempotency",
        Column("principal", Words(80), nullable=False),
        Column("route", Words(200), nullable=False),
        Column("key", Words(200), nullable=False),
        Column("request_hash", Bytes, nullable=False),
        Column("answer", Json, nullable=True),
        Column("created_at", Instant, nullable=False),
        CheckConstraint("length(request_hash) = 32", name="request_hash_length"),
        key=("principal", "route", "key"),
    )
    tenant_table(
        "audit",
        Column("id", Id, nullable=False),
        Column("happened_at", Instant, nullable=False),
        Column("actor_kind", Words(20), nullable=False),
        Column("actor_id", Id, nullable=True),
        Column("address", Words(80), nullable=False),
        Column("request_id", Id, nullable=True),
        Column("action", Words(80), nullable=False),
        Column("object_kind", Words(80), nullable=False),
        Column("object_id", Words(80), nullable=False),
        Column("details", Json, nullable=False),
        Index("ix_audit_at", "tenant_id", "happened_at"),
        Index("ix_audit_object", "tenant_id", "object_kind", "object_id"),
        append_only=True,
        set_references=(ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),),
    )
    tenant_table(
        "audit_link",
        Column("sequence", Amount, nullable=False),
        Column("audit_id", Id, nullable=False),
        Column("previous_hash", Bytes, nullable=False),
        Column("hash", Bytes, nullable=False),
        references("audit_id", to="audit"),
        UniqueConstraint("tenant_id", "audit_id"),
        UniqueConstraint("tenant_id", "previous_hash"),
        CheckConstraint("length(previous_hash) = 32", name="previous_hash_length"),
        CheckConstraint("length(hash) = 32", name="hash_length"),
        key=("sequence",),
        append_only=True,
    )
    tenant_table(
        "file",
        Column("id", Id, nullable=False),
        Column("name", Words(200), nullable=False),
        Column("content_type", Words(80), nullable=False),
        Column("size", Amount, nullable=False),
        Column("sha256", Bytes, nullable=False),
        Column("created_at", Instant, nullable=False),
        CheckConstraint("length(sha256) = 32", name="sha256_length"),
    )


def _circular_references() -> None:
    """SQLite takes these with the table; they wait for the commit, when all is there."""
    for name, table, columns, target, key in (
        ("fk_entry_sealed", "entry", ("id",), "entry_seal", ("entry_id",)),
        ("fk_document_sealed", "document", ("id",), "document_seal", ("document_id",)),
    ):
        with all_rows(table, target):
            op.create_foreign_key(
                name,
                table,
                target,
                ["tenant_id", *columns],
                ["tenant_id", *key],
                deferrable=True,
                initially="DEFERRED",
            )


def _content_check() -> Iterator[CheckConstraint]:
    if is_postgresql():
        yield CheckConstraint("content_hash = sha256(content)", name="content_hash")


def _seal_checks(chain: str, number: str, printed: str) -> Iterator[CheckConstraint]:
    """Prove the link that a seal makes; the formula stands in `billhook.domain.sealing`.

    SQLite has no SHA-256 of its own: there `verify` proves it.
    """
    zero = "decode(repeat('00', 32), 'hex')" if is_postgresql() else "zeroblob(32)"
    yield CheckConstraint(f"previous_{number} IS NOT NULL OR previous_hash = {zero}", name="first")
    if is_postgresql():
        yield CheckConstraint(
            f"hash = sha256(decode('01', 'hex') || previous_hash || {chain}"
            f" || int8send({number}) || {printed} content_hash)",
            name="hash",
        )
