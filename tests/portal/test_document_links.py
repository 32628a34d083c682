"""The company's side of links in mails: seen, made to be passed on, ended for good."""

import re

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.errors import Conflict, NotFound
from billhook.ids import new_id
from billhook.models.audit import Audit
from billhook.models.clients import GuestLink
from billhook.models.portal import PortalSetting
from billhook.services import crediting, delivering, document_links
from billhook.services.document_links import LinkState
from billhook.testing.programs import program

ADDRESS = re.compile(r"http://127\.0\.0\.1:8000/portal/office(/d/[A-Za-z0-9_-]{64})")


def acts(office) -> list[str]:
    wanted = (
        select(Audit.action).where(Audit.action.startswith("document.link")).order_by(Audit.id)
    )
    return list(db.session.scalars(wanted))


def test_a_link_is_made_by_hand_copied_and_ended_on_the_documents_pages(office):
    document_id = office.kept.invoices["ann"]
    browser, stranger = office.visit(), office.stranger()
    page = f"/documents/{document_id}"
    assert "None yet" in browser.get(page).text
    answer = browser.send(f"{page}/links/new", {"key": "once"}, page=f"{page}/links/new")
    shown = browser.get(answer.location).text
    (path,) = ADDRESS.findall(shown)
    assert stranger.get(path).status_code == 200
    assert "First opened" in browser.get(page).text
    link_id = answer.location.rpartition("/")[2]
    listed = browser.get(f"{page}/links").text
    assert f"{page}/links/{link_id}/revoke" in listed
    assert not ADDRESS.search(listed)
    ending = f"{page}/links/{link_id}/revoke"
    assert browser.send(ending, {}, page=ending).status_code == 303
    assert stranger.get(path).status_code == 404
    assert not ADDRESS.search(browser.get(f"{page}/links/{link_id}").text)
    db.session.rollback()
    assert acts(office) == ["document.link_made", "document.link_revoked"]


def test_all_links_to_a_document_end_at_once_and_those_to_others_stay(office):
    ctx, (ann, lodz) = office.ctx, (office.kept.invoices[name] for name in ("ann", "lodz"))
    delivery = delivering.send(ctx, ann)
    document_links.make(ctx, ann)
    other = document_links.make(ctx, lodz)
    assert document_links.revoke_all(ctx, ann) == 2
    assert document_links.revoke_all(ctx, ann) == 0
    by_hand, in_mail = document_links.listing(ctx, ann)
    assert (by_hand.state, in_mail.state) == (LinkState.REVOKED, LinkState.REVOKED)
    assert (by_hand.delivery_id, in_mail.delivery_id) == (None, delivery.id)
    assert document_links.get(ctx, lodz, other.entry.id).entry.state is LinkState.HOLDS
    assert acts(office) == ["document.link_made", "document.link_made", "document.links_revoked"]


def test_a_link_is_found_by_its_own_document_alone(office):
    ctx, (ann, lodz) = office.ctx, (office.kept.invoices[name] for name in ("ann", "lodz"))
    link_id = document_links.make(ctx, ann).entry.id
    for act in (document_links.get, document_links.revoke):
        for document_id, wanted in ((lodz, link_id), (ann, new_id())):
            with pytest.raises(NotFound):
                act(ctx, document_id, wanted)
    with pytest.raises(NotFound):
        document_links.make(ctx, new_id())
    assert document_links.listing(ctx, ann)[0].state is LinkState.HOLDS


def test_no_link_is_made_to_what_clients_do_not_see(office):
    crediting.void(office.ctx, office.kept.invoices["lodz"], reason="Wrong")
    with pytest.raises(Conflict, match="void"):
        document_links.make(office.ctx, office.kept.invoices["lodz"])
    with office.ctx.transaction() as session:
        session.add(PortalSetting(tenant_id=office.ctx.tenant.id, is_open=False))
    with pytest.raises(Conflict, match="closed"):
        document_links.make(office.ctx, office.kept.invoices["ann"])


def test_programs_make_see_and_end_links_and_no_answer_that_is_kept_holds_one(office):
    path = f"/documents/{office.kept.invoices['ann']}/guest-links"
    whole = program(office.app, office.ctx)
    made = whole.post(path, key="k")
    assert made.status_code == 201
    assert whole.post(path, key="k").json == made.json
    (place,) = ADDRESS.findall(made.json["address"])
    assert office.stranger().get(place).status_code == 200
    link = made.json["link"]
    (seen,) = whole.get(path).json["data"]
    assert seen["id"] == link["id"]
    assert "address" not in seen
    assert whole.get(f"{path}/{link['id']}").json["address"] == made.json["address"]
    sends = program(office.app, office.ctx, "deliveries.send")
    assert sends.get(f"{path}/{link['id']}").status_code == 403
    assert whole.post(f"{path}/{link['id']}/revoke", key="r").json["state"] == "revoked"
    assert office.stranger().get(place).status_code == 404
    assert whole.post(f"{path}/revoke", key="a").json == {"count": 0}
    db.session.rollback()
    assert len(db.session.scalars(select(GuestLink.id)).all()) == 1
