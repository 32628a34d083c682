"""Idempotency keys: one effect and one answer, however often and however many at once ask."""

import os
import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from billhook import limits
from billhook.clock import SystemClock
from billhook.db import SQLITE_PRAGMAS, db
from billhook.errors import Conflict, IdempotencyMismatch, ValidationFailed
from billhook.ids import new_id
from billhook.models.work import Idempotency
from billhook.sdk.context import Actor, ActorKind
from billhook.services import idempotency
from billhook.services.idempotency import Outcome
from billhook.testing.working import note, notes, open_tenant

PARALLEL = 50


def ask(ctx, key="k1", request=None, route="drafts.issue", answer=None) -> Outcome:
    def effect():
        note(ctx)
        return answer or {"effect": len(notes(ctx))}

    with ctx.acting():
        return idempotency.once(
            ctx, route=route, key=key, request=request or {"draft": 1}, effect=effect
        )


def keys() -> list[str]:
    return list(db.session.scalars(select(Idempotency.key)))


def test_the_same_request_has_one_effect_and_the_first_answer(ctx):
    assert ask(ctx) == Outcome(answer={"effect": 1}, is_replayed=False)
    assert ask(ctx) == Outcome(answer={"effect": 1}, is_replayed=True)
    assert len(notes(ctx)) == 1


def test_a_request_is_the_same_whatever_the_order_of_its_fields(ctx):
    ask(ctx, request={"a": 1, "b": {"c": [1, 2], "d": None}})
    assert ask(ctx, request={"b": {"d": None, "c": [1, 2]}, "a": 1}).is_replayed


@pytest.mark.parametrize(
    "other",
    [{"draft": 2}, {"draft": "1"}, {"draft": 1, "on": None}, {"draft": [1]}, {"Draft": 1}],
)
def test_a_key_with_another_request_is_refused(ctx, other):
    ask(ctx)
    with pytest.raises(IdempotencyMismatch):
        ask(ctx, request=other)
    assert len(notes(ctx)) == 1


def test_a_request_may_hold_ids_dates_and_decimals(ctx):
    request = {"id": new_id(), "on": date(2026, 1, 1), "amount": Decimal("1.10")}
    ask(ctx, request=request)
    assert ask(ctx, request=request).is_replayed
    with pytest.raises(IdempotencyMismatch):
        ask(ctx, request=request | {"amount": Decimal("1.1")})


def test_an_answer_comes_back_as_it_was_first_given(ctx):
    draft = new_id()
    first = ask(ctx, answer={"id": draft, "on": date(2026, 1, 1)})
    assert first.answer == {"id": str(draft), "on": "2026-01-01"}
    assert ask(ctx).answer == first.answer


def test_a_key_belongs_to_tenant_actor_and_route(ctx):
    ask(ctx)
    person = replace(ctx, actor=Actor(kind=ActorKind.PERSON, id=new_id()))
    assert not ask(ctx, route="drafts.discard").is_replayed
    assert not ask(person).is_replayed
    assert not ask(open_tenant("other")).is_replayed
    assert ask(person).is_replayed


def test_without_a_key_each_request_has_its_effect(ctx):
    ask(ctx, key=None)
    assert not ask(ctx, key=None).is_replayed
    assert len(notes(ctx)) == 2
    assert keys() == []


@pytest.mark.parametrize("key", ["", "x" * (limits.NAME + 1), "two\nlines", "nul\0"])
def test_what_is_no_key_is_refused(ctx, key):
    with pytest.raises(ValidationFailed):
        ask(ctx, key=key)
    assert notes(ctx) == []


def test_the_longest_key_is_taken(ctx):
    assert not ask(ctx, key="x" * limits.NAME).is_replayed


class Refused(Exception):
    pass


def failing(ctx):
    def effect():
        note(ctx)
        raise Refused

    return effect


def test_an_effect_that_fails_leaves_the_key_free(ctx):
    with pytest.raises(Refused):
        idempotency.once(
            ctx, route="drafts.issue", key="k1", request={"draft": 1}, effect=failing(ctx)
        )
    assert (keys(), notes(ctx)) == ([], [])
    assert not ask(ctx).is_replayed


def test_a_process_that_is_killed_before_its_commit_leaves_the_key_free(app, ctx):
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        with app.app_context(), ctx.acting():
            idempotency.once(
                ctx,
                route="drafts.issue",
                key="k1",
                request={"draft": 1},
                effect=lambda: (note(ctx), os.kill(os.getpid(), 9)),
            )
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9
    assert ask(ctx) == Outcome(answer={"effect": 1}, is_replayed=False)


def test_parallel_threads_with_one_key_have_one_effect(app, ctx):
    outcomes = []

    def work() -> None:
        with app.app_context():
            outcomes.append(ask(ctx))

    threads = [threading.Thread(target=work) for _ in range(PARALLEL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_one_effect(ctx, outcomes)


@pytest.mark.slow
def test_parallel_processes_with_one_key_have_one_effect(app, ctx):
    """Each child says by its exit status which answer it got, and whether it was a replay."""
    db.session.remove()
    db.engine.dispose()
    gate, opened = os.pipe()
    children = []
    for _ in range(PARALLEL):
        child = os.fork()
        if child == 0:
            os.close(opened)
            os.read(gate, 1)  # returns when the parent closes its end: all at once
            with app.app_context():
                outcome = ask(ctx)
            os._exit(outcome.answer["effect"] * 10 + outcome.is_replayed)
        children.append(child)
    os.close(gate)
    os.close(opened)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sorted(codes) == [10] + [11] * (PARALLEL - 1)
    assert len(notes(ctx)) == 1


def assert_one_effect(ctx, outcomes) -> None:
    assert len(outcomes) == PARALLEL
    assert [outcome.answer for outcome in outcomes] == [{"effect": 1}] * PARALLEL
    assert sum(not outcome.is_replayed for outcome in outcomes) == 1
    assert len(notes(ctx)) == 1


def test_a_duplicate_that_waits_too_long_is_told_to_ask_again(app, ctx, backend, monkeypatch):
    if backend == "sqlite":
        monkeypatch.setitem(SQLITE_PRAGMAS, "busy_timeout", 100)
        db.session.remove()
        db.engine.dispose()
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 1)
    refused = []

    def duplicate() -> None:
        with app.app_context():
            try:
                ask(ctx)
            except Conflict as error:
                refused.append(error)

    def effect():
        thread = threading.Thread(target=duplicate)
        thread.start()
        thread.join()
        return {}

    idempotency.once(ctx, route="drafts.issue", key="k1", request={"draft": 1}, effect=effect)
    assert len(refused) == 1


def test_keys_are_remembered_for_a_week(ctx):
    for key, age in (("old", timedelta(minutes=1)), ("young", -timedelta(minutes=1))):
        ask(ctx, key=key)
        with ctx.transaction() as session:
            session.execute(
                update(Idempotency)
                .where(Idempotency.key == key)
                .values(created_at=SystemClock().now() - timedelta(days=7) - age)
            )
    idempotency.tidy(ctx)
    assert keys() == ["young"]
