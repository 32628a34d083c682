"""Tries of a delivery: what may have arrived is not sent again, what may not is."""

import threading
from datetime import timedelta

import pytest

from billhook import limits
from billhook.clock import SystemClock
from billhook.domain.deliveries import DeliveryState, Receipt, RefusedRecipient
from billhook.errors import NotFound, OutcomeUnknown, Rejected, Retryable
from billhook.ids import new_id
from billhook.jobs.drainer import drain
from billhook.models.deliveries import Delivery
from billhook.plugins import outward
from billhook.plugins.fence import hung
from billhook.problems import Problem
from billhook.services import customers, delivering, outbox, plugins
from billhook.services.delivering import attempting
from billhook.testing.crashing import wait_until
from billhook.testing.shops import make_customer

from .conftest import jobs, let_all_be_due, of_now


def only(ctx):
    (entry,) = delivering.listing(ctx)
    return entry


def kinds(ctx, entry) -> list[str]:
    return [step.kind.value for step in delivering.get(ctx, entry.id).steps]


def lost() -> None:
    raise ConnectionError("the line went dead")


def test_the_trail_tells_each_step(shop, invoice, paper):
    invoice()
    drain()
    entry = only(shop)
    assert kinds(shop, entry) == ["tried", "committed", "sent"]
    assert delivering.get(shop, entry.id).steps[-1].detail == "coo"
    assert [row.name for row in jobs("delivery.sent")] == ["delivery.sent"]
    assert entry.sent_at is not None


@pytest.mark.parametrize("noise", ["\x00", "\udc80", "\r\n\x1b[31m"])
def test_an_answer_that_no_text_can_hold_is_kept_readable(shop, invoice, paper, noise):
    """What was taken is not called unknown because of how the other side words it."""
    paper.receipts.append(Receipt(remote_id=f"a{noise}b", answer=f"2.0.0{noise} taken"))
    invoice()
    drain()
    entry = only(shop)
    assert (entry.state, kinds(shop, entry)) == ("sent", ["tried", "committed", "sent"])
    detail = delivering.get(shop, entry.id).steps[-1].detail
    assert detail.startswith("2.0.0")
    assert detail.endswith("taken")
    assert detail.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "error",
    [
        Retryable("no\x00\udc80 ink"),
        Rejected(
            [Problem(code="paper.no", path="ann@client.example", message="no\x00\udc80 ink")]
        ),
    ],
)
def test_a_refusal_that_no_text_can_hold_is_kept_readable(shop, invoice, paper, error):
    invoice()
    delivering.plan(shop, invoice_id(shop))
    paper.errors.append(error)
    drain()
    assert only(shop).last_error.split() == ["no", "ink"]


def test_an_outage_waits_for_the_next_try_and_shows_when(shop, invoice, paper):
    invoice()
    delivering.plan(shop, invoice_id(shop))
    paper.errors.append(Retryable("The loft is closed.", after=timedelta(minutes=7)))
    assert drain().failed == 1
    entry = only(shop)
    assert (entry.state, entry.last_error) == ("queued", "The loft is closed.")
    wait = entry.next_try_at - SystemClock().now()
    assert timedelta(minutes=6) < wait <= timedelta(minutes=7)
    let_all_be_due(shop)
    drain()
    assert only(shop).state == "sent"
    assert kinds(shop, entry) == ["tried", "postponed", "tried", "committed", "sent"]
    assert only(shop).last_error == ""


def invoice_id(ctx):
    from billhook.services import documents

    return documents.listing(ctx)[0].id


def test_an_outage_that_lasts_ends_failed_for_a_person_to_see(shop, invoice, paper):
    delivering.plan(shop, invoice())
    paper.errors += [Retryable("The loft is closed.")] * limits.JOB_ATTEMPTS
    while drain().count:
        let_all_be_due(shop)
    entry = only(shop)
    assert (entry.state, entry.last_error) == ("failed", "The loft is closed.")
    assert not entry.is_unknown
    assert len(jobs("delivery.failed")) == 1
    assert [one.name for one in outbox.listing(shop, state="dead")] == ["delivery.attempt"]
    assert paper.sent == []


def test_a_refusal_ends_at_once_and_names_the_recipients_reason(shop, invoice, paper):
    delivering.plan(shop, invoice())
    refusal = Problem(code="x.refused", path="ann@client.example", message="Nobody lives there.")
    paper.errors.append(Rejected([refusal]))
    assert drain().failed == 0
    entry = only(shop)
    assert (entry.state, entry.last_error) == ("failed", "Nobody lives there.")
    assert [one.reason for one in entry.recipients] == ["Nobody lives there."]
    assert kinds(shop, entry) == ["tried", "refused"]


@pytest.mark.parametrize(
    "ending", [lost, lambda: _raise(OutcomeUnknown("No answer came."))], ids=["bug", "unknown"]
)
def test_what_may_have_arrived_is_not_sent_again(shop, invoice, paper, ending):
    delivering.plan(shop, invoice())
    paper.after_committing.append(ending)
    assert drain().failed == 0
    let_all_be_due(shop)
    drain()
    entry = only(shop)
    assert (entry.state, entry.is_unknown) == ("failed", True)
    assert "Look in the recipient's mailbox" in entry.last_error
    assert kinds(shop, entry) == ["tried", "committed", "unknown"]
    assert paper.sent == []


def _raise(error):
    raise error


def test_a_bug_before_the_point_of_no_return_is_tried_again(shop, invoice, paper):
    delivering.plan(shop, invoice())
    paper.errors.append(ZeroDivisionError("no wings"))
    drain()
    assert only(shop).state == "queued"
    assert "“paper” failed: ZeroDivisionError: no wings" in only(shop).last_error
    let_all_be_due(shop)
    drain()
    assert only(shop).state == "sent"
    assert len(paper.sent) == 1


@pytest.mark.parametrize(
    "error", [Retryable("Full."), Rejected([Problem(code="x", message="No.")])]
)
def test_a_clear_no_after_the_point_of_no_return_is_a_no(shop, invoice, paper, error):
    delivering.plan(shop, invoice())
    paper.after_committing.append(lambda: _raise(error))
    drain()
    assert not only(shop).is_unknown
    delivering.retry(shop, only(shop).id)
    drain()
    assert only(shop).state == "sent"
    assert len(paper.sent) == 1


def test_a_worker_that_died_at_the_last_step_leaves_it_for_a_person(shop, invoice, paper):
    """It is found committed without a result: nobody knows."""
    delivering.plan(shop, invoice())
    entry = only(shop)
    going = attempting._begin(shop, entry.id)
    attempting._commit(shop, going)
    drain()
    assert (only(shop).state, only(shop).is_unknown) == ("failed", True)
    assert paper.sent == []


def test_a_worker_that_died_before_it_is_made_up_for(shop, invoice, paper):
    delivering.plan(shop, invoice())
    attempting._begin(shop, only(shop).id)
    drain()
    assert only(shop).state == "sent"
    assert len(paper.sent) == 1


def test_a_worker_that_comes_back_too_late_hands_nothing_over(shop, invoice, paper):
    """Its delivery was tried by another meanwhile: it may not pass the point of no return."""
    delivering.plan(shop, invoice())
    slow = attempting._begin(shop, only(shop).id)
    drain()
    with pytest.raises(Retryable, match="Another worker"):
        attempting._commit(shop, slow)
    assert len(paper.sent) == 1


def test_of_two_who_try_at_once_the_later_goes_on(shop, invoice, paper):
    delivering.plan(shop, invoice())
    slow = attempting._begin(shop, only(shop).id)
    quick = attempting._begin(shop, only(shop).id)
    with pytest.raises(Retryable):
        attempting._commit(shop, slow)
    attempting._commit(shop, quick)


def test_who_comes_back_with_an_answer_settles_what_was_unknown(shop, invoice, paper):
    """A worker was given up at the last step, and lives."""
    delivering.plan(shop, invoice())
    entry = only(shop)
    paper.after_committing.append(lambda: delivering.attempt(of_now(shop), entry.id))
    drain()
    assert (only(shop).state, only(shop).is_unknown) == ("sent", False)
    assert kinds(shop, entry) == ["tried", "committed", "unknown", "sent"]


def test_committing_twice_in_one_try_is_refused(shop, invoice, paper):
    delivering.plan(shop, invoice())
    going = attempting._begin(shop, only(shop).id)
    attempting._commit(shop, going)
    with pytest.raises(Retryable):
        attempting._commit(shop, going)


def test_the_point_of_no_return_is_written_before_anything_else_happens(shop, invoice, paper):
    """From the channel's own thread, on its own transaction: it stands whatever comes."""
    delivering.plan(shop, invoice())
    seen = []

    def look():
        seen.append(_is_committed(shop))

    paper.after_committing.append(look)
    drain()
    assert seen == [True]


def _is_committed(ctx) -> bool:
    from billhook.db import db

    engine = db.engine
    wanted = db.select(Delivery.is_committed).where(Delivery.tenant_id == ctx.tenant.id)
    with engine.connect() as other:  # what is committed, another connection sees
        if engine.dialect.name == "postgresql":
            other.exec_driver_sql(f"SELECT set_config('app.tenant', '{ctx.tenant.id}', true)")
        return other.execute(wanted).scalar_one()


def test_a_channel_that_overran_passes_no_point_of_no_return_any_more(
    shop, invoice, paper, monkeypatch
):
    """Its thread cannot be killed; but what it does late, it does without the mark, and not at all."""
    monkeypatch.setattr(outward, "SENDING", timedelta(seconds=0.3))
    go_on, ended = threading.Event(), threading.Event()
    usual = paper.act

    def hang():
        paper_type.act = lambda _self: usual()
        go_on.wait(30)

    def act(_self):
        try:
            hang()
        finally:
            ended.set()

    paper_type = type(paper)
    delivering.plan(shop, invoice())
    monkeypatch.setattr(paper_type, "act", act)
    assert drain().failed == 1
    assert only(shop).state == "queued"
    assert "did not answer within 0.3 seconds" in only(shop).last_error
    go_on.set()
    assert ended.wait(30)
    wait_until(lambda: hung() == [])
    assert paper.sent == [], "the late one was refused"
    let_all_be_due(shop)
    drain()
    assert only(shop).state == "sent"
    assert len(paper.sent) == 1


# Several recipients


@pytest.fixture
def three(shop, invoice, paper):
    """A delivery to three people, planned."""
    make_customer(shop, "ann", email="ann@client.example")
    for name in ("bob", "cid"):
        customers.save_contact(
            shop, "ann", email=f"{name}@client.example", name=name, receives="to"
        )
    delivering.plan(shop, invoice())
    return only(shop)


def refused(name: str, reason: str = "550 No such user") -> RefusedRecipient:
    return RefusedRecipient(address=f"{name}@client.example", reason=reason)


def states(ctx) -> dict[str, str]:
    return {one.address.partition("@")[0]: one.state.value for one in only(ctx).recipients}


def test_one_of_three_who_is_refused_is_told(shop, three, paper):
    paper.receipts.append(Receipt(remote_id="1", refused=(refused("bob"),)))
    drain()
    assert only(shop).state == "sent"
    assert states(shop) == {"ann": "sent", "bob": "failed", "cid": "sent"}
    assert only(shop).last_error == "bob@client.example: 550 No such user"
    assert delivering.listing(shop, state=DeliveryState.FAILED) == [only(shop)], (
        "a person finds it"
    )
    assert len(jobs("delivery.failed")) == len(jobs("delivery.sent")) == 1


def test_who_is_put_off_is_tried_again_and_nobody_else(shop, three, paper):
    paper.receipts.append(
        Receipt(remote_id="1", refused=(refused("bob"),), postponed=(refused("cid", "451 Later"),))
    )
    assert drain().failed == 1
    assert (only(shop).state, only(shop).is_unknown) == ("queued", False)
    assert states(shop) == {"ann": "sent", "bob": "failed", "cid": "queued"}
    let_all_be_due(shop)
    drain()
    assert states(shop) == {"ann": "sent", "bob": "failed", "cid": "sent"}
    assert only(shop).state == "sent"
    first, second = paper.sent
    assert first.settled == frozenset()
    assert second.settled == {"ann@client.example", "bob@client.example"}


def test_who_is_put_off_for_ever_fails_and_the_others_stay_sent(shop, three, paper):
    later = Receipt(remote_id="1", postponed=(refused("cid", "451 Later"),))
    paper.receipts += [later] * limits.JOB_ATTEMPTS
    while drain().count:
        let_all_be_due(shop)
    assert states(shop) == {"ann": "sent", "bob": "sent", "cid": "failed"}
    assert only(shop).state == "sent"


def test_a_retry_goes_only_to_who_does_not_have_it(shop, three, paper):
    paper.receipts.append(Receipt(remote_id="1", refused=(refused("bob"),)))
    drain()
    delivering.retry(shop, three.id)
    drain()
    assert paper.sent[-1].settled == {"ann@client.example", "cid@client.example"}
    assert states(shop) == {"ann": "sent", "bob": "sent", "cid": "sent"}


# Sandbox and others


def test_a_sandbox_sends_nothing_and_shows_all(open_shop, invoice_of, paper):
    shop = open_shop(is_sandbox=True)
    invoice_of(shop)
    drain()
    entry = only(shop)
    assert (entry.state, entry.is_captured) == ("sent", True)
    assert paper.sent == []
    assert kinds(shop, entry) == ["captured"]
    assert entry.number in delivering.get(shop, entry.id).text


def test_a_delivery_that_is_done_is_not_tried(shop, invoice, paper):
    invoice()
    drain()
    delivering.attempt(of_now(shop), only(shop).id)
    assert len(paper.sent) == 1
    with pytest.raises(NotFound):
        delivering.attempt(of_now(shop), new_id())


def test_a_channel_that_was_switched_off_meanwhile_fails_the_delivery(shop, invoice, paper):
    delivering.plan(shop, invoice())
    plugins.disable(shop, "paper")
    drain()
    shop = of_now(shop)
    assert only(shop).state == "failed"
    assert "billhook plugin enable paper" in only(shop).last_error
    plugins.enable(shop, "paper")
    delivering.retry(of_now(shop), only(shop).id)
    drain()
    assert only(shop).state == "sent"
