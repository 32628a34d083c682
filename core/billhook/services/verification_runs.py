"""Verifying from the screen: a job recomputes the books, and the audit log keeps what it found.

A run is an act of the log, and so is each of its checks: who asked, when, how
many records were read, what was broken. Nothing else is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from billhook import limits
from billhook.db import db
from billhook.errors import NotFound, readable
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.audit import Audit
from billhook.models.work import Outbox
from billhook.sdk.context import Context
from billhook.services import audit, outbox
from billhook.services.verifying import CHECKS

VERIFY = "ledger.verify"
_KIND = "verification"
_STARTED = "ledger.verification_started"
_CHECKED = "ledger.checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """What one check found."""

    name: str
    label: str
    count: int
    broken: str
    """The record that is not as it should be, and why; empty where all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRun:
    """A run as it stands."""

    id: UUID
    started_at: datetime
    outcomes: Sequence[CheckOutcome]
    total: int
    failure: str
    """Why it was given up; empty while it goes on and when it is done."""

    @property
    def is_done(self) -> bool:
        return len(self.outcomes) == self.total

    @property
    def is_running(self) -> bool:
        return not self.is_done and not self.failure

    @property
    def is_whole(self) -> bool:
        return self.is_done and not any(one.broken for one in self.outcomes)


def start(ctx: Context) -> UUID:
    """Ask for a run and return its id; where one goes on already, that one's."""
    ctx.require("ledger.view")
    last = _last()
    if last is not None and (found := _run(last)).is_running:
        return found.id
    run_id = new_id()
    with ctx.transaction():
        audit.record(ctx, _STARTED, _KIND, run_id)
        outbox.enqueue(ctx, VERIFY, {"run_id": str(run_id)}, key=_key(run_id))
    return run_id


def get(ctx: Context, run_id: UUID) -> VerificationRun:
    """Return a run. Raises NotFound."""
    ctx.require("ledger.view")
    started = db.session.scalar(_started().where(Audit.object_id == str(run_id)))
    if started is None:
        raise NotFound(_("verification"), run_id)
    return _run(started)


def latest(ctx: Context) -> VerificationRun | None:
    """Return the last run that was asked for."""
    ctx.require("ledger.view")
    started = _last()
    return _run(started) if started else None


def work(ctx: Context, run_id: UUID) -> None:
    """Do the checks that are not done yet, each kept as it ends. Safe to repeat."""
    done = {one.name for one in _outcomes(run_id)}
    db.session.rollback()  # ends reading: each check reads the books as they are when it begins
    for name, _label, check in CHECKS:
        if name in done:
            continue
        found = check(ctx)
        db.session.rollback()
        broken = f"{found.broken.record}: {found.broken.reason}" if found.broken else ""
        with ctx.transaction():
            audit.record(
                ctx,
                _CHECKED,
                _KIND,
                run_id,
                check=name,
                count=found.count,
                broken=readable(broken, limits.TEXT),
            )


def _started() -> Select[tuple[Audit]]:
    return select(Audit).where(Audit.object_kind == _KIND, Audit.action == _STARTED)


def _last() -> Audit | None:
    return db.session.scalar(_started().order_by(Audit.id.desc()).limit(1))


def _run(started: Audit) -> VerificationRun:
    run_id = UUID(started.object_id)
    failure = db.session.scalar(
        select(Outbox.last_error).where(Outbox.key == _key(run_id), Outbox.state == "dead")
    )
    return VerificationRun(
        id=run_id,
        started_at=started.happened_at,
        outcomes=_outcomes(run_id),
        total=len(CHECKS),
        failure=failure or "",
    )


def _outcomes(run_id: UUID) -> list[CheckOutcome]:
    labels = {name: label for name, label, _check in CHECKS}
    rows = db.session.scalars(
        select(Audit)
        .where(
            Audit.object_kind == _KIND, Audit.object_id == str(run_id), Audit.action == _CHECKED
        )
        .order_by(Audit.id)
    )
    found = {
        row.details["check"]: CheckOutcome(
            name=row.details["check"],
            label=str(labels[row.details["check"]]),
            count=int(row.details["count"]),
            broken=row.details["broken"],
        )
        for row in rows
        if row.details["check"] in labels
    }
    return list(found.values())


def _key(run_id: UUID) -> str:
    return f"{VERIFY}:{run_id}"
