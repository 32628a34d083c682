"""Jobs of plugins: on demand, recurring, and one for each event; none while the plugin is off."""

import os
import re
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import select, update

from billhook.clock import SystemClock
from billhook.db import db, transaction
from billhook.domain.events import DocumentIssued, PluginDisabled
from billhook.errors import PluginUnavailable, Retryable
from billhook.ids import new_id
from billhook.jobs.drainer import drain
from billhook.jobs.handlers import HANDLERS
from billhook.models.work import DueWork, Outbox, Schedule
from billhook.plugins.discovery import discover
from billhook.sdk.jobs import PluginJob
from billhook.services import outbox, plugins
from billhook.services.contexts import operator_context
from billhook.testing.crashing import wait_until
from billhook.testing.plugins import plugin_module
from billhook.testing.working import due_count, note, notes, work_row


def fax(*jobs: PluginJob):
    def register_jobs():
        return jobs

    return plugin_module("fax", register_jobs)


def in_a_transaction(ctx, payload) -> None:
    with ctx.transaction():
        note(ctx, payload)


def enqueue(ctx, name: str = "fax.send", **options):
    with ctx.transaction():
        return ctx.ports.jobs.enqueue(ctx, name, {"of": "page"}, **options)


def jobs_named(name: str) -> list[Outbox]:
    wanted = select(Outbox).where(Outbox.name == name).order_by(Outbox.id)
    db.session.rollback()
    return list(db.session.scalars(wanted.execution_options(populate_existing=True)))


def slot_of(name: str) -> Schedule | None:
    db.session.rollback()
    return db.session.scalar(select(Schedule).where(Schedule.name == name))


def test_register_jobs(tenant_with):
    ctx = tenant_with(fax(PluginJob(name="fax.send", work=in_a_transaction)))
    work_id = enqueue(ctx)
    assert drain().failed == 0
    assert notes(ctx) == ["page"]
    row = work_row(ctx, work_id)
    assert (row.plugin, row.state) == ("fax", "done")
    plugins.disable(ctx, "fax")
    with pytest.raises(PluginUnavailable, match="not enabled"):
        enqueue(operator_context("shop"))


# On demand


def test_a_job_that_no_plugin_has_is_not_enqueued(tenant_with):
    ctx = tenant_with(fax(PluginJob(name="fax.send", work=in_a_transaction)))
    with pytest.raises(PluginUnavailable, match=r"“fax” has no job “fax\.redial”"):
        enqueue(ctx, "fax.redial")
    with pytest.raises(PluginUnavailable, match="not installed"):
        enqueue(ctx, "audit.link")


def test_a_key_is_the_plugins_own_and_makes_one_job(tenant_with):
    def register_jobs():
        return [PluginJob(name="telex.send", work=in_a_transaction)]

    ctx = tenant_with(
        fax(PluginJob(name="fax.send", work=in_a_transaction)),
        plugin_module("telex", register_jobs),
    )
    first = enqueue(ctx, key="7")
    assert enqueue(ctx, key="7") == first
    assert enqueue(ctx, "telex.send", key="7") != first
    drain()
    assert enqueue(ctx, key="7") == first
    assert notes(ctx) == ["page", "page"]


def test_a_job_for_later_waits(tenant_with):
    ctx = tenant_with(fax(PluginJob(name="fax.send", work=in_a_transaction)))
    work_id = enqueue(ctx, after=timedelta(hours=1))
    drain()
    assert notes(ctx) == []
    (shown,) = [work for work in outbox.listing(ctx, state="waiting") if work.id == work_id]
    assert abs(shown.due_at - SystemClock().now() - timedelta(hours=1)) < timedelta(minutes=1)


def test_a_job_calls_out_between_its_transactions_under_one_key_for_all_tries(tenant_with):
    seen = []

    def send(ctx, payload) -> None:
        seen.append((ctx.request_id, db.session().info.get("is_writing", False)))
        if len(seen) == 1:
            raise Retryable("Engaged.", after=timedelta(0))

    ctx = tenant_with(fax(PluginJob(name="fax.send", work=send)))
    work_id = enqueue(ctx)
    drain()
    assert seen == [(work_id, False)] * 2


def test_a_job_of_a_plugin_runs_in_a_process_of_its_own(tenant_with):
    def tell(ctx, payload) -> None:
        with ctx.transaction():
            note(ctx, {"of": str(os.getpid())})

    ctx = tenant_with(fax(PluginJob(name="fax.send", work=tell)))
    drain()
    enqueue(ctx)
    drainer = current_app.extensions["billhook.drainer"]
    drainer.start()
    wait_until(lambda: due_count() == 0)
    drainer.stop()
    (process,) = notes(ctx)
    assert int(process) != os.getpid()


def test_a_waiting_job_of_a_plugin_that_was_switched_off_is_dead_and_comes_back(tenant_with):
    ctx = tenant_with(fax(PluginJob(name="fax.send", work=in_a_transaction)))
    work_id = enqueue(ctx)
    plugins.disable(ctx, "fax")
    drain()
    row = work_row(ctx, work_id)
    assert (row.state, row.last_error) == (
        "dead",
        "The plugin “fax” is off. Enable it, then retry this job.",
    )
    plugins.enable(operator_context("shop"), "fax")
    outbox.retry(ctx, work_id)
    drain()
    assert notes(ctx) == ["page"]


# For each event


def publish(ctx, count: int = 1) -> None:
    with ctx.transaction():
        for number in range(count):
            outbox.publish(ctx, PluginDisabled(plugin=f"p{number}"))


def test_each_event_becomes_one_job_of_each_plugin_that_waits_for_it(tenant_with):
    told = []

    def tell(ctx, payload) -> None:
        told.append((payload["event"], payload["plugin"], payload["event_id"]))

    ctx = tenant_with(fax(PluginJob(name="fax.report", work=tell, on=("plugin.disabled",))))
    drain()
    told.clear()
    publish(ctx, 3)
    with ctx.transaction():
        events = [event for event in jobs_of_events() if event.name == "plugin.disabled"]
    drain()
    assert sorted(told) == sorted(
        ("plugin.disabled", f"p{number}", str(event.id)) for number, event in enumerate(events)
    )


def jobs_of_events() -> list[Outbox]:
    return list(
        db.session.scalars(select(Outbox).where(Outbox.kind == "event").order_by(Outbox.id))
    )


def test_events_while_the_plugin_is_off_become_no_jobs(tenant_with):
    job = PluginJob(name="fax.report", work=in_a_transaction, on=("plugin.disabled",))
    ctx = tenant_with(fax(job), off=("fax",))
    publish(ctx)
    drain()
    assert jobs_named("fax.report") == []


def test_a_job_for_an_event_that_keeps_failing_is_a_dead_letter(tenant_with):
    def jam(ctx, payload) -> None:
        raise ValueError("no paper")

    ctx = tenant_with(fax(PluginJob(name="fax.report", work=jam, on=("plugin.disabled",))))
    publish(ctx)
    while drain().count:
        let_all_be_due()
    (row,) = jobs_named("fax.report")
    assert (row.state, row.last_error) == ("dead", "ValueError: no paper")
    (event,) = [one for one in jobs_of_events() if one.name == "plugin.disabled"]
    assert event.state == "done"


def let_all_be_due() -> None:
    with transaction() as session:
        session.execute(
            update(DueWork)
            .where(DueWork.tenant_id != DueWork.batch_id)
            .values(due_at=SystemClock().now())
        )


# Recurring


HOURLY = PluginJob(name="fax.poll", work=in_a_transaction, every=timedelta(hours=1))


def let_the_slot_pass(ctx, name: str) -> None:
    past = SystemClock().now() - timedelta(seconds=30)
    with ctx.transaction() as session:
        session.execute(update(Schedule).where(Schedule.name == name).values(next_at=past))
        session.execute(
            update(DueWork).where(DueWork.batch_id == ctx.tenant.id).values(due_at=past)
        )


def test_a_recurring_job_begins_when_the_plugin_is_enabled_and_runs_in_each_slot(tenant_with):
    ctx = tenant_with(fax(HOURLY), off=("fax",))
    drain()
    assert slot_of("fax.poll") is None
    plugins.enable(ctx, "fax")
    drain()
    slot = slot_of("fax.poll")
    assert slot.plugin == "fax"
    assert slot.next_at - SystemClock().now() > timedelta(minutes=59)
    let_the_slot_pass(ctx, "fax.poll")
    drain()
    assert [row.state for row in jobs_named("fax.poll")] == ["done"]
    assert slot_of("fax.poll").next_at - SystemClock().now() > timedelta(minutes=59)


def test_a_recurring_job_that_fails_does_not_pile_up(tenant_with):
    def jam(ctx, payload) -> None:
        raise Retryable("No paper.", after=timedelta(days=1))

    ctx = tenant_with(fax(PluginJob(name="fax.poll", work=jam, every=timedelta(hours=1))))
    drain()
    for _ in range(3):
        let_the_slot_pass(ctx, "fax.poll")
        drain()
    (waiting,) = jobs_named("fax.poll")
    assert (waiting.state, waiting.last_error) == ("waiting", "No paper.")
    with ctx.transaction():
        waiting.state = "dead"
    let_the_slot_pass(ctx, "fax.poll")
    drain()
    assert [row.state for row in jobs_named("fax.poll")] == ["dead", "waiting"]


def test_a_recurring_job_rests_while_the_plugin_is_off_and_is_made_up_for_once(tenant_with):
    ctx = tenant_with(fax(HOURLY))
    drain()
    plugins.disable(ctx, "fax")
    let_the_slot_pass(ctx, "fax.poll")
    drain()
    assert jobs_named("fax.poll") == []
    plugins.enable(operator_context("shop"), "fax")
    drain()
    assert [row.state for row in jobs_named("fax.poll")] == ["done"]


# What is written about them


HOW_TO = Path(__file__).parents[2] / "docs" / "howto" / "give-a-plugin-jobs.md"


def test_the_how_to_works_as_it_is_written(tenant_with, tmp_path):
    """With a bell that notes whom it rang for, and under which key."""
    rung = []
    (sample,) = re.findall(r"^```python\n(.*?)^```$", HOW_TO.read_text(), re.DOTALL | re.MULTILINE)
    (tmp_path / "bell.py").write_text(sample)
    spec = spec_from_file_location("bell", tmp_path / "bell.py")
    bell = module_from_spec(spec)
    spec.loader.exec_module(bell)
    bell.ring = lambda whom, key: rung.append((whom, key))
    bell.missed_calls = lambda: ["C-1", "C-2", "C-1"]
    ctx = tenant_with(plugin_module("bell", bell.register_jobs))
    drain()
    let_the_slot_pass(ctx, "bell.poll")
    with ctx.transaction():
        outbox.publish(
            ctx, DocumentIssued(document_id=new_id(), type="invoice", customer_id=ctx.tenant.id)
        )
    assert drain().failed == 0
    event = next(one for one in jobs_of_events() if one.name == "document.issued")
    reminders = jobs_named("bell.remind")
    assert sorted(rung) == sorted(
        [(str(ctx.tenant.id), str(event.id))]
        + [(row.payload["customer"], str(row.id)) for row in reminders]
    )
    assert sorted(row.payload["customer"] for row in reminders) == ["C-1", "C-2"]


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_no_plugin_can_take_the_name_of_a_job_of_the_core(name):
    module = plugin_module(name.partition(".")[0])
    (refusal,) = discover(None, (module,)).refused.values()
    assert refusal.code == "plugin.name_reserved"
