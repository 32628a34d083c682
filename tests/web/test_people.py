"""People and roles in a browser: inviting, changing, ending, and the table of permissions."""

import re

import pytest

from billhook.db import db
from billhook.services import people, roles
from billhook.services.contexts import operator_context
from billhook.testing.members import PASSWORD, join


def members():
    ctx = operator_context("shop")
    db.session.rollback()
    with ctx.acting():
        return {one.email: one for one in people.listing(ctx)}


def own_roles():
    ctx = operator_context("shop")
    db.session.rollback()
    with ctx.acting():
        return {one.code: one for one in roles.listing(ctx) if one.is_own}


INVITED = {
    "email": "bob@shop.example",
    "name": "Bob",
    "role": "sales",
    "scope": "tags",
    "scope_tags": "north, retail",
}


def test_an_invitation_without_mail_shows_its_link_which_takes_the_seat(at_shop, browse):
    answer = at_shop.send("/people/invite", INVITED)
    link = re.search(r'<code class="secret-link">([^<]+)</code>', answer.text)[1]
    path = "/" + link.split("/", 3)[3]
    bob = browse()
    assert bob.send(path, {"password": PASSWORD}).status_code == 303
    found = members()["bob@shop.example"]
    assert (found.role, found.reach, found.tags) == ("sales", "tags", ("north", "retail"))
    assert found.is_active


def test_an_invitation_goes_by_mail_where_the_company_sends_mail(office):
    answer = office.visit().send("/people/invite", {**INVITED, "scope": "all"})
    assert answer.status_code == 303
    (memo,) = office.paper.memos
    assert memo.to == INVITED["email"]
    assert "/invitation/" in memo.message.text


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(at_shop):
    answer = at_shop.send("/people/invite", {**INVITED, "email": "bob", "scope_tags": ""})
    assert answer.status_code == 422
    assert 'value="Bob"' in answer.text
    assert 'id="email-error"' in answer.text


def test_role_and_customers_change_from_the_next_click_on(shop, at_shop, browse):
    bob = join("shop", "bob@shop.example", role="clerk")
    theirs = browse()
    theirs.log_in(bob.email)
    assert theirs.get("/people").status_code == 403
    path = f"/people/{bob.person_id}"
    assert at_shop.send(path, {"role": "auditor", "scope": "own"}).status_code == 303
    assert theirs.get("/people").status_code == 200
    assert members()[bob.email].reach == "own"


def test_the_last_administrator_stays(shop, at_shop):
    path = f"/people/{shop.person_id}"
    assert at_shop.send(path, {"role": "clerk", "scope": "all"}).status_code == 409
    assert at_shop.send(f"{path}/end").status_code == 409
    assert members()[shop.email].role == "admin"


def test_access_ends_after_a_question(at_shop, browse):
    bob = join("shop", "bob@shop.example", role="clerk")
    theirs = browse()
    theirs.log_in(bob.email)
    assert "End the access of bob?" in at_shop.get(f"/people/{bob.person_id}/end").text
    assert at_shop.send(f"/people/{bob.person_id}/end").status_code == 303
    assert theirs.get("/").location == "/workplaces"


def test_an_invitation_is_made_again_and_withdrawn(at_shop, browse):
    first = at_shop.send("/people/invite", INVITED).text
    old = re.search(r"/invitation/[\w-]+", first)[0]
    bob = members()["bob@shop.example"]
    again = at_shop.send(f"/people/{bob.person_id}/invite", page=f"/people/{bob.person_id}").text
    new = re.search(r"/invitation/[\w-]+", again)[0]
    assert browse().get(old).status_code == 410
    assert browse().get(new).status_code == 200
    at_shop.send(f"/people/{bob.person_id}/end")
    assert browse().get(new).status_code == 410


def test_who_may_only_look_sees_no_button(signed_in):
    page = signed_in("auditor").get("/people").text
    assert "/people/invite" not in page
    assert "End access" not in page


# Roles


@pytest.fixture
def junior(at_shop) -> str:
    assert at_shop.send("/roles/new", {"title": "Junior", "like": "sales"}).status_code == 303
    return "junior"


def test_a_role_starts_as_a_copy_and_is_ticked_in_the_table(at_shop, junior):
    page = at_shop.get("/roles").text
    assert 'name="may-junior" value="drafts.edit" checked' in page
    version = re.search(r'name="version-junior" value="(\d+)"', page)[1]
    token = at_shop.token("/roles")
    saved = at_shop.client.post(
        "/roles",
        data={
            "csrf_token": token,
            "version-junior": version,
            "may-junior": ["customers.view", "documents.issue"],
        },
    )
    assert saved.status_code == 303
    assert own_roles()["junior"].permissions == {"customers.view", "documents.issue"}


def test_a_table_that_somebody_else_changed_meanwhile_is_not_saved(at_shop, junior):
    token = at_shop.token("/roles")
    stale = {"csrf_token": token, "version-junior": "99", "may-junior": "customers.view"}
    answer = at_shop.post("/roles", stale)
    assert answer.status_code == 409
    assert "Somebody changed" in answer.text
    assert "drafts.edit" in own_roles()["junior"].permissions


def test_a_role_is_renamed_and_removed(at_shop, junior):
    renamed = at_shop.send("/roles/junior", {"title": "Trainee", "summary": "Learns."})
    assert renamed.status_code == 303
    assert own_roles()["junior"].title == "Trainee"
    assert at_shop.send("/roles/junior/remove").status_code == 303
    assert own_roles() == {}


def test_the_standard_roles_cannot_be_changed(at_shop):
    token = at_shop.token("/roles/new")
    for path in ("/roles/clerk", "/roles/clerk/remove"):
        answer = at_shop.post(path, {"csrf_token": token, "title": "King"})
        assert answer.status_code == 404, path
    assert at_shop.get("/roles/admin").status_code == 200


def test_every_role_has_its_plain_description(at_shop):
    page = at_shop.get("/people/invite").text
    for words in ("Runs billing and the books", "Gives no credit", "changes nothing"):
        assert words in page


# The second factor of everybody


def test_everybody_is_asked_for_a_second_factor_only_by_who_has_one(at_shop):
    asked = at_shop.get("/people/second-factor").text
    assert "These have none yet: ada" in asked
    assert at_shop.send("/people/second-factor").status_code == 409
