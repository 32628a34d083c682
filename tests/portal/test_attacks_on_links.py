"""Attacks on links that open an account: by other hosts, by bits, times and purposes."""

import string

import pytest

from billhook.domain.states import PortalRight
from billhook.models.customers import Contact
from billhook.plugins.runtime import runtime
from billhook.services import client_access
from billhook.services.portal import password_resets
from billhook.testing.members import PASSWORD

from .conftest import EVE
from .ways_in import ANOTHER, link_in, newcomer_of, settle

EVIL = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "host=evil.example",
}


@pytest.mark.parametrize("header", EVIL)
def test_no_header_leads_a_link_elsewhere(office, header):
    headers = {header: EVIL[header]}
    stranger = office.stranger()
    token = stranger.token("/reset")
    asked = stranger.post("/reset", {"email": EVE, "csrf_token": token}, headers=headers)
    assert asked.status_code == (400 if header == "Host" else 200)
    settle()
    password_resets.send(office.ctx, office.kept.contacts["eve"])
    (memo,) = office.paper.memos
    assert "evil" not in memo.message.text + memo.message.html
    assert runtime().config.base_url in memo.message.text
    shown = stranger.get("/", headers=headers)
    assert shown.status_code == (400 if header == "Host" else 303)
    assert "evil" not in shown.headers.get("Location", "") + shown.text
    assert "evil" not in stranger.get("/log-in", headers=headers).text


def test_no_bit_of_a_link_can_be_changed(office):
    password_resets.send(office.ctx, office.kept.contacts["eve"])
    path = link_in(office.paper.memos[-1])
    stranger = office.stranger()
    assert stranger.get(path).status_code == 200
    token = path.removeprefix("/reset/")
    signs = string.ascii_letters + string.digits + "-_"
    for place, sign in list(enumerate(token))[::5]:
        for bit in range(6):
            changed = signs[signs.index(sign) ^ (1 << bit)]
            bent = f"{token[:place]}{changed}{token[place + 1 :]}"
            with pytest.raises(Exception, match="used already or has expired"):
                password_resets.resets(bent)
    for bent in (token[:-1], token + "A", token.upper(), " ", "%00", "x" * 5_000):
        assert stranger.get(f"/reset/{bent}").status_code == 404, bent


def test_a_link_is_for_its_purpose_its_tenant_and_once(office, other):
    made = client_access.invite(office.ctx, newcomer_of(office), [PortalRight.SEE])
    password_resets.send(office.ctx, office.kept.contacts["eve"])
    reset = link_in(office.paper.memos[-1])
    stranger, elsewhere = office.stranger(), other()
    assert stranger.get(reset.replace("/reset/", "/invitation/")).status_code == 404
    assert stranger.get(made.path.replace("/invitation/", "/reset/")).status_code == 404
    assert elsewhere.get(reset).status_code == 404
    assert elsewhere.get(made.path).status_code == 404
    for _look in range(2):
        assert stranger.get(reset).status_code == 200  # looking uses nothing
    used = stranger.send(reset, {"password": ANOTHER})
    assert (used.status_code, used.location) == (303, "/portal/office/log-in")
    assert stranger.get(reset).status_code == 404
    again = stranger.post(reset, {"password": PASSWORD, "csrf_token": stranger.token("/log-in")})
    assert again.status_code == 404
    assert office.stranger().log_in(EVE, ANOTHER).status_code == 303


def test_links_go_with_the_right_to_enter(office):
    newcomer = newcomer_of(office)
    made = client_access.invite(office.ctx, newcomer, [])
    stranger = office.stranger()
    with office.ctx.transaction() as session:
        session.get(Contact, (office.ctx.tenant.id, newcomer)).is_active = False
    assert stranger.get(made.path).status_code == 404
    with office.ctx.transaction() as session:
        row = session.get(Contact, (office.ctx.tenant.id, newcomer))
        row.is_active, row.portal_rights = True, []
    assert stranger.get(made.path).status_code == 404
