"""Whoever does not answer keeps nobody else waiting: not the same company, another, or other work."""

import socket
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

import pytest
from tests.webhooks.conftest import happen, listen

from billhook.app import SENDER
from billhook.ids import new_id
from billhook.jobs import webhook_sender
from billhook.jobs.drainer import drain
from billhook.services.webhooks import claiming
from billhook.services.webhooks.claiming import OF_ENDPOINT, OF_FAILING, OF_TENANT, Waiting, shares
from billhook.testing import sinks
from billhook.testing.sinks import answers
from billhook.testing.working import open_tenant

SOON = 5
"""How long a message to a receiver that answers may take, in seconds, whatever the others do.

It takes a tenth of a second where the machine has nothing else to do. Whoever waited
for one who hangs would wait for 15.
"""

BAD = {
    "fails": answers(500),
    "hangs": sinks.hangs,
    "drips": sinks.drips,
    "redirects": answers(302, location="http://127.0.0.1:1/"),
    "floods": sinks.floods,
    "floods headers": sinks.floods_headers,
    "vanishes in the middle": sinks.drops,
}


@pytest.fixture
def sending(app, monkeypatch):
    """Return what runs the sender beside a block."""
    monkeypatch.setattr(webhook_sender, "GRACE", timedelta(0))

    @contextmanager
    def beside():
        sender = app.extensions[SENDER]
        sender.start()
        try:
            yield
        finally:
            sender.stop()

    return beside


def tell(ctx, count: int = 1) -> None:
    with ctx.acting():
        happen(ctx, *(f"p{number}" for number in range(count)))
    drain()


def test_a_message_arrives_soon_beside_all_who_do_not_answer(app, receiver, sending):
    bad, other = open_tenant("bad"), open_tenant("other")
    beside, apart = receiver(), receiver()
    with socket.create_server(("127.0.0.1", 0)) as gone:
        refusing = f"http://127.0.0.1:{gone.getsockname()[1]}/"
    wrong = [receiver(behave) for behave in BAD.values()]
    with bad.acting():
        for url in (*(one.url for one in wrong), refusing, "https://nobody.invalid/"):
            listen(bad, url, "plugin.enabled")
    with other.acting():
        listen(other, apart)
    tell(bad, 10)
    with sending():
        with bad.acting():
            listen(bad, beside)
        for expected in (1, 2, 3):
            for ctx, one in ((other, apart), (bad, beside)):
                tell(ctx)
                one.wait_for(expected, seconds=SOON)
    assert all(one.received for one in wrong)


def test_name_servers_that_hang_keep_nobody_waiting(app, one, sending, monkeypatch):
    ending, real = threading.Event(), socket.getaddrinfo

    def getaddrinfo(host, port, *wanted, **more):
        if "slow" in host:
            ending.wait()
        return real(host, port, *wanted, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    bad, other = open_tenant("bad"), open_tenant("other")
    with other.acting():
        listen(other, one)
    with bad.acting(), bad.transaction():  # in a transaction nothing is looked up
        for number in range(20):
            listen(bad, f"https://slow{number}.invalid/")
    tell(bad, 5)
    try:
        with sending():
            for expected in range(1, 4):
                tell(other)
                one.wait_for(expected, seconds=SOON)
    finally:
        ending.set()


def test_those_who_hang_give_their_places_up_to_one_who_answers(
    app, receiver, one, sending, monkeypatch
):
    monkeypatch.setattr(claiming, "PLACES", 16)
    monkeypatch.setattr(claiming, "MOST", 64)
    monkeypatch.setattr(claiming, "SLOW", timedelta(seconds=0.2))
    hanging = receiver(sinks.hangs)
    other = open_tenant("other")
    with other.acting():
        listen(other, one)
    for number in range(4):
        bad = open_tenant(f"bad{number}")
        with bad.acting():
            with bad.transaction():  # in a transaction nothing is looked up
                for _ in range(10):
                    listen(bad, hanging)
            happen(bad)
    drain()
    with sending():
        hanging.wait_for(16)  # all places are taken, by endpoints of which nobody knew
        tell(other)
        one.wait_for(1, seconds=SOON)


def test_other_jobs_do_not_wait_for_receivers(app, receiver, sending):
    bad = open_tenant("bad")
    with bad.acting():
        listen(bad, receiver(sinks.hangs))
    with sending():
        began = monotonic()
        tell(bad, 100)
        assert monotonic() - began < SOON  # all of it is written; nothing was waited for


# The shares


def endpoints(count: int, tenant_id=None) -> list[Waiting]:
    return [Waiting(tenant_id=tenant_id or new_id(), endpoint_id=new_id()) for _ in range(count)]


def test_an_endpoint_that_answers_gets_some_at_once_and_another_one():
    well, new, bad = endpoints(3)
    answered = {well.endpoint_id: True, bad.endpoint_id: False}
    assert shares([well, new, bad], {}, answered, free=100) == {well: OF_ENDPOINT, new: 1, bad: 1}
    held = {well: OF_ENDPOINT - 1, new: 1, bad: 1}
    assert shares([well, new, bad], held, answered, free=100) == {well: 1}


def test_a_tenant_gets_no_more_than_its_share():
    many = endpoints(50, tenant_id=new_id())
    answered = {one.endpoint_id: True for one in many}
    taken = shares(many, {many[0]: 3}, answered, free=100)
    assert sum(taken.values()) == OF_TENANT - 3


def test_those_who_failed_get_half_of_the_places_together():
    bad, well = endpoints(claiming.PLACES), endpoints(40)
    answered = {one.endpoint_id: False for one in bad} | {one.endpoint_id: True for one in well}
    held = dict.fromkeys(bad[:10], 1)
    taken = shares([*bad, *well], held, answered, free=claiming.PLACES - 10)
    of_bad = sum(taken.get(one, 0) for one in bad)
    assert of_bad == OF_FAILING - 10
    assert sum(taken.values()) - of_bad == claiming.PLACES - OF_FAILING


def test_places_go_round_before_anybody_gets_a_second():
    some = endpoints(4)
    answered = {one.endpoint_id: True for one in some}
    assert Counter(shares(some, {}, answered, free=6).values()) == {2: 2, 1: 2}
