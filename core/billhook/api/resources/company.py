"""The company's own settings by the API, and the clock of a sandbox."""

from datetime import timedelta

from billhook.api.schemas.company import (
    ClockAdvance,
    ClockAnswer,
    CompanyAnswer,
    CompanyChanges,
    CompanyChoicesAnswer,
    FirstStepsAnswer,
    GuideChange,
    SecondFactorRule,
)
from billhook.sdk.api import Match, Routes
from billhook.sdk.context import Context
from billhook.services import company, guide, sandbox_clocks, second_factor

routes = Routes("company", "Who you are on documents, and how you bill.")


@routes.get("/company", requires="tenant.view")
def get_company(ctx: Context) -> CompanyAnswer:
    """Get the company's settings."""
    return CompanyAnswer.of(ctx, company.settings(ctx))


@routes.patch("/company", requires="tenant.manage")
def change_company(ctx: Context, body: CompanyChanges, match: Match) -> CompanyAnswer:
    """Change the company's settings; fields that are left out stay.

    Documents from now on follow them; those that were issued stay as they are. Needs
    `tenant.view`, too.
    """
    known = company.settings(ctx)
    change = body.as_change(known.currency)
    changed = company.change(ctx, change, version=match.require(known.version))
    return CompanyAnswer.of(changed, company.settings(changed))


@routes.get("/company/choices", requires="tenant.view")
def list_company_choices(ctx: Context) -> CompanyChoicesAnswer:
    """List the tax engines, channels and e-invoice formats that can be chosen."""
    return CompanyChoicesAnswer.of(company.choices(ctx))


@routes.put("/company/second-factor", requires="tenant.manage")
def require_second_factor(ctx: Context, body: SecondFactorRule) -> None:
    """Ask everybody who works here for a second factor, or no longer.

    Whoever has none is led to set one up, and sees nothing of the company before.
    """
    second_factor.require_of_members(ctx, is_required=body.is_required)


@routes.get("/company/first-steps", requires="tenant.view")
def get_first_steps(ctx: Context) -> FirstStepsAnswer:
    """Tell what is still missing until the first invoice can go out."""
    return FirstStepsAnswer.of(guide.state(ctx))


@routes.patch("/company/first-steps", requires="tenant.manage")
def change_first_steps(ctx: Context, body: GuideChange) -> None:
    """Put the list of first steps away, or show it again."""
    if body.is_dismissed:
        guide.dismiss(ctx)
    else:
        guide.resume(ctx)


@routes.get("/clock", requires="tenant.view")
def get_clock(ctx: Context) -> ClockAnswer:
    """Tell the company's time; a sandbox may be ahead of the world."""
    return _clock(ctx)


@routes.post("/clock/advance", requires="tenant.manage")
def advance_clock(ctx: Context, body: ClockAdvance) -> ClockAnswer:
    """Move a sandbox's time forward; what becomes due by it is worked on at once.

    It never goes back, and moves at most ten years at a time. A company that is real
    answers 409.
    """
    seconds = timedelta(**{body.unit: 1}) // timedelta(seconds=1)
    by = timedelta(seconds=min(body.by * seconds, _BEYOND))
    return _clock(sandbox_clocks.advance(ctx, by))


_BEYOND = sandbox_clocks.FURTHEST_ADVANCE // timedelta(seconds=1) + 1
"""Seconds that no sandbox moves by: more is the same to it."""


def _clock(ctx: Context) -> ClockAnswer:
    return ClockAnswer(now=ctx.now(), today=ctx.today(), is_sandbox=ctx.tenant.is_sandbox)
