"""The audit log: every act once, in its transaction, in a chain that shows any change."""

import re
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import URL, insert, make_url, select
from sqlalchemy.exc import IntegrityError

from billhook.clock import SystemClock
from billhook.db import db
from billhook.domain.sealing import FIRST
from billhook.errors import Forbidden
from billhook.ids import first_id_of, new_id
from billhook.models.audit import Audit, AuditLink
from billhook.sdk.context import Actor, ActorKind
from billhook.services import audit
from billhook.testing.databases import DatabaseUrls
from billhook.testing.working import open_tenant


def record(ctx, action="ledger.closed", object_id="1", **details):
    with ctx.transaction():
        audit.record(ctx, action, "ledger", object_id, **details)


def links() -> list[AuditLink]:
    return list(db.session.scalars(select(AuditLink).order_by(AuditLink.sequence)))


class Refused(Exception):
    pass


def act_and_fail(ctx) -> None:
    with ctx.transaction():
        audit.record(ctx, "ledger.closed", "ledger", "1")
        raise Refused


def test_an_act_that_did_not_happen_is_not_noted(ctx):
    with pytest.raises(Refused):
        act_and_fail(ctx)
    assert audit.listing(ctx) == []


def test_an_act_is_noted_inside_its_transaction_only(ctx):
    with pytest.raises(RuntimeError):
        audit.record(ctx, "ledger.closed", "ledger", "1")


def test_a_note_says_who_did_what_when_and_from_where(ctx):
    person, request = new_id(), new_id()
    actor = Actor(kind=ActorKind.PERSON, id=person, address="192.0.2.7")
    record(replace(ctx, actor=actor, request_id=request), through="2026-10-31", count=3)
    (act,) = audit.listing(ctx)
    assert (act.actor_kind, act.actor_id, act.address) == ("person", person, "192.0.2.7")
    assert (act.action, act.object_kind, act.object_id) == ("ledger.closed", "ledger", "1")
    assert act.details == {"through": "2026-10-31", "count": "3"}
    assert act.request_id == request
    assert abs(act.happened_at - SystemClock().now()) < timedelta(minutes=1)


def test_the_listing_is_narrowed_by_action_object_actor_and_time(ctx):
    person = new_id()
    record(ctx, object_id="1")
    record(ctx, action="ledger.opened", object_id="2")
    record(replace(ctx, actor=Actor(kind=ActorKind.PERSON, id=person)), object_id="3")

    def found(**filters) -> list[str]:
        return [act.object_id for act in audit.listing(ctx, **filters)]

    first = audit.listing(ctx)[-1]
    later = first.happened_at + timedelta(microseconds=1)
    assert found() == ["3", "2", "1"]
    assert found(action="ledger.opened") == ["2"]
    assert found(object_kind="ledger", object_id="1") == ["1"]
    assert found(object_kind="draft") == []
    assert found(actor_id=person) == ["3"]
    assert found(until=later) == ["1"]
    assert found(since=later) == ["3", "2"]
    assert found(limit=1) == ["3"]
    assert found(older_than=audit.listing(ctx, limit=1)[0].id) == ["2", "1"]


def test_each_tenant_sees_its_own_acts(ctx):
    record(ctx)
    other = open_tenant("other")
    with other.acting():
        assert audit.listing(other) == []


def test_seeing_the_log_needs_a_permission(ctx):
    with pytest.raises(Forbidden):
        audit.listing(replace(ctx, permissions=frozenset()))


# The chain


def test_the_chain_links_each_act_once_in_order(ctx):
    for number in range(3):
        record(ctx, object_id=str(number))
    assert audit.link(ctx) == 3
    assert audit.link(ctx) == 0
    record(ctx)
    assert audit.link(ctx) == 1
    found = links()
    assert [link.sequence for link in found] == [1, 2, 3, 4]
    assert [link.previous_hash for link in found] == [FIRST, *(link.hash for link in found[:-1])]
    assert audit.verify_chain(ctx) is None


def test_the_chain_of_nothing_is_whole(ctx):
    assert audit.link(ctx) == 0
    assert audit.verify_chain(ctx) is None


def test_a_chain_is_made_in_bounded_steps(ctx, monkeypatch):
    monkeypatch.setattr(audit, "LINKS_AT_ONCE", 2)
    for number in range(5):
        record(ctx, object_id=str(number))
    assert [audit.link(ctx) for _ in range(4)] == [2, 2, 1, 0]
    assert audit.verify_chain(ctx) is None


def test_an_act_that_commits_late_is_linked(ctx):
    """Its id is older than the newest linked one: whoever looked only past that would skip it."""
    late = _early_row(ctx, timedelta(minutes=10))
    record(ctx, object_id="2")
    assert audit.link(ctx) == 1
    with ctx.transaction() as session:
        session.execute(insert(Audit), [late])
    assert audit.link(ctx) == 1
    assert audit.verify_chain(ctx) is None
    assert links()[-1].audit_id == late["id"]


def test_an_act_that_commits_too_late_is_reported_and_still_linked_by_the_daily_round(ctx):
    late = _early_row(ctx, audit.REACH + timedelta(minutes=1))
    record(ctx)
    audit.link(ctx)
    with ctx.transaction() as session:
        session.execute(insert(Audit), [late])
    assert audit.link(ctx) == 0
    assert audit.verify_chain(ctx).path == f"audit/{late['id']}"
    assert audit.link(ctx, reach=None) == 1
    assert audit.verify_chain(ctx) is None


def _early_row(ctx, age: timedelta) -> dict:
    """Return an act that was noted a while ago, in a transaction that is still open."""
    return {
        "tenant_id": ctx.tenant.id,
        "id": first_id_of(SystemClock().now() - age),
        "happened_at": SystemClock().now() - age,
        "actor_kind": "system",
        "actor_id": None,
        "address": "",
        "request_id": None,
        "action": "ledger.closed",
        "object_kind": "ledger",
        "object_id": "late",
        "details": {},
    }


def test_two_chain_makers_at_once_make_one_chain(app, ctx):
    for number in range(20):
        record(ctx, object_id=str(number))
    refused = []

    def chain() -> None:
        with app.app_context(), ctx.acting():
            try:
                audit.link(ctx)
            except IntegrityError as error:
                refused.append(error)

    threads = [threading.Thread(target=chain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(links()) == 20
    assert audit.verify_chain(ctx) is None


def test_making_the_chain_waits_for_no_writer_and_no_writer_for_it(app, ctx, backend):
    """On SQLite there is one writer in all; there it is the bounded step that keeps waits short."""
    if backend == "sqlite":
        pytest.skip("one writer at a time is SQLite's own rule")
    record(ctx, object_id="before")
    linked = []

    def chain() -> None:
        with app.app_context(), ctx.acting():
            linked.append(audit.link(ctx))

    with ctx.transaction():
        audit.record(ctx, "ledger.closed", "ledger", "open")
        thread = threading.Thread(target=chain)
        thread.start()
        thread.join(timeout=10)
        assert linked == [1]
    assert audit.link(ctx) == 1


CHANGES = {
    "happened_at": "2020-01-01T00:00:00.000000+00:00",
    "actor_kind": "person",
    "address": "198.51.100.1",
    "action": "ledger.opened",
    "object_kind": "draft",
    "object_id": "9",
    "details": '{"count": "4"}',
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_changed_act_is_named(ctx, database_urls, field):
    _first, second, _third = chained(ctx)
    statement = f"UPDATE audit SET {field} = %(value)s WHERE id = %(id)s"
    tamper(database_urls, statement, id=second, value=CHANGES[field])
    assert audit.verify_chain(ctx).path == f"audit/{second}"


def test_a_missing_link_is_named_by_the_act_after_it(ctx, database_urls):
    _first, second, third = chained(ctx)
    tamper(database_urls, "DELETE FROM audit_link WHERE audit_id = %(id)s", id=second)
    assert audit.verify_chain(ctx).path == f"audit/{third}"


def test_a_link_with_another_hash_is_named(ctx, database_urls):
    first, _second, _third = chained(ctx)
    statement = "UPDATE audit_link SET hash = %(value)s WHERE audit_id = %(id)s"
    tamper(database_urls, statement, id=first, value=bytes(32))
    assert audit.verify_chain(ctx).path == f"audit/{first}"


def chained(ctx) -> list[UUID]:
    """Note and link three acts; return their ids."""
    for number in range(3):
        record(ctx, object_id=str(number), count=3)
    audit.link(ctx)
    ids = [link.audit_id for link in links()]
    db.session.rollback()
    return ids


def tamper(urls: DatabaseUrls, statement: str, **values: object) -> None:
    """Change what is sealed, as whoever has the machine can: the guards taken off first."""
    url = make_url(urls.owner)
    if url.get_backend_name() == "sqlite":
        _tamper_sqlite(url.database, statement, values)
    else:
        _tamper_postgresql(url.set(drivername="postgresql"), statement, values)


def _tamper_sqlite(path: str, statement: str, values: dict[str, object]) -> None:
    plain = {
        name: value.bytes if isinstance(value, UUID) else value for name, value in values.items()
    }
    with closing(sqlite3.connect(path)) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(re.sub(r"%\((\w+)\)s", r":\1", statement), plain).rowcount == 1
        connection.commit()


def _tamper_postgresql(url: URL, statement: str, values: dict[str, object]) -> None:
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        for table in ("audit", "audit_link"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            connection.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        assert connection.execute(statement, values).rowcount == 1
