"""Drafts are made and saved whole. Saving loses no charge, and nobody's change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from billhook.db import db
from billhook.domain import events
from billhook.domain.adjusting import adjustment_json
from billhook.domain.states import DraftState
from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.drafts import Draft, DraftLine
from billhook.plugins.runtime import runtime
from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.services import audit, drafting, idempotency, outbox
from billhook.services.draft_editing.heading import Heading
from billhook.services.draft_editing.inputs import MOST_LINES, DraftInput
from billhook.services.draft_editing.line_prices import PricedLine, explained
from billhook.services.draft_editing.opening import stored_input
from billhook.services.draft_editing.reading import reading
from billhook.services.draft_editing.stored import (
    NOTHING,
    StoredDraft,
    stored_draft,
)
from billhook.services.draft_rows import kind_of, line_values


class DraftChanged(Conflict):
    """Somebody saved the draft since the form was loaded."""

    code = "draft.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of it; `waiting_again` charges went back to the queue with their lines."""

    draft_id: UUID
    version: int
    waiting_again: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the form in which an idempotency key remembers it."""
        return {"id": str(self.draft_id), "version": self.version, "again": self.waiting_again}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Saved":
        """Return what `as_json` stored."""
        return cls(
            draft_id=UUID(stored["id"]), version=stored["version"], waiting_again=stored["again"]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """What is to be written, computed before the transaction."""

    heading: Heading
    lines: tuple[PricedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Over:
    """What is to be written over a version."""

    version: int
    ready: _Ready


def create(ctx: Context, given: DraftInput, *, key: str | None = None) -> Saved:
    """Make a draft of what was typed; a repeat with the same key gets the first.

    Raises ValidationFailed, IdempotencyMismatch.
    """
    ctx.require("drafts.edit")
    outcome = idempotency.computed_once(
        ctx,
        route="drafts.create",
        key=key,
        request=repr(given),
        compute=lambda: _ready(ctx, given, NOTHING),
        effect=lambda ready: {"id": str(_create(ctx, ready))},
    )
    return Saved(draft_id=UUID(outcome.answer["id"]), version=1)


def _create(ctx: Context, ready: _Ready) -> UUID:
    session, draft_id, values = db.session(), new_id(), _values(ready)
    made = {
        **values,
        "tenant_id": ctx.tenant.id,
        "id": draft_id,
        "state": DraftState.OPEN.value,
        "created_at": ctx.now(),
        "version": 1,
    }
    session.execute(insert(Draft), [made])
    _write_lines(ctx, session, draft_id, ready.lines)
    outbox.publish(ctx, events.DraftCreated(draft_id=draft_id, customer_id=values["customer_id"]))
    audit.record(ctx, "draft.created", "draft", draft_id)
    return draft_id


def save(ctx: Context, draft_id: UUID, given: DraftInput, *, version: int) -> Saved:
    """Save all of a draft over the version that the form began with.

    Charges whose lines were removed wait again. Raises NotFound, AlreadyIssued,
    Conflict once it is discarded, DraftChanged, ValidationFailed.
    """
    ctx.require("drafts.edit")
    return _save(ctx, draft_id, _over(ctx, draft_id, given, version))


def revise(
    ctx: Context,
    draft_id: UUID,
    change: Callable[[DraftInput], DraftInput],
    *,
    asked: str,
    expected: Callable[[int], int],
    key: str | None = None,
) -> Saved:
    """Save a draft as `change` makes it of what is stored; `asked` tells one change from another.

    `expected` gets the stored version and returns it, or raises. A repeat with the same
    key gets the first answer. Raises what `save` raises, IdempotencyMismatch, and
    ValidationFailed for a draft that is too long to be edited.
    """
    ctx.require("drafts.edit")
    outcome = idempotency.computed_once(
        ctx,
        route="drafts.revise",
        key=key,
        request=[str(draft_id), asked],
        compute=lambda: _changed(ctx, draft_id, change, expected),
        effect=lambda over: _save(ctx, draft_id, over).as_json(),
    )
    return Saved.from_json(outcome.answer)


def _changed(
    ctx: Context,
    draft_id: UUID,
    change: Callable[[DraftInput], DraftInput],
    expected: Callable[[int], int],
) -> _Over:
    present = stored_input(ctx, draft_id)
    version = expected(present.version)
    if present.is_too_long:
        message = _(
            "A draft of more than %(most)s lines is not edited. Split it.", most=MOST_LINES
        )
        raise ValidationFailed([Problem(code="draft.too_long", path="lines", message=message)])
    return _over(ctx, draft_id, change(present.given), version)


def _over(ctx: Context, draft_id: UUID, given: DraftInput, version: int) -> _Over:
    stored = stored_draft(draft_id)
    _refuse_other(stored.version, version)
    return _Over(version=version, ready=_ready(ctx, given, stored))


def _save(ctx: Context, draft_id: UUID, over: _Over) -> Saved:
    ready, version = over.ready, over.version
    with ctx.transaction() as session:
        draft = drafting.lock(session, draft_id)
        _refuse_other(draft.version, version)
        _fill(draft, ready)
        draft.version += 1
        session.flush()
        session.execute(
            delete(DraftLine)
            .where(DraftLine.tenant_id == ctx.tenant.id, DraftLine.draft_id == draft_id)
            .execution_options(synchronize_session=False)
        )
        _write_lines(ctx, session, draft_id, ready.lines)
        waiting = drafting.give_back(ctx, session, draft_id, keeping=_charges(ready.lines))
        outbox.publish(ctx, events.DraftChanged(draft_id=draft_id))
        audit.record(ctx, "draft.saved", "draft", draft_id, lines=len(ready.lines))
    return Saved(draft_id=draft_id, version=version + 1, waiting_again=waiting)


def _refuse_other(present: int, expected: int) -> None:
    if present != expected:
        raise DraftChanged(
            _("Somebody else saved this draft meanwhile. Compare, and choose what to keep.")
        )


def _ready(ctx: Context, given: DraftInput, stored: StoredDraft) -> _Ready:
    relay = runtime().host.relay(ctx.tenant.plugins)
    found = reading(ctx, relay, given, stored)
    if stopping := errors(found.problems):
        raise ValidationFailed(stopping)
    return _Ready(
        heading=found.heading,
        lines=tuple(explained(ctx, relay, found.heading, found.lines)),
    )


def _fill(draft: Draft, ready: _Ready) -> None:
    for name, value in _values(ready).items():
        setattr(draft, name, value)


def _values(ready: _Ready) -> dict[str, Any]:
    """Return all of a draft that is typed, as its row holds it."""
    heading = ready.heading
    assert heading.buyer is not None  # else there was a problem
    assert heading.payer_id is not None
    return {
        "type": kind_of(part for line in ready.lines for part in line.parts).value,
        "customer_id": heading.buyer.id,
        "payer_id": heading.payer_id,
        "currency": heading.currency,
        "adjustments": [adjustment_json(one) for one in heading.adjustments],
        "note": heading.note,
        "terms": heading.terms,
        "purchase_order": heading.purchase_order,
        "buyer_reference": heading.buyer_reference,
        "payment_days": heading.payment_days,
        "issue_on": heading.issue_on,
        "language": heading.language,
        "brand_id": heading.brand_id,
        "delivery_country": heading.delivery_country,
        "fields": dict(heading.fields),
    }


def _write_lines(
    ctx: Context, session: Session, draft_id: UUID, lines: Sequence[PricedLine]
) -> None:
    if rows := _rows(ctx, draft_id, lines):
        session.execute(insert(DraftLine), rows)


def _rows(ctx: Context, draft_id: UUID, lines: Sequence[PricedLine]) -> list[dict[str, Any]]:
    """Return the rows in order; the first part of a line keeps its key."""
    parts = [(line, place, part) for line in lines for place, part in enumerate(line.parts)]
    return [
        {
            **line_values(ctx, draft_id, number, part),
            "key": _key(line) if place == 0 else new_id(),
            "fields": dict(line.typed.fields),
        }
        for number, (line, place, part) in enumerate(parts, 1)
    ]


def _key(line: PricedLine) -> UUID:
    stored = line.typed.stored
    return stored.key if stored and stored.key else new_id()


def _charges(lines: Sequence[PricedLine]) -> set[UUID]:
    return {part.charge_id for line in lines for part in line.parts if part.charge_id}
