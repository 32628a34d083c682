"""What core handlers may ask for: events only where they matter, and a word when no more tries come."""

import pytest

from billhook import limits
from billhook.domain.events import PluginDisabled
from billhook.errors import Rejected
from billhook.jobs.drainer import drain
from billhook.problems import Problem
from billhook.services import outbox
from billhook.testing.working import enqueued, make_due, note, notes, work_row


def fail(_ctx, _payload):
    raise ValueError("no paper")


def give_up(ctx, payload, reason):
    note(ctx, {"of": f"{payload['of']}: {reason}"})


def test_the_word_comes_with_the_last_try_and_not_before(ctx, handles):
    handles("test.note", fail, giving_up=give_up, own_transactions=True)
    work_id = enqueued(ctx, payload={"of": "page"})
    for attempt in range(limits.JOB_ATTEMPTS):
        assert notes(ctx) == [], attempt
        make_due(work_row(ctx, work_id))
        drain()
    assert work_row(ctx, work_id).state == "dead"
    assert notes(ctx) == ["page: ValueError: no paper"]


def test_the_word_comes_at_once_where_no_try_will_help(ctx, handles):
    def refuse(_ctx, _payload):
        raise Rejected([Problem(code="x", message="Never.")])

    handles("test.note", refuse, giving_up=give_up)
    enqueued(ctx, payload={"of": "page"})
    drain()
    assert notes(ctx) == ["page: Never."]


def test_the_word_and_the_death_are_one(ctx, handles):
    def fail_to_give_up(ctx, payload, reason):
        give_up(ctx, payload, reason)
        raise RuntimeError("and the pen broke")

    def refuse(_ctx, _payload):
        raise Rejected([])

    handles("test.note", refuse, giving_up=fail_to_give_up)
    work_id = enqueued(ctx, payload={"of": "page"})
    with pytest.raises(RuntimeError):
        drain()
    assert (work_row(ctx, work_id).state, notes(ctx)) == ("waiting", [])


def test_events_become_jobs_only_where_somebody_wants_them(ctx, handles):
    wanted = []
    handles("test.note", note, on=("plugin.disabled",), when=lambda _ctx: bool(wanted))
    for is_wanted in (False, True):
        if is_wanted:
            wanted.append(True)
        with ctx.transaction():
            outbox.publish(ctx, PluginDisabled(plugin="fax"))
        drain()
    assert notes(ctx) == ["it"]
