"""Recurring jobs: every slot once, by the tenant's clock, whoever looks and how often."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from billhook.clock import SystemClock
from billhook.db import db, tenant_scope, transaction
from billhook.ids import new_id
from billhook.jobs.drainer import Ending, drain, run
from billhook.jobs.handlers import HANDLERS
from billhook.models.people import LoginSession, Person
from billhook.models.work import DueWork, Outbox, Schedule
from billhook.services import audit, schedules
from billhook.services.schedules import DailyAt, Every
from billhook.testing.working import claim, let_lapse, open_tenant

OLD, NEW = bytes(32), bytes([1]) * 32


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("slot", "now", "next_slot"),
    [
        ("2026-01-01 10:00", "2026-01-01 10:00", "2026-01-01 10:05"),
        ("2026-01-01 10:00", "2026-01-01 10:04", "2026-01-01 10:05"),
        ("2026-01-01 10:00", "2026-01-01 10:05", "2026-01-01 10:10"),
        ("2026-01-01 10:00", "2026-01-03 00:01", "2026-01-03 00:05"),  # once for all it missed
    ],
)
def test_an_interval_stays_in_step(slot, now, next_slot):
    rule = Every(timedelta(minutes=5))
    assert rule.after(at(slot), at(now), "UTC") == at(next_slot)


@pytest.mark.parametrize(
    ("time_zone", "now", "next_slot"),
    [
        ("UTC", "2026-01-01 02:59", "2026-01-01 03:00"),
        ("UTC", "2026-01-01 03:00", "2026-01-02 03:00"),
        ("Europe/Berlin", "2026-01-01 01:59", "2026-01-01 02:00"),
        ("Europe/Berlin", "2026-07-01 00:59", "2026-07-01 01:00"),
        ("Pacific/Auckland", "2026-01-01 13:59", "2026-01-01 14:00"),
        ("America/Los_Angeles", "2026-01-01 11:00", "2026-01-02 11:00"),
    ],
)
def test_a_daily_job_goes_by_the_wall_clock_of_the_tenant(time_zone, now, next_slot):
    assert DailyAt(time(3)).after(at(now), at(now), time_zone) == at(next_slot)


def test_summer_time_skips_no_day_and_doubles_none():
    """In Berlin 02:30 is missing on 29 March 2026, and comes twice on 25 October."""
    rule = DailyAt(time(2, 30))
    for first, days in ((at("2026-03-27 12:00"), 4), (at("2026-10-23 12:00"), 4)):
        now, slots = first, []
        for _ in range(days):
            now = rule.after(now, now, "Europe/Berlin")
            slots.append(now)
        dates = {slot.date() for slot in slots}
        assert len(dates) == days
        assert max(slots) - min(slots) < timedelta(days=days - 1, hours=2)


def test_every_recurring_job_has_a_handler():
    assert set(schedules.CORE) <= set(HANDLERS)


def names_of_jobs() -> list[str]:
    return sorted(db.session.scalars(select(Outbox.name).where(Outbox.kind == "job")))


def schedule_of(ctx) -> DueWork:
    return db.session.scalars(
        select(DueWork)
        .where(DueWork.batch_id == ctx.tenant.id)
        .execution_options(populate_existing=True)
    ).one()


def let_pass(ctx, *names: str) -> None:
    """Let the next slots of some jobs be in the past."""
    past = SystemClock().now() - timedelta(seconds=30)
    with ctx.acting(), ctx.transaction() as session:
        session.execute(update(Schedule).where(Schedule.name.in_(names)).values(next_at=past))
        session.execute(
            update(DueWork).where(DueWork.batch_id == ctx.tenant.id).values(due_at=past)
        )


def test_a_tenant_without_a_schedule_gets_one(ctx):
    drain()
    assert set(db.session.scalars(select(Schedule.name))) == set(schedules.CORE)
    assert schedule_of(ctx).due_at > SystemClock().now()
    assert names_of_jobs() == []


def test_a_slot_becomes_one_job(ctx):
    drain()
    let_pass(ctx, "audit.link", "outbox.tidy")
    assert drain().count == 3
    assert names_of_jobs() == ["audit.link", "outbox.tidy"]
    assert drain().count == 0
    assert min(db.session.scalars(select(Schedule.next_at))) > SystemClock().now()


def test_a_slot_that_two_workers_see_becomes_one_job(ctx):
    drain()
    let_pass(ctx, "audit.link")
    slow = claim()
    let_lapse(slow)
    assert run(claim()) is Ending.DONE
    assert run(slow) is Ending.LOST
    assert names_of_jobs() == ["audit.link"]


def test_a_slot_whose_job_is_known_makes_no_second(ctx):
    """As after a crash that lost the row's new time, but not the job."""
    drain()
    let_pass(ctx, "audit.link")
    with ctx.transaction():
        (row,) = db.session.scalars(select(Schedule).where(Schedule.name == "audit.link"))
        slot = row.next_at
        schedules.run_due(ctx)
    with ctx.transaction() as session:
        session.execute(update(Schedule).where(Schedule.name == "audit.link").values(next_at=slot))
        schedules.run_due(ctx)
    assert names_of_jobs() == ["audit.link"]


def test_a_schedule_that_is_off_is_left_out(ctx):
    drain()
    with ctx.transaction() as session:
        session.execute(update(Schedule).values(is_active=False))
    let_pass(ctx, *schedules.CORE)
    assert drain().count == 1
    assert names_of_jobs() == []
    assert schedule_of(ctx).due_at > SystemClock().now() + timedelta(hours=1)


def test_each_tenant_has_a_schedule_of_its_own(ctx):
    other = open_tenant("other")
    drain()
    let_pass(other, "audit.link")
    drain()
    assert names_of_jobs() == []
    with other.acting():
        assert names_of_jobs() == ["audit.link"]


def test_a_sandbox_that_moves_its_clock_lives_through_its_schedule(app):
    ahead = open_tenant("ahead", sandbox_offset=timedelta(days=400))
    drain()
    assert schedule_of(ahead).due_at < SystemClock().now() + timedelta(minutes=6)


def test_the_chain_of_the_audit_log_is_made_by_itself(ctx):
    with ctx.transaction():
        audit.record(ctx, "ledger.closed", "ledger", "1")
    drain()
    let_pass(ctx, "audit.link", "audit.link_all")
    drain()
    assert audit.link(ctx) == 0
    assert audit.verify_chain(ctx) is None


def test_sessions_that_have_expired_are_deleted(ctx):
    now = SystemClock().now()
    with tenant_scope(None), transaction() as session:
        person = Person(
            id=new_id(), email="a@example.org", name="A", language="en", created_at=now
        )
        session.add(person)
        session.flush()
        for token, expires_at in ((OLD, now), (NEW, now + timedelta(hours=1))):
            session.add(
                LoginSession(
                    token_hash=token,
                    person_id=person.id,
                    created_at=now,
                    seen_at=now,
                    expires_at=expires_at,
                )
            )
    drain()
    let_pass(ctx, "sessions.tidy")
    drain()
    assert list(db.session.scalars(select(LoginSession.token_hash))) == [NEW]
