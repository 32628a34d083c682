"""Plugins in a browser: the catalogue, a form made from types, secrets, trying, switching."""

from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType
from typing import ClassVar

import pytest

from billhook.db import db
from billhook.domain.deliveries import TrialStep
from billhook.plugins import secrets, settings
from billhook.plugins.runtime import runtime
from billhook.problems import Problem
from billhook.sdk.health import Health
from billhook.sdk.settings import Settings, secret, setting
from billhook.services.contexts import operator_context
from billhook.testing.members import join, open_tenant
from billhook.testing.plugins import plugin_module


class Tone(StrEnum):
    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class HornSettings(Settings):
    plugin: ClassVar[str] = "horn"

    place: str = setting(label="Place")
    times: int = setting(3, label="Times", hint="How often it blows.")
    tone: Tone = setting(Tone.LOW, label="Tone")
    is_loud: bool = setting(False, label="Loud")
    key: str = secret(label="Key")

    def problems(self):
        if self.times > 9:
            return [Problem(code="horn.times", path="times", message="At most nine times.")]
        return []


def horn() -> ModuleType:
    def register_settings():
        return HornSettings

    def check_connection(ctx):
        ctx.ports.settings.read(ctx, HornSettings)
        return Health(steps=(TrialStep(what="Blow <b>", answer="toot"),))

    return plugin_module(
        "horn",
        register_settings,
        check_connection,
        summary="Blows when bills go out.",
        sends_data_to="Everybody in the valley: the number of bills.",
    )


def brass() -> ModuleType:
    return plugin_module("brass", depends=("horn",))


@pytest.fixture
def place(make_app, browse):
    app = make_app(plugins=[horn(), brass()])
    with app.app_context():
        open_tenant("shop", pack=())
        ada = join("shop", "ada@shop.example")
        browser = browse(application=app)
        browser.log_in(ada.email)
        db.session.rollback()
        yield browser


GOOD = {
    "setting-place": "Alp",
    "setting-times": "5",
    "setting-tone": "high",
    "setting-is_loud": "true",
    "setting-key": "brass-key-7",
    "version": "0",
}


def stored() -> dict[str, str]:
    ctx = operator_context("shop")
    db.session.rollback()
    with ctx.acting():
        return settings.stored("horn")


def opened() -> dict[str, str]:
    ctx = operator_context("shop")
    db.session.rollback()
    with ctx.acting():
        return secrets.opened("horn", runtime().config.secret_keys)


def save(place, **changes):
    return place.send("/plugins/horn/settings", {**GOOD, **changes}, page="/plugins/horn")


def test_the_catalogue_names_state_version_and_who_gets_data(place):
    assert "Blows when bills go out." in place.get("/plugins").text
    page = place.get("/plugins/horn").text
    for words in ("1.0.0", "Everybody in the valley", "check_connection", "Off"):
        assert words in page


def test_a_form_is_made_from_types_and_stores_what_was_typed(place):
    page = place.get("/plugins/horn").text
    for words in ('<option value="high"', 'type="checkbox"', "How often it blows."):
        assert words in page
    assert save(place).status_code == 303
    assert stored() == {"place": "Alp", "times": "5", "tone": "high", "is_loud": "true"}


def test_a_secret_goes_in_and_never_comes_out(place):
    save(place)
    page = place.get("/plugins/horn").text
    assert "brass-key-7" not in page
    assert "Leave it empty to keep it." in page
    save(place, **{"setting-key": "", "version": "1"})
    assert opened() == {"key": "brass-key-7"}
    save(place, **{"setting-key": "", "remove-key": "yes", "version": "1"})
    assert opened() == {}


def test_what_is_wrong_stands_at_its_field_and_nothing_is_stored(place):
    for wrong, words in (("many", "whole number"), ("12", "At most nine")):
        answer = save(place, **{"setting-times": wrong, "setting-key": "typed-secret"})
        assert answer.status_code == 422
        assert words in answer.text
        assert f'value="{wrong}"' in answer.text
        assert 'id="setting-times-error"' in answer.text
        assert "typed-secret" not in answer.text
    assert stored() == {}


def test_settings_that_somebody_else_changed_meanwhile_are_kept(place):
    save(place)
    answer = save(place, **{"setting-place": "Vale", "version": "0"})
    assert answer.status_code == 409
    assert 'value="Vale"' in answer.text  # what was typed is not lost
    assert stored()["place"] == "Alp"


def test_a_variable_of_the_environment_is_shown_and_not_changed(place, monkeypatch):
    monkeypatch.setenv("BILLHOOK_HORN_PLACE", "Peak")
    page = place.get("/plugins/horn").text
    assert "BILLHOOK_HORN_PLACE" in page
    assert save(place).status_code == 303
    assert "place" not in stored()


def test_the_connection_is_tried_and_each_step_told(place):
    bad = place.send("/plugins/horn/check", page="/plugins/horn")
    assert "It does not work yet." in bad.text  # the place is missing
    save(place)
    good = place.send("/plugins/horn/check", page="/plugins/horn")
    assert "It works." in good.text
    assert "Blow &lt;b&gt;" in good.text


def test_a_plugin_is_enabled_after_a_question_that_says_who_gets_data(place):
    asked = place.get("/plugins/horn/enable").text
    assert "Everybody in the valley" in asked
    refused = place.send("/plugins/horn/enable")
    assert refused.status_code == 422
    assert "no value yet" in refused.text
    save(place)
    assert place.send("/plugins/horn/enable").status_code == 303
    page = place.get("/plugins/horn").text
    assert "ada" in page


def test_a_plugin_that_others_need_says_so_and_stays(place):
    save(place)
    place.send("/plugins/horn/enable")
    place.send("/plugins/brass/enable")
    assert "brass" in place.get("/plugins/horn/disable").text
    assert place.send("/plugins/horn/disable").status_code == 422
    assert place.send("/plugins/brass/disable").status_code == 303
    assert place.send("/plugins/horn/disable").status_code == 303


def test_what_stops_with_a_plugin_is_named_before(office):
    page = office.visit().get("/plugins/paper/disable").text
    assert "It prints the documents of these brands" in page
    tax = office.visit().get("/plugins/tax_rules/disable").text
    assert "tax engine" in tax


def test_who_may_look_changes_nothing(office):
    browser = office.signed_in("auditor")
    page = browser.get("/plugins/tax_rules").text
    assert "setting-" not in page
    assert browser.get("/plugins/tax_rules/disable").status_code == 403
    token = browser.token("/")
    for act in ("settings", "check", "enable", "disable"):
        answer = browser.post(f"/plugins/tax_rules/{act}", {"csrf_token": token})
        assert answer.status_code == 403, act


def test_a_plugin_that_nobody_has_is_not_found(place):
    for path in ("/plugins/moon", "/plugins/moon/enable", "/plugins/moon/disable"):
        assert place.get(path).status_code == 404


def test_a_page_that_a_plugin_breaks_names_it_and_leads_to_it(office):
    for browser, is_led in ((office.visit(), True), (office.signed_in("sales"), False)):
        office.paper.errors.append(ZeroDivisionError("bad pigeon"))
        answer = browser.get(f"/documents/{office.note}/pdf")
        assert answer.status_code == 502
        assert "paper" in answer.text
        assert ('href="/plugins/paper"' in answer.text) is is_led
