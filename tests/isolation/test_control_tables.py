"""The tables that are read before any tenant is known: few, and without their content."""

import pytest
from sqlalchemy import inspect

from billhook.db import Base, ControlRow, db
from billhook.services import sessions

LIST = {
    "api_secret": {"secret_hash", "tenant_id", "key_id", "hint", "made_at", "expires_at"},
    "credential": {"person_id", "password_hash", "changed_at"},
    "due_work": {"tenant_id", "batch_id", "due_at", "leased_until", "fence"},
    "due_webhook": {
        "tenant_id",
        "delivery_id",
        "endpoint_id",
        "due_at",
        "leased_until",
        "fence",
    },
    "login_session": {
        "token_hash",
        "person_id",
        "tenant_id",
        "created_at",
        "seen_at",
        "expires_at",
        "proved_at",
        "challenge",
        "address",
        "user_agent",
    },
    "one_time_link": {"token_hash", "person_id", "tenant_id", "expires_at", "used_at"},
    "portal_domain": {"domain", "tenant_id", "brand_id", "token", "made_at", "verified_at"},
    "person": {"id", "email", "name", "language", "created_at"},
    "recovery_code": {"code_hash", "person_id", "used_at"},
    "seat": {"person_id", "tenant_id"},
    "second_factor": {
        "id",
        "person_id",
        "kind",
        "name",
        "sealed",
        "credential_id",
        "public_key",
        "uses",
        "is_confirmed",
        "made_at",
        "used_at",
    },
    # Who the tenant is and how it bills; nothing about its customers, prices or books.
    "tenant": {
        "id",
        "slug",
        "name",
        "country",
        "subdivision",
        "street",
        "postal_code",
        "city",
        "extra",
        "email",
        "legal_id",
        "legal_id_scheme",
        "electronic_address",
        "electronic_scheme",
        "contact_name",
        "phone",
        "channels",
        "formats",
        "currency",
        "time_zone",
        "language",
        "supplies",
        "tax_engine",
        "tax_rounding",
        "prices_include_tax",
        "cash_rounding",
        "payment_days",
        "is_sandbox",
        "retention_years",
        "requires_second_factor",
        "guide_dismissed",
        "clock_offset_seconds",
        "created_at",
        "version",
    },
}


def test_the_list_is_complete():
    found = {
        mapper.local_table.name: {column.name for column in mapper.local_table.columns}
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, ControlRow)
    }
    assert found == LIST


def test_the_database_has_no_table_beside(world):
    """Version tables of migrations hold a revision and nothing else."""
    from billhook.db import tenant_tables

    tables = set(inspect(db.engine).get_table_names())
    beside = {table for table in tables if not table.startswith("alembic_version")}
    assert beside - tenant_tables() == LIST.keys()


@pytest.mark.parametrize("table", sorted(LIST.keys() - {"tenant", "person"}))
def test_a_control_table_holds_ids_times_and_hashes(world, table):
    """The shop writes “zebra” into every text that it has."""
    sessions.log_in(world.ada.email, world.ada.password)
    rows = db.session.execute(Base.metadata.tables[table].select()).all()
    assert rows
    assert "zebra" not in repr(rows).lower()


def test_what_is_said_of_a_tenant_is_its_own_name(world):
    found = db.session.execute(Base.metadata.tables["tenant"].select()).mappings().all()
    zebras = [
        column for row in found for column, value in row.items() if "zebra" in str(value).lower()
    ]
    assert zebras == ["name"]
