"""The address in a message is one that the API has."""

import re

from billhook.api.address import BASE
from billhook.domain.events import EVENTS

PLACE = re.compile(r"\{\w+\}|<(?:\w+:)?\w+>")


def test_each_message_leads_to_an_object_of_the_api(app):
    known = {
        PLACE.sub("…", rule.rule.removeprefix(BASE))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(BASE) and "GET" in rule.methods
    }
    named = {event.name: PLACE.sub("…", event.resource) for event in EVENTS if event.resource}
    assert len(named) > 15
    assert {name for name, path in named.items() if path not in known} == set()
