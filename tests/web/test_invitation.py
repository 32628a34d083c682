"""The link of an invitation: opens one seat, once, for whoever holds it, and nothing else."""

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.models.people import OneTimeLink
from billhook.services import tokens
from billhook.testing.members import PASSWORD, invite, join, open_tenant


@pytest.fixture
def link(shop) -> str:
    return f"/invitation/{invite('shop', 'bob@shop.example', role='clerk')}"


def test_an_invited_person_sets_a_password_and_is_in(link, browser):
    page = browser.get(link).text
    assert "<h1>Join Shop Ltd</h1>" in page
    assert "bob@shop.example" in page
    assert browser.send(link, {"password": PASSWORD}).status_code == 303
    home = browser.get("/").text
    assert "<h1>Shop Ltd</h1>" in home
    assert "Billing clerk" in home


def test_looking_at_a_link_does_not_use_it(link, browse):
    """Mail programs and chats load links to show what they lead to."""
    for _ in range(3):
        assert browse().get(link).status_code == 200
    assert browse().send(link, {"password": PASSWORD}).status_code == 303


def test_a_link_works_once(link, browse):
    first, second = browse(), browse()
    form = second.token(link)
    first.send(link, {"password": PASSWORD})
    late = second.post(link, {"csrf_token": form, "password": "another long password"})
    assert late.status_code == 410
    assert "This link no longer works" in late.text
    assert second.get(link).status_code == 410
    assert second.log_in("bob@shop.example", "another long password").status_code == 401
    assert second.log_in("bob@shop.example", PASSWORD).status_code == 303


def test_the_database_has_the_hash_of_the_link_alone(link):
    token = link.rpartition("/")[2]
    assert db.session.scalars(
        select(OneTimeLink.token_hash).where(OneTimeLink.used_at.is_(None))
    ).all() == [tokens.hash_of(token)]
    assert len(token) >= 22  # 128 bits in base64


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "Choose a password"),
        ("too short", "at least 12"),
        ("x" * 300, "at most 256"),
        ("aaaaaaaaaaaaaaaa", "too easy to guess"),
        ("bob@shop.example", "too easy to guess"),
    ],
)
def test_a_password_that_will_not_do_is_told_at_its_field(link, browser, password, says):
    answer = browser.send(link, {"password": password})
    assert answer.status_code == 422
    assert says in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert browser.send(link, {"password": PASSWORD}).status_code == 303


def test_the_address_in_the_form_does_not_matter(link, browse, shop):
    browse().send(link, {"password": "another long password", "email": shop.email})
    assert browse().log_in(shop.email, "another long password").status_code == 401
    assert browse().log_in("bob@shop.example", "another long password").status_code == 303


def test_a_link_of_one_tenant_sets_no_password_that_opens_another(shop, browse):
    """An administrator who invites a stranger's people must not become them."""
    open_tenant("evil", country="DE", currency="EUR", vat_id="DE136695976")
    link = f"/invitation/{invite('evil', shop.email, role='clerk')}"
    attacker = browse()
    assert "has a password" not in attacker.get(link).text
    assert "Enter it to take your seat" in attacker.get(link).text
    assert attacker.send(link, {"password": "chosen by the attacker"}).status_code == 401
    assert attacker.log_in(shop.email, "chosen by the attacker").status_code == 401
    assert attacker.get("/").status_code == 302


def test_who_takes_the_name_of_a_stranger_first_gets_into_their_company_never(shop, browse):
    open_tenant("evil", country="DE", currency="EUR", vat_id="DE136695976")
    join("evil", "victim@shop.example", role="clerk", password="chosen by the attacker")
    theirs = f"/invitation/{invite('shop', 'victim@shop.example', role='clerk')}"
    attacker = browse()
    attacker.log_in("victim@shop.example", "chosen by the attacker")
    assert "Evil Ltd" in attacker.get("/").text
    assert "Shop Ltd" not in attacker.get("/workplaces").text
    assert browse().send(theirs, {"password": "what the victim types"}).status_code == 401


def test_a_known_person_proves_their_password_and_has_two_companies(shop, browser):
    open_tenant("acme", country="DE", currency="EUR", vat_id="DE136695976")
    link = f"/invitation/{invite('acme', shop.email, role='auditor')}"
    assert browser.send(link, {"password": shop.password}).status_code == 303
    assert "<h1>Acme Ltd</h1>" in browser.get("/").text
    assert "Shop Ltd" in browser.get("/workplaces").text


def test_setting_a_password_again_ends_all_sessions(shop, browse):
    from billhook.services import invitations
    from billhook.services.contexts import operator_context

    old = browse()
    old.log_in(shop.email)
    ctx = operator_context("shop")
    with ctx.acting():
        link = invitations.reset_password(ctx, shop.email).link.removeprefix(
            "http://127.0.0.1:8000"
        )
    new = browse()
    assert "<h1>Choose another password</h1>" in new.get(link).text
    assert new.send(link, {"password": "another long password"}).status_code == 303
    assert old.get("/").status_code == 302
    assert new.get("/").status_code == 200
    assert browse().log_in(shop.email, shop.password).status_code == 401
