"""Verifying from the screen: a job recomputes the books, and the audit log keeps what it found.

A run is an act of the log, and so is each of its checks: who asked, when, how
many records were read, what was broken. Nothing else is stored.
"""

from collections.abc import Iterable, Sequence
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
from billhook.services.paging import Order, Slice, cut
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


def search(ctx: Context, *, after: str = "", limit: int = 50) -> Slice[VerificationRun]:
    """Return a page of the runs, the last first. Raises ValidationFailed for a wrong cursor."""
    ctx.require("ledger.view")
    page = cut(
        _started(),
        (Order(Audit.id, UUID),),
        after=after,
        limit=limit,
        is_descending=True,
        make=lambda row: row[0],
    )
    return Slice(rows=tuple(_runs(page.rows)), next=page.next)


def work(ctx: Context, run_id: UUID) -> None:
    """Do the checks that are not done yet, each kept as it ends. Safe to repeat."""
    done = {one.name for one in _outcomes([run_id]).get(run_id, ())}
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
    (run,) = _runs([started])
    return run


def _runs(started: Sequence[Audit]) -> list[VerificationRun]:
    ids = {one.id: UUID(one.object_id) for one in started}
    failures = _failures(ids.values())
    outcomes = _outcomes(ids.values())
    return [
        VerificationRun(
            id=ids[one.id],
            started_at=one.happened_at,
            outcomes=outcomes.get(ids[one.id], ()),
            total=len(CHECKS),
            failure=failures.get(_key(ids[one.id]), ""),
        )
        for one in started
    ]


def _failures(run_ids: Iterable[UUID]) -> dict[str | None, str]:
    """Return why runs were given up, by the keys of their jobs."""
    rows = db.session.execute(
        select(Outbox.key, Outbox.last_error).where(
            Outbox.key.in_([_key(run_id) for run_id in run_ids]), Outbox.state == "dead"
        )
    )
    return dict(rows.tuples().all())


def _outcomes(run_ids: Iterable[UUID]) -> dict[UUID, list[CheckOutcome]]:
    """Return what the checks of runs found, in the order in which they were done."""
    labels = {name: label for name, label, _check in CHECKS}
    rows = db.session.scalars(
        select(Audit)
        .where(
            Audit.object_kind == _KIND,
            Audit.object_id.in_([str(run_id) for run_id in run_ids]),
            Audit.action == _CHECKED,
        )
        .order_by(Audit.id)
    )
    found: dict[UUID, dict[str, CheckOutcome]] = {}
    for row in rows:
        if row.details["check"] in labels:
            of_run = found.setdefault(UUID(row.object_id), {})
            of_run[row.details["check"]] = CheckOutcome(
                name=row.details["check"],
                label=str(labels[row.details["check"]]),
                count=int(row.details["count"]),
                broken=row.details["broken"],
            )
    return {run_id: list(by_name.values()) for run_id, by_name in found.items()}


def _key(run_id: UUID) -> str:
    return f"{VERIFY}:{run_id}"
