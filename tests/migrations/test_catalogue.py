"""The catalogue of PostgreSQL has no hole: walls, keys and rights of every table."""

import pytest
from sqlalchemy import create_engine
from tests.migrations.references import set_references

from billhook.migrations.roles import GUARD, RUNTIME
from billhook.models.customers import Customer

pytestmark = pytest.mark.postgresql

CONTROL = {
    "tenant",
    "person",
    "credential",
    "one_time_link",
    "login_session",
    "seat",
    "due_work",
    "second_factor",
    "recovery_code",
    "api_secret",
    "due_webhook",
    "portal_domain",
}
"""Read before any tenant is known."""

EVERYTHING = "DELETE INSERT SELECT UPDATE"
SMALLER_RIGHTS = {
    **dict.fromkeys(
        [
            "allocation",
            "artefact",
            "audit",
            "audit_link",
            "charge",
            "delivery_step",
            "document",
            "document_adjustment",
            "document_event",
            "document_line",
            "document_link",
            "document_seal",
            "document_tax",
            "entry",
            "entry_seal",
            "posting",
            "price",
        ],
        "INSERT SELECT",
    ),
    **dict.fromkeys(
        [
            "account",
            "credit",
            "delivery",
            "delivery_recipient",
            "journal_head",
            "line_balance",
            "party_snapshot",
            "receivable",
            "series_run",
        ],
        "INSERT SELECT",
    ),
    "charge_claim": "DELETE INSERT SELECT",
    "customer_note": "DELETE INSERT SELECT",
    "notification": "DELETE INSERT SELECT",
    **dict.fromkeys(["api_request", "webhook_attempt", "webhook_message"], "DELETE INSERT SELECT"),
    **dict.fromkeys(
        ["document_seen", "guest_link", "portal_visit", "question_file", "question_message"],
        "DELETE INSERT SELECT",
    ),
    "customer": "INSERT SELECT",
    "tenant": "INSERT SELECT UPDATE",
}
COLUMN_RIGHTS = {
    "account": {"name", "type"},
    "credit": {"allocated"},
    "delivery": {
        "state",
        "is_committed",
        "is_captured",
        "remote_id",
        "last_error",
        "job_id",
        "sent_at",
        "version",
        "subject",
        "text",
        "html",
    },
    "customer_note": {"customer_id"},
    "delivery_recipient": {"state", "reason", "address", "name"},
    "delivery_step": {"address", "detail", "facts"},
    "guest_link": {"revoked_at", "opened_at"},
    "journal_head": {"last_sequence", "last_hash", "closed_through"},
    "line_balance": {"credited"},
    "notification": {"read_at"},
    "party_snapshot": {"salt", "content"},
    "portal_visit": {"address", "user_agent"},
    "question_message": {"text"},
    "receivable": {"allocated"},
    "series_run": {"first_number", "last_number", "last_hash", "last_on"},
    "customer": {column.name for column in Customer.__table__.columns} - {"tenant_id", "id"},
}


@pytest.fixture
def catalogue(database_urls):
    """Run a query on the catalogue; return its rows."""
    engine = create_engine(database_urls.owner)
    with engine.connect() as connection:
        yield lambda query: connection.exec_driver_sql(query).all()
    engine.dispose()


@pytest.fixture
def in_sets(database_urls):
    """The references that statement triggers check."""
    engine = create_engine(database_urls.owner)
    yield set_references(engine)
    engine.dispose()


@pytest.fixture
def tables(catalogue):
    """The tables but for Alembic's own."""
    return {
        name
        for (name,) in catalogue(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
        )
        if not name.startswith("alembic_version")
    }


@pytest.fixture
def walled(tables):
    return tables - CONTROL


def test_the_control_tables_exist(tables):
    assert tables >= CONTROL


def test_every_other_table_has_a_tenant(catalogue, walled):
    having = catalogue(
        "SELECT attrelid::regclass::text FROM pg_attribute"
        " WHERE attname = 'tenant_id' AND attnotnull AND NOT attisdropped"
    )
    assert walled <= {name for (name,) in having}


def test_row_level_security_is_forced(catalogue, walled):
    forced = catalogue("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    assert {name for (name,) in forced} == walled


def test_the_wall_reads_the_tenant_once_for_a_statement(catalogue, walled):
    found = catalogue(
        "SELECT polrelid::regclass::text, polcmd::text, polroles, polpermissive,"
        " pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)"
        " FROM pg_policy WHERE polname = 'tenant_wall'"
    )
    assert {name for name, *_ in found} == walled
    wall = "(tenant_id = ( SELECT (current_setting('app.tenant'::text))::uuid AS current_setting))"
    for name, *policy in found:
        assert policy == ["*", [0], True, wall, wall], name


def test_only_the_guard_sees_past_the_wall(catalogue):
    found = catalogue(
        "SELECT DISTINCT polname, polcmd::text, polroles::regrole[]::text FROM pg_policy"
        " WHERE polname <> 'tenant_wall' ORDER BY polname"
    )
    assert [tuple(row) for row in found] == [
        ("guard_moves", "w", f"{{{GUARD}}}"),
        ("guard_reads", "r", f"{{{GUARD}}}"),
    ]


def test_every_key_begins_with_the_tenant(catalogue, walled):
    keys = catalogue(
        "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, a.attname"
        " FROM pg_index i JOIN pg_attribute a"
        " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indisunique"
    )
    assert walled <= {table for table, *_ in keys}
    assert not [index for table, index, first in keys if table in walled and first != "tenant_id"]


def test_every_reference_between_tenants_rows_carries_the_tenant(catalogue, walled):
    references = catalogue(
        "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, c.conname, a.attname,"
        " f.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]"
        " WHERE c.contype = 'f'"
    )
    guilty = [
        name
        for table, target, name, first, referred in references
        if table in walled
        and target not in CONTROL
        and (first, referred) != ("tenant_id", "tenant_id")
    ]
    assert not guilty


def test_every_table_leads_to_its_tenant(catalogue, walled, in_sets):
    references = catalogue(
        "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text FROM pg_constraint c"
        " WHERE c.contype = 'f' AND NOT EXISTS (SELECT FROM pg_attribute a"
        " WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) AND NOT a.attnotnull)"
    )
    references += [(reference.table, reference.target) for reference in in_sets]
    reached = {"tenant"}
    while further := {table for table, target in references if target in reached} - reached:
        reached |= further
    assert walled <= reached


def test_sets_refer_with_the_tenant_and_only_to_rows_that_stay(catalogue, in_sets):
    stay = {
        table
        for (table,) in catalogue(
            "SELECT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname IN ('keeps_rows', 'keeps_all_rows') AND tgenabled = 'O'"
            " GROUP BY tgrelid HAVING count(*) = 2"
        )
    }
    assert {reference.target for reference in in_sets if not reference.holds} <= stay
    looking_back = catalogue(
        "SELECT tgrelid::regclass::text FROM pg_trigger"
        " WHERE tgfoid = 'guard_claim_deletion'::regproc AND tgenabled = 'O'"
    )
    held = {reference.target for reference in in_sets if reference.holds}
    assert held == {table for (table,) in looking_back}
    for reference in in_sets:
        updatable = COLUMN_RIGHTS.get(reference.target, set())
        assert not updatable & set(reference.key), reference
        if reference.target != "tenant":
            assert (reference.columns[0], reference.key[0]) == ("tenant_id", "tenant_id")


def test_sets_refer_from_columns_that_never_change(catalogue, in_sets):
    rewritable = {
        table
        for (table,) in catalogue(
            "SELECT relname FROM pg_class c WHERE NOT EXISTS (SELECT FROM pg_trigger t"
            " WHERE t.tgrelid = c.oid AND t.tgname = 'keeps_columns')"
        )
    }
    for reference in in_sets:
        changing = COLUMN_RIGHTS.get(reference.table, set())
        assert not changing & set(reference.columns), reference
        if reference.table in rewritable:
            assert reference.columns == ("tenant_id",)  # which the wall keeps in place


def test_the_runtime_role_may_do_what_is_planned_and_no_more(catalogue, tables):
    found = catalogue(
        "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type)"
        " FROM information_schema.role_table_grants"
        f" WHERE grantee = '{RUNTIME}' GROUP BY table_name"
    )
    rights = {name: kinds for name, kinds in found if not name.startswith("alembic_version")}
    assert rights == {name: SMALLER_RIGHTS.get(name, EVERYTHING) for name in tables}
    versions = {kinds for name, kinds in found if name.startswith("alembic_version")}
    assert versions == {"SELECT"}


def test_the_runtime_role_may_update_only_some_columns(catalogue):
    found = catalogue(
        "SELECT a.attrelid::regclass::text, a.attname FROM pg_attribute a, aclexplode(a.attacl) r"
        f" WHERE r.grantee = '{RUNTIME}'::regrole AND r.privilege_type = 'UPDATE'"
    )
    rights = {}
    for table, column in found:
        rights.setdefault(table, set()).add(column)
    assert rights == COLUMN_RIGHTS


def test_nobody_else_may_do_anything(catalogue):
    others = catalogue(
        "SELECT DISTINCT c.relname, r.grantee::regrole::text FROM pg_class c,"
        " aclexplode(c.relacl) r WHERE c.relnamespace = 'public'::regnamespace"
        f" AND r.grantee NOT IN (c.relowner, '{RUNTIME}'::regrole, '{GUARD}'::regrole)"
    )
    assert not others


def test_the_runtime_and_guard_roles_own_nothing_but_guards(catalogue):
    owned = catalogue(
        "SELECT c.oid::regclass::text FROM pg_class c"
        f" WHERE c.relowner IN ('{RUNTIME}'::regrole, '{GUARD}'::regrole)"
    )
    assert not owned
    functions = catalogue(
        "SELECT proname, proowner::regrole::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    )
    owners = {owner for name, owner in functions if name.startswith("guard_")}
    assert owners == {GUARD}


def test_the_roles_pass_no_wall(catalogue):
    (found,) = catalogue(
        "SELECT bool_or(rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb),"
        f" bool_or(rolname = '{GUARD}' AND rolcanlogin) FROM pg_roles"
        f" WHERE rolname IN ('{RUNTIME}', '{GUARD}')"
    )
    assert tuple(found) == (False, False)
    members = catalogue(
        "SELECT member::regrole::text FROM pg_auth_members"
        f" WHERE roleid = '{GUARD}'::regrole AND coalesce("
        "(to_jsonb(pg_auth_members) ->> 'inherit_option')::boolean, true)"
    )
    assert not members


def test_every_function_with_rights_of_its_own_has_its_path_pinned(catalogue):
    found = catalogue(
        "SELECT proname, array_to_string(proconfig, ' ') FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    )
    assert found
    for name, settings in found:
        assert "search_path=public, pg_temp" in settings, name


def test_there_are_no_views_that_would_leave_the_wall_out(catalogue):
    assert not catalogue(
        "SELECT relname FROM pg_class WHERE relkind = 'm'"
        " OR (relkind = 'v' AND relnamespace = 'public'::regnamespace"
        " AND NOT coalesce('security_invoker=true' = ANY(reloptions), false))"
    )
