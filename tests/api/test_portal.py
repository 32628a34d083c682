"""The clients' portal by the API: its settings, and what was done there."""

from billhook.backlog import backlog_of
from billhook.services.portal import log
from billhook.services.portal.log import PortalAct
from billhook.testing.portals import client_of, make_client
from billhook.testing.shops import make_customer


def test_a_program_sees_and_changes_how_the_portal_is_run(program):
    at = program("portal.manage")
    known = at.get("/portal-settings")
    assert known.json | {"version": 0} == {
        "is_open": True,
        "link_days": 60,
        "approvals": [],
        "message": "",
        "version": 0,
    }
    etag = known.headers["ETag"]
    wanted = {"link_days": 90, "approvals": ["tax_number", "name"]}
    changed = at.patch("/portal-settings", wanted, headers={"If-Match": etag}).json
    assert (changed["link_days"], changed["approvals"]) == (90, ["name", "tax_number"])
    late = at.patch("/portal-settings", {"is_open": False}, headers={"If-Match": etag})
    assert late.status_code == 412
    assert at.patch("/portal-settings", {"approvals": ["owner"]}).status_code == 422
    assert at.patch("/portal-settings", {"link_days": 0}).status_code == 400
    assert at.patch("/portal-settings", {"is_open": False}).json["is_open"] is False
    assert program("portal.view").get("/portal-settings").status_code == 403


def test_a_program_lists_what_clients_did(program, office):
    customer = make_customer(office.ctx, "eve", name="Eve Ltd")
    eve = client_of(office.ctx, make_client(office.ctx, customer, "eve@eve.example"))
    log.note(eve, PortalAct.LOGGED_IN)
    log.note(eve, PortalAct.STATEMENT_SEEN)
    backlog_of(office.app).flush()
    at = program("portal.view")
    (newest, first) = at.get("/portal-visits", customer_id=str(customer)).json["data"]
    assert (newest["act"], newest["way"]) == ("statement.seen", "account")
    assert (first["who"], first["customer"]) == ("Eve Client", "Eve Ltd")
    assert len(at.get("/portal-visits", act="logged_in").json["data"]) == 1
    assert at.get("/portal-visits", act="nothing").status_code == 400
    months = at.get("/portal-usage").json["months"]
    assert (months[0]["clients"], months[0]["log_ins"]) == (1, 1)
