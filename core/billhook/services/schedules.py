"""Recurring jobs: what runs when is code, when it runs next is a row per tenant.

A slot becomes one job in the outbox, by a key of its name and time, whatever
number of workers look. The tenant's schedule itself is a batch of `due_work`,
named by the tenant's own id: it is due when the next slot is. Slots that passed
while nothing ran are made up for once, not one by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, literal, select

from billhook.clock import SystemClock
from billhook.columns import Instant
from billhook.db import db, insert, tenant_scope, transaction
from billhook.models.tenants import Tenant
from billhook.models.work import DueWork, Outbox, Schedule
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import outbox


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, so far apart."""

    interval: timedelta

    def after(self, slot: datetime, now: datetime, time_zone: str) -> datetime:
        """Return the first slot after now, in step with an earlier one."""
        passed = max((now - slot) // self.interval, 0)
        return slot + (passed + 1) * self.interval

    def first(self, now: datetime, time_zone: str) -> datetime:
        return now + self.interval


@dataclass(frozen=True, slots=True)
class DailyAt:
    """Once a day, by the tenant's own clock on the wall."""

    at: time

    def after(self, slot: datetime, now: datetime, time_zone: str) -> datetime:
        """Return the first slot after now. An hour that summer time skips is made up for after it."""
        zone = ZoneInfo(time_zone)
        day = now.astimezone(zone).date()
        while (found := datetime.combine(day, self.at, zone).astimezone(UTC)) <= now:
            day += timedelta(days=1)
        return found

    def first(self, now: datetime, time_zone: str) -> datetime:
        return self.after(now, now, time_zone)


CORE: Mapping[str, Every | DailyAt] = MappingProxyType(
    {
        "api_requests.tidy": DailyAt(time(3, 30)),
        "audit.link": Every(timedelta(minutes=5)),
        "audit.link_all": DailyAt(time(2, 30)),
        "client_notices.tidy": DailyAt(time(3, 40)),
        "idempotency.tidy": DailyAt(time(3)),
        "outbox.tidy": DailyAt(time(3, 10)),
        "portal_visits.tidy": DailyAt(time(3, 50)),
        "sessions.tidy": DailyAt(time(3, 20)),
        "webhooks.tidy": DailyAt(time(3, 30)),
    }
)
"""The core's recurring jobs by name, in every tenant."""

IDLE = timedelta(days=1)
"""How long a schedule of which nothing is active is left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEntry:
    """A recurring job as people see it."""

    name: str
    plugin: str
    next_at: datetime
    is_active: bool


def listing(ctx: Context) -> list[ScheduleEntry]:
    """Return the tenant's recurring jobs, the next to come up first."""
    ctx.require("outbox.view")
    rows = db.session.scalars(select(Schedule).order_by(Schedule.next_at, Schedule.name))
    return [
        ScheduleEntry(
            name=row.name, plugin=row.plugin, next_at=row.next_at, is_active=row.is_active
        )
        for row in rows
    ]


def begin(ctx: Context) -> None:
    """Let the tenant's schedule be looked at now, inside the transaction that makes or changes it."""
    outbox.make_due(ctx.tenant.id, ctx.tenant.id, outbox.due(ctx))


def begin_missing() -> None:
    """Start the schedule of every tenant that has none."""
    running = select(DueWork.batch_id).where(
        DueWork.tenant_id == Tenant.id, DueWork.batch_id == Tenant.id
    )
    missing = select(Tenant.id, Tenant.id, literal(SystemClock().now(), Instant), literal(0))
    missing = missing.where(~running.exists())
    with tenant_scope(None):
        if db.session.execute(missing.limit(1)).first() is None:
            return
        with transaction() as session:
            session.execute(
                insert(DueWork)
                .from_select(["tenant_id", "batch_id", "due_at", "fence"], missing)
                .on_conflict_do_nothing()
            )


def is_schedule(tenant_id: UUID, batch_id: UUID) -> bool:
    """Tell whether a batch of `due_work` is the tenant's schedule."""
    return tenant_id == batch_id


def run_due(ctx: Context) -> datetime:
    """Enqueue what is due, and return when to look again, by the machine's clock.

    A plugin's job of which an earlier slot still waits for another try is left out,
    so that what fails does not pile up. Inside a transaction that holds the lease of
    the schedule.
    """
    now = ctx.now()
    rules = _rules(ctx)
    _add_missing(ctx, rules, now)
    is_wanted = (Schedule.is_active, Schedule.name.in_(rules))
    passed = select(Schedule).where(*is_wanted, Schedule.next_at <= now)
    for row in db.session.scalars(passed).all():
        if not _still_waits(row):
            key = f"{row.name}@{row.next_at.isoformat()}"
            outbox.enqueue(ctx, row.name, {}, key=key, plugin=row.plugin)
        row.next_at = rules[row.name].after(row.next_at, now, ctx.tenant.time_zone)
    db.session.flush()
    next_at = db.session.scalars(select(func.min(Schedule.next_at)).where(*is_wanted)).one()
    return outbox.due(ctx, next_at or now + IDLE)


def _still_waits(row: Schedule) -> bool:
    slots = Outbox.key.startswith(f"{row.name}@", autoescape=True)
    waiting = select(Outbox.id).where(slots, Outbox.state == "waiting")
    return bool(row.plugin) and db.session.scalar(waiting.limit(1)) is not None


def _rules(ctx: Context) -> dict[str, Every | DailyAt]:
    """Return when what recurs in the tenant, of the core and of the plugins that are on."""
    jobs = relay(ctx).jobs().values()
    return {**CORE, **{job.name: Every(job.every) for job in jobs if job.every is not None}}


def _add_missing(ctx: Context, rules: Mapping[str, Every | DailyAt], now: datetime) -> None:
    known = set(db.session.scalars(select(Schedule.name)))
    rows = [
        {
            "tenant_id": ctx.tenant.id,
            "name": name,
            "plugin": "" if name in CORE else name.partition(".")[0],
            "next_at": rule.first(now, ctx.tenant.time_zone),
            "is_active": True,
        }
        for name, rule in rules.items()
        if name not in known
    ]
    if rows:
        db.session.execute(insert(Schedule).on_conflict_do_nothing(), rows)
