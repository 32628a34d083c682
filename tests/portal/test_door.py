"""The portal's door: who comes in, with which cookies, and what stands on the way."""

from billhook.domain.states import PortalRight
from billhook.models.customers import Contact
from billhook.testing.members import PASSWORD
from billhook.testing.portals import PortalBrowser

from .conftest import ED, EVE


def test_a_client_logs_in_and_out(office):
    eve = office.at_portal(EVE)
    page = eve.get("/")
    assert page.status_code == 200
    assert "Eve Ann" in page.text
    assert eve.send("/log-out", page="/").status_code == 303
    assert eve.get("/").location == "/portal/office/log-in"


def test_a_stranger_is_led_to_the_log_in_and_back(office):
    stranger = office.stranger()
    asked = stranger.get("/?month=5")
    assert asked.status_code == 303
    assert asked.location == "/portal/office/log-in?next=/portal/office/?month%3D5"
    back = stranger.send(asked.location, {"email": EVE, "password": PASSWORD})
    assert (back.status_code, back.location) == (303, "/portal/office/?month=5")


def test_a_language_that_was_chosen_is_kept_for_the_visit(office):
    stranger = office.stranger()
    assert 'lang="en"' in stranger.get("/log-in").text
    assert 'lang="de"' in stranger.get("/log-in?language=de").text
    assert 'lang="de"' in stranger.get("/log-in").text
    assert 'lang="de"' in stranger.get("/log-in?language=xx").text
    assert stranger.log_in(EVE).status_code == 303
    assert 'lang="de"' in stranger.get("/").text
    chosen = {"name": "Eve Ann", "phone": "", "language": "fr"}
    assert stranger.send("/profile/me", chosen, page="/profile/me").status_code == 303
    assert 'lang="fr"' in stranger.get("/").text


def test_what_is_no_portal_is_not_found(office):
    for slug in ("shop", "nobody", "x" * 200, "OFFICE"):
        browser: PortalBrowser = office.stranger(slug=slug)
        assert browser.get("/log-in").status_code == 404, slug


def test_the_company_s_session_opens_no_portal_page_and_the_reverse(office):
    staff = office.visit()
    assert staff.get("/portal/office/").status_code == 303
    eve = office.at_portal(EVE)
    assert eve.client.get("/customers").status_code == 302
    jar = {cookie.key: cookie for cookie in eve.client._cookies.values()}
    assert {cookie.path for cookie in jar.values()} == {"/portal/office/"}
    carried = {"Cookie": f"billhook_login={jar['billhook_client'].value}"}
    assert office.stranger().client.get("/customers", headers=carried).status_code == 302


def test_who_lost_their_rights_is_out_at_once(office):
    eve = office.at_portal(EVE)
    with office.ctx.transaction() as session:
        session.get(
            Contact, (office.ctx.tenant.id, office.kept.contacts["eve"])
        ).portal_rights = []
    assert eve.get("/").status_code == 303
    assert office.stranger().log_in(EVE).status_code == 401


def test_rights_become_what_services_ask_for(office):
    assert office.client("ed").may("client.see")
    assert not office.client("ed").may("client.manage")
    assert office.client("eve").may("client.manage")
    assert not office.client("eve").may("documents.view")
    assert [right.value for right in PortalRight] == ["see", "pay", "manage"]
    assert ED
