"""Who may use which route: declared by each, held before it runs."""

import pytest

from billhook.services import people
from billhook.services.permissions import NAMES
from billhook.testing.doors import pages
from billhook.testing.members import join
from billhook.web.access import Audience, declared, personal, public, requires, seated

PUBLIC = {
    "health.live",
    "health.ready",
    "logging_in.accept_invitation",
    "logging_in.invitation",
    "logging_in.log_in",
    "logging_in.send_log_in",
    "own_domains.ask",
    "password_reset.ask",
    "password_reset.send",
    "static",
}
HALF = {
    "logging_in.log_out",
    "proving.challenge",
    "proving.give_code",
    "proving.give_key",
    "proving.second_factor",
}
PERSONAL = {
    "account.add_key",
    "account.app",
    "account.ask_to_remove",
    "account.codes",
    "account.confirm",
    "account.confirm_app",
    "account.end_others",
    "account.end_session",
    "account.key_challenge",
    "account.make_codes",
    "account.new_app",
    "account.new_key",
    "account.password",
    "account.profile",
    "account.prove_again",
    "account.remove_factor",
    "account.save_password",
    "account.save_profile",
    "account.security",
    "account.sessions",
    "home.enter",
    "home.pick",
}
SEATED = {
    "home.figures",
    "home.home",
    "home.tile",
    "notices.bell",
    "notices.follow",
    "notices.listing",
    "notices.read_all",
    "search.find",
    "settings.index",
}


@pytest.fixture
def app_with(make_app):
    """Return a way to make an application with one more page."""

    def make(view, path="/page"):
        app = make_app()
        app.config["PROPAGATE_EXCEPTIONS"] = False
        app.add_url_rule(path, "page", view)
        return app

    return make


def test_every_route_declares_who_may_use_it(app):
    found = {rule.endpoint: declared(app, rule.endpoint) for rule in pages(app)}

    def audience(wanted):
        return {
            name
            for name, each in found.items()
            if (each.audience, each.permission) == (wanted, "")
        }

    assert audience(Audience.PUBLIC) == PUBLIC
    assert audience(Audience.HALF) == HALF
    assert audience(Audience.PERSON) == PERSONAL
    assert audience(Audience.SEAT) == SEATED
    known = NAMES | {
        permission.name
        for plugin in app.extensions["billhook"].host.installed.values()
        for permission in plugin.registered.permissions
    }
    assert {each.permission for each in found.values()} - {""} <= known


def test_a_route_that_declares_nothing_answers_nobody(app_with, shop, browse):
    app = app_with(lambda: "the secret")
    browser = browse(application=app)
    assert browser.get("/page").status_code == 500
    browser.log_in(shop.email)
    answer = browser.get("/page")
    assert answer.status_code == 500
    assert "the secret" not in answer.text


def test_a_public_page_needs_no_log_in(app_with, browse):
    app = app_with(public(lambda: "hello"))
    assert browse(application=app).get("/page").text == "hello"


@pytest.mark.parametrize("declare", [personal, seated, requires("documents.view")])
def test_every_other_page_asks_to_log_in(app_with, browse, declare):
    app = app_with(declare(lambda: "the secret"))
    answer = browse(application=app).get("/page?of=them")
    assert (answer.status_code, answer.location) == (302, "/log-in?next=/page?of%3Dthem")


def test_a_role_without_the_permission_is_told_which_it_lacks(app_with, shop, browse):
    join("shop", "sam@shop.example", role="sales")
    app = app_with(requires("documents.void")(lambda: "voided"))
    browser = browse(application=app)
    browser.log_in("sam@shop.example")
    answer = browser.get("/page")
    assert answer.status_code == 403
    assert "documents.void" in answer.text
    assert "voided" not in answer.text
    manager = browse(application=app)
    join("shop", "max@shop.example", role="manager")
    manager.log_in("max@shop.example")
    assert manager.get("/page").text == "voided"


def test_another_role_holds_from_the_next_page_on(app_with, shop, browse):
    clerk = join("shop", "cleo@shop.example", role="clerk")
    app = app_with(requires("ledger.view")(lambda: "the books"))
    browser = browse(application=app)
    browser.log_in(clerk.email)
    assert browser.get("/page").status_code == 403
    with shop.ctx.acting():
        people.change_role(shop.ctx, clerk.person_id, "auditor")
    assert browser.get("/page").text == "the books"


def test_whoever_is_let_go_is_out_at_the_next_page(shop, browse):
    clerk = join("shop", "cleo@shop.example", role="clerk")
    browser = browse()
    browser.log_in(clerk.email)
    assert browser.get("/").status_code == 200
    with shop.ctx.acting():
        people.deactivate(shop.ctx, clerk.person_id)
    assert browser.get("/").location == "/workplaces"
    assert "no seat in any company" in browser.get("/workplaces").text
    later = browse()
    assert later.log_in(clerk.email).status_code == 303  # the person remains, without a seat
    assert later.get("/").location == "/workplaces"


def test_a_lost_session_is_no_form_that_is_lost_in_silence(at_shop):
    token = at_shop.token("/")
    at_shop.client.delete_cookie("billhook_login")
    answer = at_shop.post("/log-out", {"csrf_token": token})
    assert answer.status_code == 401
    assert "Log in, and do it again" in answer.text


def test_plugins_permissions_are_an_administrators_alone(make_app, app, browse):
    from billhook.sdk.permissions import Permission
    from billhook.services import plugins
    from billhook.services.contexts import operator_context
    from billhook.testing.members import open_tenant
    from billhook.testing.plugins import plugin_module

    def register_permissions():
        return [Permission("fax.send", "Send a fax")]

    other = make_app(plugins=[plugin_module("fax", register_permissions)])
    other.add_url_rule("/page", "page", requires("fax.send")(lambda: "sent"))
    with other.app_context():
        open_tenant("shop", pack=("fax",))
        join("shop", "ada@shop.example")
        join("shop", "max@shop.example", role="manager")
    ada, max_ = browse(application=other), browse(application=other)
    ada.log_in("ada@shop.example")
    max_.log_in("max@shop.example")
    assert ada.get("/page").text == "sent"
    assert max_.get("/page").status_code == 403
    with other.app_context():
        ctx = operator_context("shop")
        with ctx.acting():
            plugins.disable(ctx, "fax")
    assert ada.get("/page").status_code == 403


def test_a_part_of_a_page_is_refused_where_nobody_is_logged_in(browser):
    """The page's script loads the page anew then, which leads to the log-in."""
    assert browser.get("/documents", headers={"HX-Request": "true"}).status_code == 401
    assert browser.get("/documents").status_code == 302
