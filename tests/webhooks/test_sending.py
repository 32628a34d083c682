"""What comes of attempts: received, tried again by the schedule, given up, disabled; each is recorded."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from standardwebhooks import Webhook, WebhookVerificationError
from tests.webhooks.conftest import entries, happen, listen, only

from billhook.clock import SystemClock
from billhook.db import db, tenant_scope, transaction
from billhook.domain.webhooks import (
    FAILING,
    WAITS,
    EndpointState,
    WebhookDeliveryState,
    next_wait,
    retry_after,
)
from billhook.jobs.drainer import drain
from billhook.models.people import Notification
from billhook.models.webhooks import (
    DueWebhook,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
    WebhookSecret,
)
from billhook.models.work import Outbox
from billhook.services import plugin_settings, webhooks
from billhook.services.webhooks import claiming, sending, tidying
from billhook.testing import sinks
from billhook.testing.sinks import answers
from billhook.testing.working import open_tenant

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_due() -> None:
    """Let all that waits for another try be due now."""
    with tenant_scope(None), transaction() as session:
        past = SystemClock().now() - timedelta(seconds=1)
        session.execute(update(DueWebhook).values(due_at=past))


def due_count() -> int:
    """Return how many messages wait to be sent, over all tenants."""
    with tenant_scope(None):
        return db.session.scalar(select(func.count()).select_from(DueWebhook)) or 0


def due_at(ctx):
    return only(ctx).entry.due_at


# The schedule


def test_tries_come_by_the_schedule_of_the_specification():
    waits = [next_wait(failures, chance=0) for failures in range(1, len(WAITS) + 2)]
    assert waits == [*WAITS, None]
    assert [str(wait) for wait in WAITS] == [
        "0:00:05", "0:05:00", "0:30:00", "2:00:00", "5:00:00", "10:00:00",
        "14:00:00", "20:00:00", "1 day, 0:00:00",
    ]  # fmt: skip
    assert next_wait(3, chance=1) == timedelta(minutes=33)


@pytest.mark.parametrize(
    ("header", "wished"),
    [
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta(0)),
        ("99999999999999999999", timedelta(hours=24)),
        ("Fri, 20 Nov 2026 13:00:00 GMT", HOUR),
        ("Fri, 20 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("Fri, 99 Nov 2026 13:00:00 GMT", None),
    ],
)
def test_a_receiver_can_ask_for_more_time(header, wished):
    assert retry_after(header, NOON) == wished


def test_a_wish_makes_waits_longer_up_to_a_bound_and_never_shorter():
    assert next_wait(1, chance=0, wished=HOUR) == HOUR
    assert next_wait(4, chance=0, wished=HOUR) == 2 * HOUR
    assert next_wait(1, chance=0, wished=72 * HOUR) == 24 * HOUR


# What is recorded


def test_an_attempt_shows_request_and_answer(ctx, one, send):
    listen(ctx, one)
    happen(ctx)
    send()
    view = only(ctx)
    (attempt,) = view.attempts
    assert (attempt.status, attempt.answer, attempt.error) == (200, "thanks", "")
    assert attempt.address == "127.0.0.1"
    assert attempt.headers == {name: one.received[0].headers[name] for name in attempt.headers}
    assert "webhook-signature" in attempt.headers
    assert view.body.encode() == one.received[0].body
    assert view.entry.finished_at is not None
    assert view.entry.due_at is None


@pytest.mark.parametrize(
    ("behave", "status", "says"),
    [
        (answers(500, body=b"oh \x00 no"), 500, "It answered 500, which is no 2xx."),
        (answers(302, location="https://new.example/"), 302, "https://new.example/"),
        (sinks.drops, None, "There was no answer"),
        (sinks.talks_nonsense, None, "There was no answer"),
    ],
)
def test_what_is_not_received_is_tried_again_with_the_same_id(
    ctx, receiver, send, behave, status, says
):
    one = receiver(behave)
    made = listen(ctx, one)
    happen(ctx)
    before = SystemClock().now()
    send()
    after = SystemClock().now()
    view = only(ctx)
    (attempt,) = view.attempts
    assert attempt.status == status
    assert says in attempt.error
    assert view.entry.state == WebhookDeliveryState.WAITING
    assert before + WAITS[0] <= view.entry.due_at <= after + WAITS[0] * 1.1
    assert webhooks.get(ctx, made.endpoint.id).failing_since == attempt.attempted_at
    one.behave = answers(204, body=b"")
    make_due()
    send()
    assert only(ctx).entry.state == WebhookDeliveryState.DELIVERED
    assert webhooks.get(ctx, made.endpoint.id).failing_since is None
    first, second = one.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    Webhook(made.secret).verify(second.body, second.headers)


def test_whoever_asks_for_time_gets_it(ctx, receiver, send):
    listen(ctx, receiver(answers(429, retry_after="3600")))
    happen(ctx)
    send()
    assert timedelta(minutes=59) < due_at(ctx) - SystemClock().now() <= HOUR


def test_after_the_last_try_it_has_failed_and_can_be_sent_again(ctx, receiver, send):
    one = receiver(answers(500))
    listen(ctx, one)
    happen(ctx)
    send()
    for _ in WAITS:
        make_due()
        send()
    view = only(ctx)
    assert view.entry.state == WebhookDeliveryState.FAILED
    assert view.entry.attempts == len(view.attempts) == len(one.received) == 10
    one.behave = answers(200)
    (again,) = webhooks.replay(ctx, [view.entry.id])
    assert (again.state, again.attempts) == (WebhookDeliveryState.WAITING, 0)
    send()
    assert only(ctx).entry.state == WebhookDeliveryState.DELIVERED
    assert len(only(ctx).attempts) == 11
    assert len(set(one.ids)) == 1


# The end of an endpoint


def test_whoever_is_gone_is_disabled_at_once_and_what_waits_is_dropped(ctx, receiver, send):
    one = receiver(answers(410))
    made = listen(ctx, one)
    happen(ctx, "a", "b", "c")
    send()
    endpoint = webhooks.get(ctx, made.endpoint.id)
    assert (endpoint.state, endpoint.state_reason) == (EndpointState.DISABLED, "gone")
    assert {entry.state for entry in entries(ctx)} == {WebhookDeliveryState.DROPPED}
    assert len(one.received) == 1
    assert due_count() == 0
    events = db.session.scalars(select(Outbox.payload).where(Outbox.name == "webhook.disabled"))
    assert events.all() == [{"version": 1, "webhook_id": str(made.endpoint.id), "reason": "gone"}]
    happen(ctx, "d")
    send()
    assert len(one.received) == 1


def test_what_was_dropped_can_be_sent_once_the_endpoint_is_resumed(ctx, receiver, send):
    one = receiver(answers(410))
    made = listen(ctx, one, "plugin.enabled")
    happen(ctx, "a", "b")
    send()
    webhooks.resume(ctx, made.endpoint.id)
    one.behave = answers(200)
    send()
    assert len(one.received) == 1  # resuming alone sends nothing that was dropped
    since = SystemClock().now() - HOUR
    assert webhooks.replay_failed(ctx, made.endpoint.id, since=since) == 2
    send()
    assert len(set(one.ids)) == 2
    assert {entry.state for entry in entries(ctx)} == {WebhookDeliveryState.DELIVERED}


@pytest.mark.parametrize(("hours", "state"), [(-1, "active"), (0, "disabled")])
def test_whoever_fails_for_days_without_a_success_is_disabled(ctx, receiver, send, hours, state):
    made = listen(ctx, receiver(answers(500)))
    happen(ctx)
    with ctx.transaction() as session:
        row = session.scalars(select(WebhookEndpoint)).one()
        row.failing_since = SystemClock().now() - FAILING - hours * HOUR
    send()
    endpoint = webhooks.get(ctx, made.endpoint.id)
    assert endpoint.state == state
    assert endpoint.state_reason == ("failing" if state == "disabled" else "")


def test_those_who_manage_webhooks_are_told(office_of_one, receiver, send):
    ctx = office_of_one
    listen(ctx, receiver(answers(410)))
    happen(ctx)
    send()
    told = db.session.scalars(select(Notification.kind)).all()
    assert told == ["webhook.disabled"]


# Pausing


def test_what_happens_during_a_pause_waits_and_comes_at_its_end(ctx, one, send):
    made = listen(ctx, one)
    webhooks.pause(ctx, made.endpoint.id)
    happen(ctx)
    send()
    assert one.received == []
    assert only(ctx).entry.state == WebhookDeliveryState.WAITING
    webhooks.resume(ctx, made.endpoint.id)
    send()
    assert len(one.received) == 1


def test_a_message_on_its_way_when_its_endpoint_is_paused_is_let_arrive(ctx, one):
    made = listen(ctx, one)
    happen(ctx)
    drain()
    (parcel,) = sending.parcels(claiming.claim(8, {}))
    webhooks.pause(ctx, made.endpoint.id)
    sending.record(parcel, received(parcel))
    assert only(ctx).entry.state == WebhookDeliveryState.DELIVERED


def test_one_that_was_claimed_but_not_read_when_its_endpoint_was_paused_is_not_sent(ctx, one):
    made = listen(ctx, one)
    happen(ctx)
    drain()
    claimed = claiming.claim(8, {})
    webhooks.pause(ctx, made.endpoint.id)
    assert sending.parcels(claimed) == []
    assert due_count() == 0
    webhooks.resume(ctx, made.endpoint.id)
    assert due_count() == 1


def test_one_that_failed_on_its_way_meanwhile_waits_for_the_end_of_the_pause(ctx, one, send):
    made = listen(ctx, one)
    happen(ctx)
    drain()
    (parcel,) = sending.parcels(claiming.claim(8, {}))
    webhooks.pause(ctx, made.endpoint.id)
    sending.record(parcel, replace(received(parcel), status=500))
    send()
    assert only(ctx).entry.state == WebhookDeliveryState.WAITING
    assert one.received == []
    webhooks.resume(ctx, made.endpoint.id)
    send()
    assert only(ctx).entry.state == WebhookDeliveryState.DELIVERED


def received(parcel) -> sending.Outcome:
    at = SystemClock().now()
    return sending.Outcome(attempted_at=at, headers=parcel.headers(at), milliseconds=1, status=200)


# Removing


def test_a_removed_endpoint_leaves_nothing_behind(ctx, one, send):
    made = listen(ctx, one)
    happen(ctx)
    drain()
    claimed = claiming.claim(8, {})
    (parcel,) = sending.parcels(claimed)
    webhooks.remove(ctx, made.endpoint.id)
    sending.record(parcel, received(parcel))  # nobody is there any more to write it for
    assert sending.parcels(claimed) == []
    send()
    assert one.received == []
    assert entries(ctx) == []
    assert db.session.scalar(select(func.count()).select_from(WebhookSecret)) == 0
    assert due_count() == 0


# The fence


def test_a_sender_that_comes_back_too_late_changes_nothing(ctx, one, monkeypatch):
    listen(ctx, one)
    happen(ctx)
    drain()
    monkeypatch.setattr(claiming, "LEASE", timedelta(0))
    (late,) = sending.parcels(claiming.claim(8, {}))
    (second,) = sending.parcels(claiming.claim(8, {}))
    assert late.message_id == second.message_id
    sending.record(late, replace(received(late), status=500))
    assert only(ctx).attempts == ()
    sending.record(second, received(second))
    sending.record(late, replace(received(late), status=500))
    view = only(ctx)
    assert view.entry.state == WebhookDeliveryState.DELIVERED
    assert len(view.attempts) == 1


def test_what_one_sender_holds_no_other_takes(ctx, one):
    answered = {listen(ctx, one).endpoint.id: True}
    happen(ctx, "a", "b", "c")
    drain()
    taken = [lease.delivery_id for n in (1, 8, 8) for lease in claiming.claim(n, answered)]
    assert sorted(taken) == sorted(entry.id for entry in entries(ctx))


# Secrets


def test_two_secrets_sign_while_one_is_rotated(ctx, one, send):
    made = listen(ctx, one)
    fresh = webhooks.rotate(ctx, made.endpoint.id)
    happen(ctx)
    send()
    (came,) = one.received
    assert len(came.headers["webhook-signature"].split()) == 2
    for secret in (made.secret, fresh.secret):
        Webhook(secret).verify(came.body, came.headers)


def test_without_overlap_the_old_secret_is_worth_nothing_at_once(ctx, one, send):
    made = listen(ctx, one)
    fresh = webhooks.rotate(ctx, made.endpoint.id, overlap=timedelta(0))
    happen(ctx)
    send()
    (came,) = one.received
    Webhook(fresh.secret).verify(came.body, came.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(came.body, came.headers)
    tidying.tidy(ctx)
    assert db.session.scalar(select(func.count()).select_from(WebhookSecret)) == 1


def test_secrets_are_sealed_and_sealed_anew_when_keys_rotate(ctx, one, send, app):
    made = listen(ctx, one)
    before = db.session.scalars(select(WebhookSecret.sealed)).one()
    assert made.secret.encode() not in before
    assert plugin_settings.rotate_secrets().secrets == 1
    db.session.rollback()
    assert db.session.scalars(select(WebhookSecret.sealed)).one() != before
    happen(ctx)
    send()
    Webhook(made.secret).verify(one.received[0].body, one.received[0].headers)


def test_a_sealed_secret_opens_nowhere_else(ctx, one, send):
    listen(ctx, one)
    listen(ctx, one)
    with ctx.transaction() as session:
        first, second = session.scalars(select(WebhookSecret).order_by(WebhookSecret.id))
        second.sealed = first.sealed
    happen(ctx)
    send()
    assert len(one.received) == 1
    failed = [entry for entry in entries(ctx) if entry.state == WebhookDeliveryState.WAITING]
    (attempt,) = webhooks.delivery(ctx, failed[0].id).attempts
    assert attempt.status is None
    assert "Rotate the secret" in attempt.error


# At the time of sending


def test_an_address_that_became_private_is_not_called(ctx, receiver, send, monkeypatch):
    inside = receiver(host="127.0.1.1")  # beyond what the operator allows
    listen(ctx, "https://hooks.invalid/")
    with ctx.transaction() as session:
        row = session.scalars(select(WebhookEndpoint)).one()
        row.url = inside.url
    happen(ctx)
    send()
    (attempt,) = only(ctx).attempts
    assert "private or reserved" in attempt.error
    assert (attempt.status, attempt.address) == (None, "")
    assert inside.received == []


# Sandboxes, and time


def test_a_sandbox_in_another_year_is_told_today(app, one, send):
    ctx = open_tenant("sandbox", sandbox_offset=timedelta(days=400))
    with ctx.acting():
        made = listen(ctx, one)
        happen(ctx)
        send()
        (came,) = one.received
        told = Webhook(made.secret).verify(came.body, came.headers)  # refuses old timestamps
        assert told["timestamp"][:4] == str(ctx.now().year)


def test_old_messages_are_forgotten_with_their_answers(ctx, one, send, monkeypatch):
    listen(ctx, one)
    happen(ctx, "a", "b", "c")
    send()
    assert tidying.tidy(ctx) == 0
    monkeypatch.setattr(tidying, "KEPT", timedelta(seconds=-5))
    monkeypatch.setattr(tidying.limits, "PAGE_ROWS", 2)
    assert [tidying.tidy(ctx) for _ in range(3)] == [2, 1, 0]
    for row in (WebhookMessage, WebhookDelivery):
        assert db.session.scalar(select(func.count()).select_from(row)) == 0
