"""Webhooks in a browser: whom to tell of what, what was sent, and sending it again."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from billhook.clock import SystemClock
from billhook.db import db
from billhook.domain.webhooks import EndpointState
from billhook.ids import new_id
from billhook.models.audit import Audit
from billhook.models.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from billhook.services import webhooks
from billhook.services.contexts import operator_context
from billhook.services.webhooks import EndpointInput, health

SECRET = re.compile(r'<code class="secret-link"[^>]*>([^<]+)</code>')
WANTED = {
    "url": "https://8.8.8.8/billhook",
    "description": "Warehouse",
    "which": "some",
    "events": ["document.issued", "document.voided"],
}


@pytest.fixture
def ctx(shop):
    ctx = operator_context("shop")
    with ctx.acting():
        yield ctx


@pytest.fixture
def endpoint(ctx):
    wanted = EndpointInput(url="https://8.8.8.8/hook", events=("document.issued",))
    return webhooks.create(ctx, wanted).endpoint


@pytest.fixture
def sent(ctx, endpoint):
    """Return a function that sends a test, of which one try came to what is said."""

    def make(state="failed", *, status=500, error="It answered 500.") -> str:
        delivery_id = webhooks.send_test(ctx, endpoint.id, "document.issued")
        now = SystemClock().now()
        with ctx.transaction() as session:
            attempt = WebhookAttempt(
                tenant_id=ctx.tenant.id,
                id=new_id(),
                delivery_id=delivery_id,
                attempted_at=now,
                headers={"webhook-id": str(delivery_id)},
                status=status,
                answer="<b>mending</b>",
                error=error,
                milliseconds=12,
                address="8.8.8.8",
            )
            session.add(attempt)
            session.execute(
                update(WebhookDelivery)
                .where(WebhookDelivery.id == delivery_id)
                .values(state=state, attempts=1, finished_at=now)
            )
        return delivery_id

    return make


def stored(ctx):
    db.session.rollback()
    return list(webhooks.search(ctx).rows)


def states(ctx):
    db.session.rollback()
    return sorted(db.session.scalars(select(WebhookDelivery.state)))


def test_a_new_webhook_is_shown_with_its_secret_once(at_shop, ctx):
    shown = at_shop.send("/webhooks/new", WANTED)
    secret = SECRET.search(shown.text)[1]
    assert secret.startswith("whsec_")
    assert shown.headers["Cache-Control"] == "no-store"
    (made,) = stored(ctx)
    assert made.events == ("document.issued", "document.voided")
    for path in ("/webhooks", f"/webhooks/{made.id}", f"/webhooks/{made.id}/change"):
        page = at_shop.get(path).text
        assert "https://8.8.8.8/billhook" in page
        assert secret not in page
    rotated = at_shop.send(f"/webhooks/{made.id}/rotate", {"overlap": "24"}).text
    assert SECRET.search(rotated)[1] != secret
    assert "signed with the one before, too" in rotated


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"url": "https://127.0.0.1/"}, 'id="url-error"'),
        ({"url": "ftp://8.8.8.8/"}, 'id="url-error"'),
        ({"events": []}, "Choose at least one event, or all of them."),
        ({"events": ["moon.landed"]}, 'id="events-error"'),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(at_shop, ctx, changed, told):
    answer = at_shop.send("/webhooks/new", {**WANTED, **changed})
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="Warehouse"' in answer.text
    assert stored(ctx) == []


def test_all_events_are_none_by_name(at_shop, ctx):
    at_shop.send("/webhooks/new", {**WANTED, "which": "all"})
    assert stored(ctx)[0].events == ()


def test_a_webhook_is_changed_paused_resumed_and_removed(at_shop, ctx, endpoint):
    path = f"/webhooks/{endpoint.id}"
    assert at_shop.send(f"{path}/change", {**WANTED, "version": "1"}).status_code == 303
    late = at_shop.send(f"{path}/change", {**WANTED, "description": "Late", "version": "1"})
    assert late.status_code == 409
    assert 'value="Late"' in late.text
    at_shop.send(f"{path}/pause", page=path)
    assert stored(ctx)[0].state is EndpointState.PAUSED
    at_shop.send(f"{path}/resume", page=path)
    assert stored(ctx)[0].state is EndpointState.ACTIVE
    assert "are deleted" in at_shop.get(f"{path}/remove").text
    at_shop.send(f"{path}/remove")
    assert stored(ctx) == []


def test_a_webhook_that_was_switched_off_says_why(at_shop, ctx, endpoint):
    with ctx.transaction() as session:
        session.execute(update(WebhookEndpoint).values(state="disabled", state_reason="gone"))
    for path in ("/webhooks", f"/webhooks/{endpoint.id}"):
        assert "gone for good (410)" in at_shop.get(path).text


def test_a_test_is_sent_and_its_page_shows_what_was_signed(at_shop, ctx, endpoint):
    path = f"/webhooks/{endpoint.id}"
    answer = at_shop.send(f"{path}/test", {"event": "document.issued"}, page=path)
    page = at_shop.get(answer.location).text
    assert "It was not tried yet." in page
    assert "&#34;type&#34;: &#34;document.issued&#34;" in page
    assert states(ctx) == ["waiting"]


def test_each_try_is_shown_with_its_answer_and_sent_again(at_shop, ctx, sent):
    delivery_id = sent()
    path = f"/webhook-deliveries/{delivery_id}"
    page = at_shop.get(path).text
    for told in ("It answered 500.", "&lt;b&gt;mending", "webhook-id", "8.8.8.8"):
        assert told in page
    at_shop.send(f"{path}/replay", page=path)
    assert states(ctx) == ["waiting"]


def test_messages_are_narrowed_exported_and_sent_again_together(at_shop, ctx, endpoint, sent):
    lost, received = sent(), sent("delivered", status=200, error="")
    narrowed = at_shop.get(f"/webhook-deliveries?state=failed&webhook={endpoint.id}").text
    assert str(lost) in narrowed
    assert str(received) not in narrowed
    assert "document.issued" in at_shop.get("/webhook-deliveries/export.csv?state=failed").text
    page, act = "/webhook-deliveries", "/webhook-deliveries/bulk/replay?state=failed"
    asked = at_shop.send(act, {"id": [str(lost)]}, page=page).text
    assert "1 message goes out again, with the id that it had." in asked
    assert states(ctx) == ["delivered", "failed"]
    at_shop.send(act, {"everything": "yes", "confirmed": "yes"}, page=page)
    assert states(ctx) == ["delivered", "waiting"]


def test_all_that_was_lost_is_sent_again_after_a_question(at_shop, ctx, endpoint, sent):
    path = f"/webhooks/{endpoint.id}/replay"
    assert at_shop.get(f"{path}?since=day").status_code == 303
    sent(), sent("dropped"), sent("delivered", status=200, error="")
    assert (
        "2 messages that were not received go out again" in at_shop.get(f"{path}?since=day").text
    )
    with ctx.transaction() as session:
        long_ago = SystemClock().now() - timedelta(days=2)
        session.execute(update(WebhookDelivery).values(made_at=long_ago))
    assert at_shop.get(f"{path}?since=day").status_code == 303
    at_shop.send(f"{path}?since=week")
    assert states(ctx) == ["delivered", "waiting", "waiting"]
    assert "webhook.replayed" in set(db.session.scalars(select(Audit.action)))


def test_how_a_webhook_is_doing_is_told_of_the_last_day(at_shop, ctx, endpoint, sent):
    sent(), sent("delivered", status=200, error=""), sent("delivered", status=200, error="")
    doing = health.recent(ctx, [endpoint.id])[endpoint.id]
    assert (doing.delivered, doing.lost, doing.waiting) == (2, 1, 0)
    assert doing.error == "It answered 500."
    for path in ("/webhooks", f"/webhooks/{endpoint.id}"):
        page = at_shop.get(path).text
        assert "2 of 3 received" in page
        assert "It answered 500." in page
