"""The outbox: work is written with what causes it, or not at all."""

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from billhook import limits
from billhook.clock import SystemClock
from billhook.db import db, tenant_scope
from billhook.domain.events import PluginDisabled, PluginEnabled
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.ids import first_id_of, new_id
from billhook.jobs.drainer import drain
from billhook.models.work import DueWork, Outbox
from billhook.plugins.runtime import EXTENSION
from billhook.services import audit, dead_letters, outbox
from billhook.services.outbox import NewJob
from billhook.testing.working import due_count, enqueued, open_tenant, work_row


class Refused(Exception):
    pass


def rows() -> list[Outbox]:
    return list(db.session.scalars(select(Outbox).order_by(Outbox.id)))


def test_work_goes_with_the_transaction_that_causes_it(ctx):
    with pytest.raises(Refused):
        cause_and_fail(ctx)
    assert (rows(), due_count()) == ([], 0)


def cause_and_fail(ctx) -> None:
    with ctx.transaction():
        outbox.publish(ctx, PluginEnabled(plugin="fax"))
        outbox.enqueue(ctx, "fax.send", {})
        raise Refused


def test_work_outside_a_transaction_is_a_bug(ctx):
    with pytest.raises(RuntimeError):
        outbox.publish(ctx, PluginEnabled(plugin="fax"))
    with pytest.raises(RuntimeError):
        outbox.enqueue(ctx, "fax.send", {})


def test_events_of_a_transaction_wait_together_and_a_job_alone(ctx):
    with ctx.transaction():
        outbox.publish(ctx, PluginEnabled(plugin="fax"))
        outbox.enqueue(ctx, "fax.send", {})
        outbox.publish(ctx, PluginDisabled(plugin="fax"))
    with ctx.transaction():
        outbox.publish(ctx, PluginEnabled(plugin="fax"))
    on, job, off, again = rows()
    assert on.batch_id == off.batch_id
    assert len({on.batch_id, job.batch_id, again.batch_id}) == 3
    assert due_count() == 3


def test_a_savepoint_that_is_undone_does_not_strand_the_events_after_it(ctx):
    with ctx.transaction() as session:
        undone = session.begin_nested()
        outbox.publish(ctx, PluginEnabled(plugin="fax"))
        undone.rollback()
        outbox.publish(ctx, PluginDisabled(plugin="fax"))
    assert [row.name for row in rows()] == ["plugin.disabled"]
    assert due_count() == 1


def test_an_event_carries_its_version_and_ids_as_texts(ctx):
    with ctx.transaction():
        outbox.publish(ctx, PluginEnabled(plugin="fax"))
    assert rows()[0].payload == {"version": 1, "plugin": "fax"}


def test_a_known_key_makes_no_second_job(ctx):
    first = enqueued(ctx, key="once")
    assert enqueued(ctx, key="once", payload={"other": True}) == first
    assert [row.id for row in rows()] == [first]


def test_a_key_belongs_to_its_tenant(ctx):
    enqueued(ctx, key="once")
    other = open_tenant("other")
    assert enqueued(other, key="once") is not None
    with other.acting():
        assert len(rows()) == 1


def test_a_key_that_many_use_at_once_makes_one_job(app, ctx):
    ids = []

    def ask() -> None:
        with app.app_context():
            ids.append(enqueued(ctx, key="once"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1


def test_a_payload_has_a_limit(ctx):
    filling = limits.PAYLOAD_BYTES - len('{"x":""}')
    enqueued(ctx, payload={"x": "a" * filling})
    with pytest.raises(ValidationFailed):
        enqueued(ctx, payload={"x": "a" * (filling + 1)})
    assert len(rows()) == 1


def test_the_drainer_is_woken_once_and_only_by_a_commit(app, ctx, monkeypatch):
    calls = []
    runtime = app.extensions[EXTENSION]
    monkeypatch.setitem(
        app.extensions, EXTENSION, replace(runtime, wake=lambda: calls.append(due_count()))
    )
    with pytest.raises(Refused):
        cause_and_fail(ctx)
    assert calls == []
    with ctx.transaction():
        outbox.enqueue(ctx, "fax.send", {})
        outbox.enqueue(ctx, "fax.send", {})
    assert calls == [2]


def test_the_listing_shows_one_tenants_work_newest_first(ctx):
    first, second = enqueued(ctx), enqueued(ctx)
    other = open_tenant("other")
    enqueued(other)
    assert [work.id for work in outbox.listing(ctx)] == [second, first]
    assert outbox.listing(ctx, state="dead") == []
    assert outbox.listing(ctx)[0].due_at <= SystemClock().now()


def test_dead_work_is_listed_with_its_reason_and_retry_revives_it(ctx, handles):
    work_id = enqueued(ctx, "nobody.knows")
    drain()
    (dead,) = outbox.listing(ctx, state="dead")
    assert "nobody.knows" in dead.last_error
    assert dead.due_at is None

    handles("nobody.knows", lambda ctx, payload: None)
    retried = outbox.retry(ctx, work_id)
    assert (retried.state, retried.attempts) == ("waiting", 0)
    drain()
    assert work_row(ctx, work_id).state == "done"
    (act,) = audit.listing(ctx, action="outbox.retried")
    assert act.object_id == str(work_id)


def test_all_dead_work_of_a_name_is_revived_at_once(ctx, handles):
    wanted = [enqueued(ctx, "nobody.knows") for _ in range(3)]
    rest = enqueued(ctx, "nobody.cares")
    drain()
    assert len(outbox.listing(ctx, state="dead")) == 4
    assert [work.id for work in outbox.listing(ctx, name="nobody.cares")] == [rest]

    handles("nobody.knows", lambda ctx, payload: None)
    assert dead_letters.retry_all(ctx, name="nobody.knows") == 3
    drain()
    assert {work_row(ctx, work_id).state for work_id in wanted} == {"done"}
    assert work_row(ctx, rest).state == "dead"
    (act,) = audit.listing(ctx, action="outbox.retried")
    assert (act.object_id, act.details) == ("nobody.knows", {"count": "3"})

    assert dead_letters.retry_all(ctx) == 1
    assert dead_letters.retry_all(ctx) == 0


def test_a_great_many_are_revived_in_parts_and_each_once(ctx, monkeypatch):
    monkeypatch.setattr(limits, "PAGE_ROWS", 2)
    with ctx.transaction():
        outbox.enqueue_all(
            ctx,
            [NewJob(name="nobody.knows", payload={}, key=str(number)) for number in range(5)],
        )
    drain()
    assert dead_letters.retry_all(ctx) == 5
    assert due_count() == 5
    drain()
    assert {row.state for row in rows()} == {"dead"}


def test_waiting_work_can_be_tried_at_once(ctx):
    work_id = enqueued(ctx, due_at=ctx.now() + timedelta(hours=1))
    assert outbox.retry(ctx, work_id).due_at <= SystemClock().now()


def test_done_work_is_not_tried_again(ctx, handles):
    handles("test.note", lambda ctx, payload: None)
    work_id = enqueued(ctx)
    drain()
    with pytest.raises(Conflict):
        outbox.retry(ctx, work_id)


def test_nobody_retries_the_work_of_another_tenant(ctx):
    other = open_tenant("other")
    foreign = enqueued(other)
    for unknown in (foreign, new_id()):
        with pytest.raises(NotFound):
            outbox.retry(ctx, unknown)


def test_seeing_and_retrying_need_their_permissions(ctx):
    work_id = enqueued(ctx)
    clerk = replace(ctx, permissions=frozenset())
    with pytest.raises(Forbidden):
        outbox.listing(clerk)
    with pytest.raises(Forbidden):
        outbox.retry(clerk, work_id)
    with pytest.raises(Forbidden):
        dead_letters.retry_all(clerk)


def due_times() -> list:
    with tenant_scope(None):
        return list(
            db.session.scalars(select(DueWork.due_at).where(DueWork.batch_id != DueWork.tenant_id))
        )


def test_a_sandbox_that_is_ahead_of_time_gets_its_work_done_now(app):
    ahead = open_tenant("ahead", sandbox_offset=timedelta(days=400))
    now = SystemClock().now()
    enqueued(ahead)
    enqueued(ahead, due_at=ahead.now() + timedelta(hours=1))
    at_once, later = sorted(due_times())
    assert at_once - now < timedelta(minutes=1)
    assert timedelta(minutes=59) < later - now < timedelta(minutes=61)


def test_work_comes_nearer_when_a_sandbox_moves_its_clock(app):
    ahead = open_tenant("ahead", sandbox_offset=timedelta(0))
    enqueued(ahead, due_at=ahead.now() + timedelta(days=30))
    with ahead.acting(), ahead.transaction():
        outbox.bring_forward(ahead, timedelta(days=31))
    assert due_times()[0] < SystemClock().now()


def test_done_work_is_forgotten_after_a_week_and_dead_work_never(ctx, handles):
    handles("test.note", lambda ctx, payload: None)
    ids = {name: enqueued(ctx) for name in ("old", "young")}
    ids["dead"] = enqueued(ctx, "nobody.knows")
    drain()
    ids["waiting"] = enqueued(ctx)
    week, minute = outbox.KEPT, timedelta(minutes=1)
    for name, age in (("old", week + minute), ("young", week - minute), ("dead", 2 * week)):
        ids[name] = grown_old(ctx, ids[name], age)
    assert outbox.tidy(ctx) == 1
    assert {row.id for row in rows()} == {ids["young"], ids["dead"], ids["waiting"]}


def grown_old(ctx, work_id, age: timedelta):
    """Let work be of an earlier time; return its id of that time."""
    then = ctx.now() - age
    with ctx.transaction() as session:
        old_id = UUID(int=first_id_of(then).int | work_id.int & (1 << 80) - 1)
        session.execute(update(Outbox).where(Outbox.id == work_id).values(id=old_id, done_at=then))
    return old_id
