"""The wall in `db.py`: no statement on a tenant's table without the tenant in scope."""

import gc
import threading
import weakref

import pytest
from sqlalchemy import bindparam, delete, event, func, insert, select, text, update

from billhook.columns import Id
from billhook.db import Base, TenantRow, db, tenant_scope, tenant_tables, transaction
from billhook.errors import NoTenantInScope
from billhook.ids import new_id
from billhook.models.customers import Customer
from billhook.models.files import File
from billhook.models.people import Member
from billhook.models.tenants import Tenant

ROWS = sorted(
    (
        mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantRow)
        and mapper.class_.__module__.startswith("billhook.models.")
    ),
    key=lambda row: row.__tablename__,
)


def of(tenant_id) -> object:
    return bindparam("tenant", tenant_id, type_=Id)


def test_the_shop_has_rows_in_every_table(world):
    """What the other tests rest on: there is something to leak everywhere."""
    with world.shop.acting():
        empty = [
            row.__tablename__
            for row in ROWS
            if not db.session.scalar(select(func.count()).select_from(row))
        ]
    assert empty == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__tablename__)
def test_a_table_is_read_in_a_scope_alone(two, row):
    shop, acme = two
    every = f"SELECT * FROM {row.__tablename__}"
    bound = text(f"{every} WHERE tenant_id = :tenant")
    for statement in (text(every), bound.bindparams(of(shop)), select(row)):
        with pytest.raises(NoTenantInScope):
            db.session.execute(statement)
    with tenant_scope(acme):
        for statement in (text(every), bound.bindparams(of(shop))):
            with pytest.raises(NoTenantInScope):
                db.session.execute(statement)
        db.session.execute(bound.bindparams(of(acme)))
        db.session.execute(select(row))


def test_each_tenant_sees_its_own_alone(world):
    for row in ROWS:
        owners = []
        one_statement = select(row.tenant_id)  # narrowed when it is sent, not when it is made
        for ctx in (world.shop, world.acme, world.shop):
            with ctx.acting():
                owners.append(set(db.session.scalars(one_statement)))
        assert owners[0] == owners[2] == {world.shop.tenant.id}, row
        assert owners[1] <= {world.acme.tenant.id}, row


def test_one_statement_sent_by_two_tenants_at_once_answers_each(app, world):
    one_statement = select(Member.tenant_id)
    barrier = threading.Barrier(2)
    found: dict[str, set[object]] = {"shop": set(), "acme": set()}

    def read(ctx) -> None:
        with app.app_context():
            for _ in range(50):
                barrier.wait()
                with ctx.acting():
                    found[ctx.tenant.slug].update(db.session.scalars(one_statement))

    threads = [threading.Thread(target=read, args=(ctx,)) for ctx in (world.shop, world.acme)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"shop": {world.shop.tenant.id}, "acme": {world.acme.tenant.id}}


def test_what_a_statement_becomes_is_forgotten_with_it(two):
    statement = select(Customer)
    with tenant_scope(two[0]):
        db.session.execute(statement)
    gone = weakref.ref(statement)
    del statement
    db.session.remove()
    gc.collect()
    assert gone() is None


def test_a_transaction_that_reads_of_no_tenant_goes_on_as_the_tenants(two):
    """And ends with its scope: the next tenant begins another."""
    shop, acme = two
    begun: list[object] = []
    keep = begun.append
    event.listen(db.engine, "begin", keep)
    try:
        with tenant_scope(None):
            db.session.execute(select(Tenant.id)).all()
            for count, tenant in enumerate((shop, acme, shop), start=1):
                with tenant_scope(tenant):
                    owners = db.session.scalars(select(Customer.tenant_id)).all()
                    assert set(owners) <= {tenant}
                    assert len(begun) == count
                assert not db.session().in_transaction()
    finally:
        event.remove(db.engine, "begin", keep)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM CUSTOMER",
        'SELECT * FROM "customer"',
        "SELECT * FROM main.customer",
        "SELECT * FROM tenant, customer",
        "SELECT (SELECT count(*) FROM customer)",
        "WITH found AS (SELECT * FROM customer) SELECT * FROM found",
        "SELECT 1 FROM tenant /* customer */",
        "UPDATE customer SET name = 'x'",
        "DELETE FROM customer",
        "INSERT INTO customer SELECT * FROM customer",
        "CREATE TABLE copy AS SELECT * FROM customer",
        "CREATE VIEW copy AS SELECT * FROM customer",
    ],
)
def test_a_statement_is_known_however_it_is_written(two, statement):
    for scope in (None, two[0]):
        with tenant_scope(scope), pytest.raises(NoTenantInScope):
            db.session.execute(text(statement))


def test_a_connection_beside_the_session_is_guarded_too(two):
    for scope in (None, two[0]):
        with tenant_scope(scope), db.engine.connect() as connection:
            for execute in (connection.exec_driver_sql, lambda sql: connection.execute(text(sql))):
                with pytest.raises(NoTenantInScope):
                    execute("SELECT * FROM customer")


def test_a_row_of_another_tenant_is_not_got_by_its_key(world):
    with world.acme.acting():
        for tenant_id in (world.acme.tenant.id, world.shop.tenant.id):
            assert db.session.get(Customer, (tenant_id, world.customer)) is None


def test_a_row_that_was_read_in_one_scope_is_not_found_in_the_next(world):
    """The session remembers rows by their keys, and would hand them out without a statement."""
    key = (world.shop.tenant.id, world.customer)
    with world.shop.acting(), world.shop.transaction() as session:
        remembered = session.get(Customer, key)
    with world.acme.acting():
        assert db.session.get(Customer, key) is None
    assert remembered.name == "Zebra One"  # whoever has it keeps what they read


def test_changes_reach_no_other_tenants_rows(world):
    mine, theirs = world.acme, world.shop
    with mine.acting(), mine.transaction() as session:
        changed = session.execute(
            update(Customer).where(Customer.id == world.customer).values(name="x")
        )
        gone = session.execute(delete(File).where(File.id == world.file))
        assert (changed.rowcount, gone.rowcount) == (0, 0)
    with mine.acting():
        for statement in (
            update(Customer).where(Customer.tenant_id == theirs.tenant.id).values(name="x"),
            delete(File).where(File.tenant_id == theirs.tenant.id),
        ):
            with mine.transaction() as session:
                assert session.execute(statement).rowcount == 0
    with theirs.acting():
        assert db.session.scalars(select(Customer.name).order_by(Customer.name)).first() == (
            "Zebra One"
        )
        assert world.file in db.session.scalars(select(File.id)).all()


def file_row(tenant_id) -> dict[str, object]:
    from billhook.clock import SystemClock

    return {
        "tenant_id": tenant_id,
        "id": new_id(),
        "name": "a.txt",
        "content_type": "text/plain",
        "size": 1,
        "sha256": bytes(32),
        "created_at": SystemClock().now(),
    }


def test_no_row_is_written_into_another_tenant(two):
    shop, acme = two
    attempts = [
        lambda session: session.execute(insert(File).values(file_row(shop))),
        lambda session: session.execute(insert(File), [file_row(acme), file_row(shop)]),
        lambda session: (session.add(File(**file_row(shop))), session.flush()),
        lambda session: (
            session.add_all([File(**file_row(acme)), File(**file_row(shop))]),
            session.flush(),
        ),
    ]
    for attempt in attempts:
        with tenant_scope(acme), pytest.raises(NoTenantInScope), transaction() as session:
            attempt(session)
    for tenant_id in two:
        with tenant_scope(tenant_id):
            assert db.session.scalars(select(File)).all() == []


def test_a_row_does_not_move_to_another_tenant(world):
    with world.acme.acting(), world.acme.transaction() as session:
        row = File(**file_row(world.acme.tenant.id))
        session.add(row)
        session.flush()
        row.tenant_id = world.shop.tenant.id
        with pytest.raises(NoTenantInScope):
            session.flush()
        session.expunge(row)


def test_a_new_row_is_of_the_tenant_in_scope(two):
    values = file_row(None)
    with tenant_scope(two[1]), transaction() as session:
        row = File(**values)
        session.add(row)
        session.flush()
        assert row.tenant_id == two[1]


def test_the_tenant_does_not_change_inside_a_transaction(two):
    shop, acme = two
    with tenant_scope(shop), transaction():
        with pytest.raises(NoTenantInScope), tenant_scope(acme):
            pass
        with pytest.raises(NoTenantInScope), tenant_scope(None):
            pass


def test_the_scope_ends_with_its_block_even_when_that_fails(two):
    with pytest.raises(ZeroDivisionError), tenant_scope(two[0]):
        raise ZeroDivisionError
    with pytest.raises(NoTenantInScope):
        db.session.execute(select(Customer))


def test_threads_have_scopes_of_their_own(app, world):
    seen: dict[str, list[str]] = {}
    barrier = threading.Barrier(2)

    def read(ctx) -> None:
        with app.app_context(), ctx.acting():
            barrier.wait()
            for _ in range(20):
                names = db.session.scalars(select(Customer.name).order_by(Customer.name)).all()
                seen.setdefault(ctx.tenant.slug, []).extend(names)
                db.session.rollback()

    threads = [threading.Thread(target=read, args=(ctx,)) for ctx in (world.shop, world.acme)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen["shop"]) == {"Zebra One", "Zebra Two"}
    assert seen["acme"] == []


def test_every_table_of_ours_is_behind_the_wall_or_in_the_short_list():
    from billhook.db import ControlRow

    for mapper in Base.registry.mappers:
        row = mapper.class_
        assert issubclass(row, TenantRow | ControlRow), row
        if issubclass(row, TenantRow):
            assert "tenant_id" in mapper.local_table.primary_key.columns, row
    assert {row.__tablename__ for row in ROWS} <= tenant_tables()
