"""Whom to tell of what: set up, changed and removed by people and programs, each act noted."""

from dataclasses import fields, is_dataclass

import pytest
from sqlalchemy import event, select
from tests.webhooks.conftest import entries, happen, listen, only

from billhook.db import db
from billhook.domain.webhooks import EndpointState
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.ids import new_id
from billhook.jobs.drainer import drain
from billhook.models.audit import Audit
from billhook.models.work import Outbox
from billhook.services import webhooks
from billhook.services.webhooks import EndpointInput, endpoints
from billhook.testing.working import open_tenant

HOOK = "https://1.1.1.1/hook"


def problems(ctx, **given) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as refused:
        webhooks.create(ctx, EndpointInput(**{"url": HOOK, **given}))
    return {problem.path: problem.code for problem in refused.value.problems}


# Setting up


def test_an_endpoint_is_as_it_was_asked_for(ctx):
    wanted = EndpointInput(
        url=HOOK, events=("document.issued", "document.issued"), description="E"
    )
    made = webhooks.create(ctx, wanted)
    endpoint = webhooks.get(ctx, made.endpoint.id)
    assert endpoint == made.endpoint
    assert (endpoint.url, endpoint.events, endpoint.description) == (
        HOOK,
        ("document.issued",),
        "E",
    )
    assert (endpoint.state, endpoint.version) == (EndpointState.ACTIVE, 1)
    assert made.secret.startswith("whsec_")


def test_a_secret_stands_in_no_answer_but_the_first(ctx):
    made = webhooks.create(ctx, EndpointInput(url=HOOK))
    happen(ctx)
    drain()
    shown = [webhooks.search(ctx).rows, entries(ctx), only(ctx), webhooks.event_types(ctx)]
    assert made.secret not in repr(shown)
    assert "secret" not in {field.name for field in fields(made.endpoint)}
    assert is_dataclass(made.endpoint)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"url": ""}, {"url": "input.missing"}),
        ({"url": "https://user:secret@1.1.1.1/"}, {"url": "http.url_invalid"}),
        ({"url": "https://127.0.1.1/"}, {"url": "http.address_refused"}),
        ({"url": "http://1.1.1.1/"}, {"url": "http.address_refused"}),
        ({"url": "https://localhost:5432/"}, {"url": "http.url_invalid"}),
        ({"url": HOOK + "a" * 2000}, {"url": "input.too_long"}),
        ({"events": ("sun.rose",)}, {"events": "webhook.event_unknown"}),
        ({"description": "x" * 201}, {"description": "input.too_long"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(ctx, given, expected):
    assert problems(ctx, **given) == expected


def test_a_company_has_so_many_and_no_more(ctx, monkeypatch):
    monkeypatch.setattr(endpoints, "MOST_ENDPOINTS", 1)
    made = webhooks.create(ctx, EndpointInput(url=HOOK))
    assert problems(ctx) == {"": "webhook.too_many"}
    webhooks.remove(ctx, made.endpoint.id)
    webhooks.create(ctx, EndpointInput(url=HOOK))


def test_a_change_over_somebody_elses_is_refused(ctx):
    endpoint = webhooks.create(ctx, EndpointInput(url=HOOK)).endpoint
    changed = webhooks.change(ctx, endpoint.id, EndpointInput(url=HOOK + "2"), version=1)
    assert (changed.url, changed.version) == (HOOK + "2", 2)
    with pytest.raises(Conflict):
        webhooks.change(ctx, endpoint.id, EndpointInput(url=HOOK), version=1)
    with pytest.raises(ValidationFailed):
        webhooks.change(ctx, endpoint.id, EndpointInput(url="https://10.0.0.1/"))
    assert webhooks.get(ctx, endpoint.id) == changed


def test_endpoints_are_found_by_state_and_text(ctx):
    first = webhooks.create(ctx, EndpointInput(url=HOOK, description="ERP")).endpoint
    second = webhooks.create(ctx, EndpointInput(url="https://8.8.8.8/")).endpoint
    webhooks.pause(ctx, second.id)

    def found(**wanted) -> list:
        return [one.id for one in webhooks.search(ctx, **wanted).rows]

    assert found() == [second.id, first.id]
    assert found(state=EndpointState.PAUSED) == [second.id]
    assert found(text="erp") == found(text="1.1.1.1") == [first.id]
    page = webhooks.search(ctx, limit=1)
    assert found(after=page.next) == [first.id]


def test_old_secrets_end_with_the_overlap_and_are_so_many(ctx, monkeypatch):
    endpoint = webhooks.create(ctx, EndpointInput(url=HOOK)).endpoint
    for _ in range(endpoints.MOST_SECRETS + 2):
        webhooks.rotate(ctx, endpoint.id)
    now = webhooks.get(ctx, endpoint.id).made_at
    assert len(endpoints.sealing.live([endpoint.id], now)[endpoint.id]) == endpoints.MOST_SECRETS
    with pytest.raises(ValidationFailed):
        webhooks.rotate(ctx, endpoint.id, overlap=endpoints.LONGEST_OVERLAP * 2)


def test_each_act_is_noted_once(ctx, one, send):
    endpoint = listen(ctx, one).endpoint.id
    webhooks.change(ctx, endpoint, EndpointInput(url=one.url, description="x"))
    webhooks.pause(ctx, endpoint)
    webhooks.pause(ctx, endpoint)
    webhooks.resume(ctx, endpoint)
    webhooks.resume(ctx, endpoint)
    webhooks.rotate(ctx, endpoint)
    delivery = webhooks.send_test(ctx, endpoint, "document.issued")
    send()
    webhooks.replay(ctx, [delivery])
    webhooks.replay_failed(ctx, endpoint, since=webhooks.get(ctx, endpoint).made_at)
    webhooks.remove(ctx, endpoint)
    acts = db.session.scalars(select(Audit.action).order_by(Audit.id)).all()
    assert [act.removeprefix("webhook.") for act in acts] == [
        *("created", "changed", "paused", "resumed", "secret_rotated", "tested"),
        *("replayed", "replayed", "removed"),
    ]


@pytest.mark.parametrize(
    "act",
    [
        lambda ctx, it: webhooks.get(ctx, it),
        lambda ctx, it: webhooks.change(ctx, it, EndpointInput(url=HOOK)),
        lambda ctx, it: webhooks.pause(ctx, it),
        lambda ctx, it: webhooks.resume(ctx, it),
        lambda ctx, it: webhooks.rotate(ctx, it),
        lambda ctx, it: webhooks.remove(ctx, it),
        lambda ctx, it: webhooks.delivery(ctx, it),
        lambda ctx, it: webhooks.replay(ctx, [it]),
        lambda ctx, it: webhooks.send_test(ctx, it, "document.issued"),
    ],
)
def test_what_is_not_there_is_not_found(ctx, act):
    with pytest.raises(NotFound):
        act(ctx, new_id())


# Who is told of what


def test_each_is_told_of_its_events_alone_and_one_without_any_of_all(ctx, receiver, send):
    everything, some, nothing = receiver(), receiver(), receiver()
    listen(ctx, everything)
    listen(ctx, some, "plugin.enabled", "document.issued")
    listen(ctx, nothing, "document.issued")
    happen(ctx)
    send()
    assert [len(one.received) for one in (everything, some, nothing)] == [1, 1, 0]
    assert everything.ids == some.ids


def test_nobody_is_told_of_another_companys(ctx, one, send):
    other = open_tenant("other")
    with other.acting():
        listen(other, one)
    happen(ctx)
    send()
    assert one.received == []


def test_nothing_is_written_where_nobody_listens(ctx, send):
    happen(ctx)
    send()
    assert db.session.scalars(select(Outbox.name).where(Outbox.kind == "job")).all() == []


def test_all_events_of_a_transaction_become_messages_in_few_statements(ctx, one):
    listen(ctx, one)
    sent: list[str] = []

    def count(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    def statements(events: int) -> int:
        happen(ctx, *(f"p{number}" for number in range(events)))
        sent.clear()
        drain()
        return len(sent)

    drain()
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert statements(100) < statements(2) + 10
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert len(entries(ctx)) == 102
    jobs = select(Outbox.id).where(Outbox.name == "webhooks.write")
    assert len(db.session.scalars(jobs).all()) == 2


# Trying it


def test_a_test_is_a_sample_that_is_signed_like_any_other(ctx, one, send):
    endpoint = listen(ctx, one, "document.issued").endpoint.id
    delivery = webhooks.send_test(ctx, endpoint, "customer.merged")
    send()
    view = webhooks.delivery(ctx, delivery)
    assert view.body.encode() == one.received[0].body
    (kind,) = [one for one in webhooks.event_types(ctx) if one.name == "customer.merged"]
    assert {"customer_id", "duplicate_id"} == set(kind.fields)
    assert kind.sample.startswith('{\n  "type": "customer.merged"')
    with pytest.raises(NotFound):
        webhooks.send_test(ctx, endpoint, "sun.rose")
    webhooks.pause(ctx, endpoint)
    with pytest.raises(Conflict):
        webhooks.send_test(ctx, endpoint, "customer.merged")


# The log


def test_the_log_is_searched_by_endpoint_event_state_and_id(ctx, receiver, send):
    first, second = receiver(), receiver()
    one, two = listen(ctx, first).endpoint.id, listen(ctx, second, "plugin.enabled").endpoint.id
    happen(ctx)
    webhooks.send_test(ctx, one, "document.issued")
    send()
    assert len(entries(ctx)) == 3
    assert len(entries(ctx, endpoint_id=two)) == 1
    (issued,) = entries(ctx, event="document.issued")
    assert len(entries(ctx, state=issued.state)) == 3
    assert (
        entries(ctx, text=str(issued.id)) == entries(ctx, text=str(issued.message_id)) == [issued]
    )
    assert entries(ctx, text="nonsense") == []
    assert entries(ctx, until=issued.made_at) == [
        entry for entry in entries(ctx) if entry.made_at < issued.made_at
    ]
    page = webhooks.deliveries(ctx, webhooks.DeliveryFilter(), limit=2)
    assert len(page.rows) == 2
    rest = webhooks.deliveries(ctx, webhooks.DeliveryFilter(), after=page.next)
    assert len(rest.rows) == 1
