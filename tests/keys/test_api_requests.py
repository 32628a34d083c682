"""The access log: every request of a key, found again for 90 days, written many at once."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from billhook.clock import FixedClock, SystemClock
from billhook.db import db
from billhook.errors import NotFound
from billhook.ids import first_id_of, new_id
from billhook.models.keys import ApiRequest
from billhook.services import api_keys, api_requests
from billhook.services.api_requests import ApiRequestRecord, RequestFilter

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def asked(made, at=NOON, **changed) -> ApiRequestRecord:
    given = {
        "id": UUID(int=first_id_of(at).int + new_id().int % 2**70),
        "key_id": made.entry.id,
        "requested_at": at,
        "method": "GET",
        "route": "/documents/<uuid:document_id>",
        "path": "/api/v1/documents/7",
        "status": 200,
        "milliseconds": 12,
        "address": "192.0.2.9",
        "user_agent": "curl/8",
        "api_version": "2026-11-30",
    }
    return ApiRequestRecord(**{**given, **changed})


def found(ctx, **wanted) -> list[ApiRequestRecord]:
    return list(api_requests.search(ctx, RequestFilter(**wanted)).rows)


def test_what_was_written_is_found_the_newest_first(ctx, make):
    erp, shop = make(ctx), make(ctx, name="Shop")
    first = asked(erp, NOON - timedelta(days=1))
    refused = asked(
        shop, method="POST", path="/api/v1/drafts", status=422, problem="input.invalid"
    )
    failed = asked(erp, NOON + timedelta(hours=1), status=500)
    api_requests.write(ctx.tenant.id, [failed, first, refused])
    with ctx.acting():
        assert found(ctx) == [failed, refused, first]
        assert found(ctx, key_id=erp.entry.id) == [failed, first]
        assert found(ctx, status_class=4) == [refused]
        assert found(ctx, method="POST") == [refused]
        assert found(ctx, text="/drafts") == [refused]
        assert found(ctx, text="input.invalid") == [refused]
        assert found(ctx, text=str(first.id)) == [first]
        assert found(ctx, since=date(2026, 11, 10)) == [failed, refused]
        assert found(ctx, until=date(2026, 11, 9)) == [first]
        assert found(ctx, since=date(1, 1, 1), until=date.max) == [failed, refused, first]
        page = api_requests.search(ctx, RequestFilter(), limit=2)
        rest = api_requests.search(ctx, RequestFilter(), limit=2, after=page.next)
        assert list(rest.rows) == [first]
        assert api_requests.get(ctx, first.id) == first
        with pytest.raises(NotFound):
            api_requests.get(ctx, new_id())


def test_a_key_knows_its_last_use_whatever_the_order_it_is_told_in(ctx, make):
    made, idle = make(ctx), make(ctx)
    late = asked(made, NOON, address="192.0.2.1")
    early = asked(made, NOON - timedelta(minutes=1), address="192.0.2.2")
    api_requests.write(ctx.tenant.id, [late, early])
    api_requests.write(ctx.tenant.id, [asked(made, NOON - timedelta(hours=1))])
    api_requests.write(ctx.tenant.id, [])
    with ctx.acting():
        used = api_keys.get(ctx, made.entry.id)
        assert (used.used_at, used.used_from) == (NOON, "192.0.2.1")
        assert api_keys.get(ctx, idle.entry.id).used_at is None


def test_what_a_program_sends_is_cut_to_its_place_and_made_readable(ctx, make):
    long = asked(make(ctx), method="X" * 40, path="/" + "ö" * 500, user_agent="a\0b" * 200)
    api_requests.write(ctx.tenant.id, [long])
    with ctx.acting():
        (stored,) = found(ctx)
    assert (stored.method, len(stored.path)) == ("X" * 10, 200)
    assert stored.user_agent.startswith("a ba b")


def test_requests_are_forgotten_after_90_days_some_at_a_time(ctx, make, monkeypatch):
    made = make(ctx)
    clock = FixedClock(SystemClock().now())
    old = clock.now() - timedelta(days=90)
    requests = [asked(made, old - timedelta(seconds=number)) for number in range(1, 4)]
    kept = asked(made, old + timedelta(seconds=1))
    api_requests.write(ctx.tenant.id, [*requests, kept])
    monkeypatch.setattr("billhook.limits.PAGE_ROWS", 2)
    with ctx.acting():
        assert [api_requests.tidy(ctx, clock=clock) for _time in range(3)] == [2, 1, 0]
        left = select(func.count()).select_from(ApiRequest)
        assert db.session.scalar(left) == 1
        assert api_requests.get(ctx, kept.id) == kept
