"""The second wall: PostgreSQL itself, asked by the runtime role without any guard of ours."""

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from billhook.db import db, tenant_tables
from billhook.errors import NoTenantInScope

pytestmark = pytest.mark.postgresql

TABLES = sorted(tenant_tables())


@pytest.fixture
def bare(world, config):
    """Return a way to open transactions of the runtime role that no guard of ours watches."""
    engine = create_engine(config.database_url)

    def begin(tenant_id=None):
        connection = engine.connect()
        if tenant_id is not None:
            connection.execute(
                text("SELECT set_config('app.tenant', :tenant, true)"), {"tenant": str(tenant_id)}
            )
        return connection

    yield begin
    engine.dispose()


def test_without_a_tenant_no_table_answers(bare):
    for table in TABLES:
        with bare() as connection, pytest.raises(DBAPIError):
            connection.execute(text(f"SELECT * FROM {table}"))


def test_a_tenant_that_is_none_sees_nothing(bare):
    for nonsense in ("", "*", "%", "null", "all", "' OR true --"):
        with bare(nonsense) as connection, pytest.raises(DBAPIError):
            connection.execute(text("SELECT * FROM customer"))


def test_each_tenant_sees_its_own_rows_alone(world, bare):
    for table in TABLES:
        every = text(f"SELECT tenant_id FROM {table}")
        with bare(world.shop.tenant.id) as connection:
            assert {row.tenant_id for row in connection.execute(every)} == {world.shop.tenant.id}
        with bare(world.acme.tenant.id) as connection:
            found = {row.tenant_id for row in connection.execute(every)}
            assert found <= {world.acme.tenant.id}, table


def test_asking_for_the_other_by_name_finds_nothing(world, bare):
    with bare(world.acme.tenant.id) as connection:
        for table in TABLES:
            found = connection.execute(
                text(f"SELECT count(*) FROM {table} WHERE tenant_id = :theirs"),
                {"theirs": world.shop.tenant.id},
            ).scalar()
            assert found == 0, table


def test_nothing_of_the_other_is_changed_or_deleted(world, bare, everything_of):
    before = everything_of(world.shop)
    theirs = {"theirs": world.shop.tenant.id}
    with bare(world.acme.tenant.id) as connection:
        touched = [
            statement
            for table in TABLES
            for statement in changes(table)
            if rows_touched(connection, statement, theirs)
        ]
        connection.commit()
    assert touched == []
    assert everything_of(world.shop) == before


def rows_touched(connection, statement: str, values: dict[str, object]) -> int:
    """Try a change; one that the role has no right to touches nothing."""
    try:
        with connection.begin_nested():
            return connection.execute(text(statement), values).rowcount
    except DBAPIError as refused:
        if "permission denied" in str(refused):
            return 0
        raise


def changes(table: str) -> list[str]:
    """Return every change of every column; each has privileges of its own."""
    where = "WHERE tenant_id = :theirs"
    columns = [column["name"] for column in inspect(db.engine).get_columns(table)]
    updates = [f"UPDATE {table} SET {column} = {column} {where}" for column in columns]
    return [f"DELETE FROM {table} {where}", *updates]


def test_no_row_is_written_into_the_other(world, bare):
    """Each statement copies a row of the shop's, given to acme."""
    reasons = []
    with bare(world.shop.tenant.id) as connection:
        for table in TABLES:
            columns = [column["name"] for column in inspect(db.engine).get_columns(table)]
            values = ", ".join(":theirs" if name == "tenant_id" else name for name in columns)
            copy = text(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} LIMIT 1"
            )
            with pytest.raises(DBAPIError) as refused, connection.begin_nested():
                connection.execute(copy, {"theirs": world.acme.tenant.id})
            reasons.append(str(refused.value))
    by_the_wall = [reason for reason in reasons if "row-level security" in reason]
    assert len(by_the_wall) >= len(TABLES) - 5  # guards of sealed tables may speak first


ATTACKS = (
    "SET row_security = off",
    "ALTER TABLE customer DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE customer NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY tenant_wall ON customer",
    "CREATE POLICY mine ON customer USING (true)",
    "ALTER ROLE current_user BYPASSRLS",
    "SET ROLE billhook_owner",
    "SET ROLE billhook_guard",
    "SET SESSION AUTHORIZATION billhook_owner",
    "SET session_replication_role = replica",
    "TRUNCATE customer CASCADE",
    "CREATE VIEW everything AS SELECT * FROM customer",
    "CREATE MATERIALIZED VIEW everything AS SELECT * FROM customer",
    "CREATE FUNCTION x() RETURNS SETOF customer LANGUAGE sql AS 'SELECT * FROM customer'",
)


def test_the_runtime_role_cannot_take_the_wall_down(world, bare):
    for attack in ATTACKS:
        with bare(world.acme.tenant.id) as connection:
            try:
                connection.execute(text(attack))
                found = connection.execute(text("SELECT count(*) FROM customer")).scalar()
            except DBAPIError:
                continue
            assert found == 0, attack
    with world.shop.acting():
        assert db.session.execute(
            text("SELECT count(*) FROM customer WHERE tenant_id = :own"),
            {"own": world.shop.tenant.id},
        ).scalar()


def test_a_pooled_connection_forgets_its_tenant(world):
    """What one request set is gone when the next takes the same connection."""
    with world.shop.acting():
        db.session.execute(text("SELECT 1"))
        told = db.session.execute(text("SELECT current_setting('app.tenant')")).scalar()
        assert told == str(world.shop.tenant.id)
    for _ in range(5):
        told = db.session.execute(text("SELECT current_setting('app.tenant', true)")).scalar()
        assert not told
        db.session.rollback()


def test_our_guard_refuses_before_postgresql_is_asked(world):
    with world.acme.acting():
        with pytest.raises(NoTenantInScope):
            db.session.execute(text("SELECT * FROM customer"))
        told = db.session.execute(text("SELECT current_setting('app.tenant')")).scalar()
    assert told == str(world.acme.tenant.id)  # the transaction goes on: no statement was sent


def test_without_our_guard_the_application_still_shows_nothing(world):
    """The same session and engine, with every guard of ours taken out."""
    from sqlalchemy import event, select

    from billhook import db as wall
    from billhook.models.customers import Customer

    event.remove(db.engine, "before_cursor_execute", wall.refuse_unscoped)
    event.remove(wall.BillhookSession, "do_orm_execute", wall._narrow_to_the_tenant)
    try:
        with world.acme.acting():
            assert db.session.scalars(select(Customer)).all() == []
            assert db.session.execute(text("SELECT * FROM customer")).all() == []
        with world.shop.acting():
            assert len(db.session.scalars(select(Customer)).all()) == 2
        with pytest.raises(DBAPIError):
            db.session.execute(text("SELECT * FROM customer"))
    finally:
        event.listen(wall.BillhookSession, "do_orm_execute", wall._narrow_to_the_tenant)
