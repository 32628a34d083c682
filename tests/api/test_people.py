"""People and roles by the API: nobody gives what the asking key may not do."""

from sqlalchemy import select

from billhook.db import db
from billhook.models.work import Idempotency
from billhook.services import invitations, plugin_settings
from billhook.testing import programs
from billhook.testing.mail import HOST, post_office
from billhook.testing.members import open_tenant

CLERK = {"email": "new@office.example", "name": "New", "role": "clerk"}


def test_somebody_is_invited_once_and_no_secret_is_kept_in_clear(app):
    ctx = open_tenant("shop")
    with ctx.acting():
        at = programs.program(app, ctx)
        made = at.post("/people", CLERK, key="one")
        assert made.status_code == 201, made.text
        assert made.json["person"]["state"] == "invited"
        assert "/invitation/" in made.json["link"]
        again = at.post("/people", CLERK, key="one")
        assert (again.status_code, again.json) == (201, made.json)
        token = made.json["link"].rpartition("/")[2]
        kept = db.session.scalars(select(Idempotency.answer)).all()
        assert kept
        assert token not in str(kept)
        where = made.headers["Location"].removeprefix("/api/v1")
        assert at.get(where).json == made.json["person"]
        fresh = at.post(f"{where}/invite").json
        assert fresh["link"] != made.json["link"]
        assert at.post("/people", CLERK | {"role": "king"}).json["problems"][0]["field"] == "role"


def test_an_invitation_repeated_by_its_key_is_the_first_one_and_says_so(office):
    first, again = (invitations.invite(office.ctx, **CLERK, key="one") for _time in range(2))
    assert (again.link, again.expires_at) == (first.link, first.expires_at)
    assert (first.is_repeated, again.is_repeated) == (False, True)


def test_an_invitation_that_can_be_mailed_is_mailed_once_and_shows_no_link(app):
    ctx = open_tenant("shop")
    with post_office() as post, ctx.acting():
        server = {"host": HOST, "port": str(post.port), "security": "none"}
        plugin_settings.change_settings(
            ctx, "delivery_email", {**server, "from_email": "billing@shop.example"}
        )
        at = programs.program(app, ctx)
        made = at.post("/people", CLERK, key="one").json
        assert (made["is_mailed"], made["link"]) == (True, "")
        assert at.post("/people", CLERK, key="one").json == made
        (mail,) = post.mails
    assert mail.recipients == (CLERK["email"],)


def test_role_and_customers_of_somebody_change_until_their_access_ends(program, office):
    at = program()
    where = f"/people/{at.post('/people', CLERK).json['person']['id']}"
    changed = at.patch(where, {"scope": "tags", "scope_tags": ["north"]}).json
    assert (changed["role"], changed["scope_tags"]) == ("clerk", ["north"])
    assert at.patch(where, {"role": "sales", "scope": "all"}).json["scope_tags"] == []
    wrong = at.patch(where, {"scope": "tags", "scope_tags": []})
    assert wrong.json["problems"][0]["field"] == "scope_tags"
    assert at.post(f"{where}/end-access").status_code == 204
    assert at.get(where).json["state"] == "ended"
    ended = at.get("/people", state="ended", role="sales").json["data"]
    assert [one["name"] for one in ended] == ["New"]
    last = f"/people/{at.get('/people', role='admin').json['data'][0]['id']}"
    refused = program("people.view", "people.manage").post(f"{last}/end-access")
    assert (refused.status_code, refused.json["code"]) == (403, "access.forbidden")


def test_a_key_gives_nobody_more_than_it_has(program):
    at = program("people.view", "people.manage", "customers.view")
    assert at.post("/people", CLERK).status_code == 403
    assert at.post("/roles", {"title": "Clerk too", "like": "clerk"}).status_code == 403
    assert at.post("/roles", {"title": "T", "permissions": ["audit.view"]}).status_code == 403
    role = at.post("/roles", {"title": "Reader", "permissions": ["customers.view"]})
    assert role.status_code == 201, role.text
    where = role.headers["Location"].removeprefix("/api/v1")
    wider = {"permissions": ["customers.view", "customers.edit"]}
    assert at.patch(where, wider).status_code == 403
    assert at.get(where).json["permissions"] == ["customers.view"]
    assert at.post("/people", CLERK | {"role": "reader"}).status_code == 201
    assert program("people.view").post("/people", CLERK).status_code == 403


def test_a_role_is_made_changed_and_removed(program):
    at = program()
    made = at.post("/roles", {"title": "Junior", "like": "sales"}, key="r")
    assert at.post("/roles", {"title": "Junior", "like": "sales"}, key="r").json == made.json
    where = made.headers["Location"].removeprefix("/api/v1")
    etag = {"If-Match": made.headers["ETag"]}
    body = {"summary": "New here", "permissions": ["customers.view"]}
    changed = at.patch(where, body, headers=etag).json
    assert (changed["summary"], changed["permissions"]) == ("New here", ["customers.view"])
    assert at.patch(where, body, headers=etag).status_code == 412
    wrong = at.patch(where, {"permissions": ["nothing.view"]})
    assert wrong.json["problems"][0]["field"] == "permissions"
    assert at.patch("/roles/clerk", {"title": "X"}).status_code == 404
    person = at.post("/people", CLERK | {"role": changed["code"]}).json["person"]
    assert at.delete(where).status_code == 409
    at.patch(f"/people/{person['id']}", {"role": "clerk"})
    assert at.delete(where).status_code == 204
    assert at.get(where).status_code == 404


def test_permissions_tell_what_the_key_may_give(program):
    found = program("customers.view").get("/permissions").json["data"]
    yours = {one["name"]: one["is_yours"] for one in found}
    assert (yours["customers.view"], yours["customers.edit"]) == (True, False)
