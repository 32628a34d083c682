"""``billhook webhook``: from the first address to the log, as somebody types it."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from standardwebhooks import Webhook

from billhook.testing.sinks import answers, sink


@pytest.fixture
def config(config):
    return replace(config, outbound_networks=(ip_network("127.0.0.1/32"),))


@pytest.fixture
def one():
    with sink() as receiver:
        yield receiver


def added(shop, url: str, *events: str) -> dict:
    options = [word for event in events for word in ("--event", event)]
    return shop("webhook", "add", url, *options, "--json").json


def test_from_an_address_to_a_test_that_arrives(shop, one):
    made = added(shop, one.url, "document.issued")
    assert made["webhook"]["events"] == ["document.issued"]
    tried = shop("webhook", "test", made["webhook"]["id"], "--json").json["delivery"]
    (attempt,) = tried["attempts"]
    assert (tried["entry"]["state"], attempt["status"]) == ("delivered", 200)
    (came,) = one.received
    Webhook(made["secret"]).verify(came.body, came.headers)
    shown = shop("webhook", "log", tried["entry"]["id"]).out
    assert "thanks" in shown
    assert '"type":"document.issued"' in shown


def test_the_secret_is_printed_once(shop, one):
    made = added(shop, one.url)
    endpoint = made["webhook"]["id"]
    assert "whsec_" in shop("webhook", "rotate", endpoint, "--overlap-hours", 0).out
    for words in (["list"], ["log"], ["pause", endpoint], ["resume", endpoint]):
        assert "whsec_" not in shop("webhook", *words, "--json").out


def test_what_failed_is_listed_and_sent_again(shop, one):
    one.behave = answers(410)
    endpoint = added(shop, one.url, "document.issued")["webhook"]["id"]
    delivery = shop("webhook", "test", endpoint, "--json").json["delivery"]["entry"]["id"]
    assert "410" in shop("webhook", "log", delivery).out
    assert shop("webhook", "list", "--state", "disabled", "--json").json["webhooks"]
    assert "Resume it" in shop("webhook", "replay", delivery, status=1).err
    one.behave = answers(200)
    shop("webhook", "resume", endpoint)
    assert shop("webhook", "replay", "--failed-of", endpoint, "--json").json == {"replayed": 1}
    found = shop("webhook", "log", "--state", "delivered", "--json").json["deliveries"]
    assert delivery in [entry["id"] for entry in found]
    assert shop("webhook", "log", "--id", found[0]["message_id"], "--json").json["deliveries"]


def test_an_address_is_removed(shop, one):
    endpoint = added(shop, one.url)["webhook"]["id"]
    shop("webhook", "remove", endpoint)
    assert shop("webhook", "list", "--json").json == {"webhooks": []}
    assert "no webhook" in shop("webhook", "remove", endpoint, status=1).err


def test_what_is_wrong_is_said(shop):
    assert "private" in shop("webhook", "add", "https://10.0.0.1/", status=1).err
    assert (
        "no event"
        in shop("webhook", "add", "https://1.1.1.1/", "--event", "sun.rose", status=1).err
    )
    shop("webhook", "replay", status=2)


def test_events_are_listed_with_samples(shop):
    assert "document.issued" in shop("webhook", "events").out
    events = shop("webhook", "events", "--json").json["events"]
    assert all(event["sample"].startswith("{") and event["summary"] for event in events)
