"""Senders of webhooks are killed at random: each event arrives at least once, under one id, whole."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from sqlalchemy import delete, func, select

from billhook.app import SENDER
from billhook.db import db, tenant_scope, transaction
from billhook.domain.events import PluginEnabled
from billhook.jobs.drainer import drain
from billhook.models.webhooks import DueWebhook, WebhookMessage
from billhook.services import outbox, webhooks
from billhook.services.webhooks import claiming
from billhook.testing.crashing import kill_at_random, wait_until, wanted_kills
from billhook.testing.sinks import Line, answers, sink

pytestmark = pytest.mark.slow

AHEAD = 20
"""How many messages wait at least when a sender starts, so that a kill finds one on its way."""


@pytest.fixture
def config(config):
    return replace(config, outbound_networks=(ip_network("127.0.0.1/32"),))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """Let what a killed sender held come back at once."""
    monkeypatch.setattr(claiming, "LEASE", timedelta(seconds=0.3))


@pytest.fixture
def receiver():
    """A receiver who takes a moment, so that kills fall before, in and after it."""

    def slowly(line: Line) -> None:
        line.is_open(0.01)
        answers(200)(line)

    with sink(slowly) as one:
        yield one


def due_count() -> int:
    db.session.rollback()
    with tenant_scope(None):
        return db.session.scalar(select(func.count()).select_from(DueWebhook)) or 0


class Events:
    """Things that happen while senders die."""

    def __init__(self, ctx, receiver) -> None:
        self._ctx = ctx
        self._count = 0
        with ctx.acting():
            webhooks.create(ctx, webhooks.EndpointInput(url=receiver.url))

    def feed(self, _round: int = 0) -> None:
        missing = AHEAD - due_count()
        with self._ctx.acting(), self._ctx.transaction():
            for _ in range(missing):
                outbox.publish(self._ctx, PluginEnabled(plugin=f"p{self._count}"))
                self._count += 1
        drain()

    def written(self) -> dict[str, str]:
        """Return the bodies of all messages by their ids."""
        with self._ctx.acting():
            rows = db.session.execute(select(WebhookMessage.id, WebhookMessage.body)).all()
        assert len(rows) == self._count
        return {str(row.id): row.body for row in rows}


def test_killed_senders_lose_no_event_and_send_each_under_one_id(app, ctx, receiver, request):
    events, kills = Events(ctx, receiver), wanted_kills()
    sender = app.extensions[SENDER]
    kill_at_random(app, sender.work, kills=kills, within=0.3, feed=events.feed, workers=2)
    wait_until(lambda: due_count() == 0, act=sender.send_due)
    came = Counter((one.headers["webhook-id"], one.body.decode()) for one in receiver.received)
    assert came.keys() == set(events.written().items())
    twice = came.total() - len(came)
    print(f"{kills} kills: {len(came)} events, {twice} came more than once")


def test_the_control_that_forgets_what_it_sends_before_it_has_arrived_is_caught(
    app, ctx, receiver, monkeypatch
):
    usual = claiming.claim

    def forgetting(*wanted):
        leases = usual(*wanted)
        with tenant_scope(None), transaction() as session:
            ids = [lease.delivery_id for lease in leases]
            session.execute(delete(DueWebhook).where(DueWebhook.delivery_id.in_(ids)))
        return leases

    monkeypatch.setattr(claiming, "claim", forgetting)
    events, sender = Events(ctx, receiver), app.extensions[SENDER]
    for _attempt in range(5):
        kill_at_random(app, sender.work, kills=3, within=0.3, feed=events.feed, workers=2)
        wait_until(lambda: due_count() == 0, act=sender.send_due)
        if set(receiver.ids) < events.written().keys():
            return
    pytest.fail("Events were forgotten before they arrived, and nobody saw it.")
