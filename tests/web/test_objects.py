"""Where things are: every page that audit log and notices lead to exists, behind the permission it names."""

import re

from billhook.ids import new_id
from billhook.web.access import declared
from billhook.web.objects import kinds


def test_every_place_is_a_page_behind_its_permission(office):
    wrong = []
    for kind, place in kinds().items():
        if not place.endpoint:
            continue
        rules = office.app.url_map.iter_rules()
        (rule,) = (one for one in rules if one.endpoint == place.endpoint and "GET" in one.methods)
        needs = declared(office.app, place.endpoint).permission
        if needs != place.permission or rule.arguments != ({place.parameter} - {""}):
            wrong.append((kind, needs, rule.arguments))
    assert wrong == []


def test_no_place_answers_for_what_is_not_there(office):
    browser = office.visit()
    for place in kinds().values():
        if place.parameter.endswith("_id"):
            with office.app.test_request_context():
                rule = next(
                    one
                    for one in office.app.url_map.iter_rules()
                    if one.endpoint == place.endpoint
                )
            path = re.sub(r"<[^>]+>", str(new_id()), rule.rule)
            assert browser.get(path).status_code == 404, path
