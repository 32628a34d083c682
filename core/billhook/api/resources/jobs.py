"""Jobs by the API: what waits, what was given up, and trying it again."""

from uuid import UUID

from billhook.api.schemas.jobs import (
    DeadJobs,
    JobAnswer,
    JobChoice,
    JobsQuery,
    RevivedAnswer,
    ScheduleAnswer,
)
from billhook.sdk.api import Page, Routes
from billhook.sdk.context import Context
from billhook.services import outbox, reviving, schedules

routes = Routes("jobs", "Work that Billhook does by itself: what waits, failed or recurs.")


@routes.get("/jobs", requires="outbox.view")
def list_jobs(ctx: Context, query: JobsQuery) -> Page[JobAnswer]:
    """List events and jobs, the newest first."""
    found = outbox.search(
        ctx, state=query.state, text=query.text, after=query.after, limit=query.limit
    )
    return Page(data=[JobAnswer.of(one) for one in found.rows], next=found.next or None)


@routes.get("/jobs/<uuid:work_id>", requires="outbox.view")
def get_job(ctx: Context, work_id: UUID) -> JobAnswer:
    """Get an event or a job, and why it failed, without what it carries."""
    return JobAnswer.of(outbox.get(ctx, work_id))


@routes.post("/jobs/<uuid:work_id>/retry", requires="outbox.retry")
def retry_job(ctx: Context, work_id: UUID, key: str | None) -> JobAnswer:
    """Let work be tried now, and dead work with all its attempts again.

    A delivery that was given up needs `deliveries.send`, too; what is done answers 409.
    Needs `outbox.view`, too.
    """
    ctx.require("outbox.view")
    reviving.retry(ctx, work_id)
    return JobAnswer.of(outbox.get(ctx, work_id))


@routes.post("/jobs/retry", requires="outbox.retry")
def retry_jobs(ctx: Context, body: JobChoice, key: str | None) -> RevivedAnswer:
    """Let chosen work be tried now, as far as each can be."""
    return RevivedAnswer.of(reviving.retry_some(ctx, list(dict.fromkeys(body.ids))))


@routes.post("/jobs/retry-dead", requires="outbox.retry")
def retry_dead_jobs(ctx: Context, body: DeadJobs, key: str | None) -> RevivedAnswer:
    """Let all dead work, or that of a name, be tried again.

    Deliveries are left out of which nobody knows whether they arrived: look at those
    one by one.
    """
    return RevivedAnswer.of(reviving.retry_all(ctx, name=body.name))


@routes.get("/schedules", requires="outbox.view")
def list_schedules(ctx: Context) -> Page[ScheduleAnswer]:
    """List what comes up by itself, and when: all on one page."""
    return Page(data=[ScheduleAnswer.of(one) for one in schedules.listing(ctx)], next=None)
