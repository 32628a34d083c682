"""Links in mails: each shows one document to whoever has it, and everything else is the same 404."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text, update

from billhook.backlog import backlog_of
from billhook.db import db
from billhook.errors import Retryable
from billhook.models.clients import DocumentSeen, GuestLink, PortalVisit
from billhook.models.customers import Customer
from billhook.models.deliveries import Delivery
from billhook.models.portal import PortalSetting
from billhook.plugins.runtime import EXTENSION, runtime
from billhook.services import crediting, delivering
from billhook.services.portal import guest_links, guests
from billhook.services.portal.guest_links import STAND_IN
from billhook.testing.members import open_tenant
from billhook.testing.portals import PortalBrowser

LINK = re.compile(r"http://127\.0\.0\.1:8000/portal/office(/d/[A-Za-z0-9_-]{64})")


def made(office, name="ann") -> tuple[GuestLink, str]:
    """Make a link to a customer's invoice; return it with its path."""
    document_id = office.kept.invoices[name]
    with office.ctx.transaction():
        link_id = guest_links.make(office.ctx, document_id)
    row = db.session.scalars(select(GuestLink).where(GuestLink.id == link_id)).one()
    return row, f"/d/{guest_links.token_of(office.ctx, link_id, document_id)}"


def change(office, row, wanted, **values) -> None:
    with office.ctx.transaction() as session:
        session.execute(
            update(row).where(row.tenant_id == office.ctx.tenant.id, wanted).values(values)
        )


def sent(office, document_id) -> str:
    """Send a document and hand it over; return the path in its mail."""
    delivery = delivering.send(office.ctx, document_id)
    delivering.attempt(office.ctx, delivery.id)
    message = office.paper.sent[-1].message
    (in_text,), (in_html,) = LINK.findall(message.text), LINK.findall(message.html)
    assert in_text == in_html
    return in_text


def refusal(browser: PortalBrowser, path: str) -> tuple[int, str]:
    """Return what is answered, without what names the address itself."""
    answer = browser.get(path)
    return answer.status_code, answer.text.replace(path, "/d/…")


def test_the_link_in_a_mail_shows_its_document_and_nothing_else(office):
    browser = office.stranger()
    path = sent(office, office.kept.invoices["ann"])
    answer = browser.get(path)
    assert answer.status_code == 200
    for shown in ("Work &amp; &lt;b&gt;more&lt;/b&gt;", "1,234.50"):
        assert shown in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    inside = re.findall(r'href="(/[^"]*)"', answer.text)
    pages = {one.partition("?")[0] for one in inside} - {"/portal/office/"}
    ours = ("/portal/office" + path, "/portal/office/style/", "/portal/office/icon/")
    assert [one for one in pages if not one.startswith(ours)] == []
    pdf = browser.get(f"{path}/pdf")
    assert pdf.data.startswith(b"%PDF-1.7")
    assert pdf.headers["Cache-Control"] == "no-store"
    assert browser.get(f"{path}/lines.csv").status_code == 200
    for other in ("/", "/documents/", f"/documents/{office.kept.invoices['ann']}", "/statement"):
        assert browser.get(other).status_code == 303  # to the log-in: a guest has no session


def test_what_a_guest_did_is_kept_for_the_company(office):
    row, path = made(office)
    browser = office.stranger()
    browser.get(path)
    db.session.rollback()
    opened_at = db.session.scalars(select(GuestLink.opened_at)).one()
    browser.get(path)
    browser.get(f"{path}/pdf")
    backlog_of(office.app).flush()
    db.session.rollback()
    assert opened_at is not None
    assert db.session.scalars(select(GuestLink.opened_at)).one() == opened_at
    assert db.session.scalars(select(DocumentSeen.guest_link_id)).all() == [row.id]
    kinds = db.session.execute(select(PortalVisit.kind, PortalVisit.guest_link_id)).all()
    assert sorted(kinds) == [
        ("document.downloaded", row.id),
        ("document.seen", row.id),
        ("document.seen", row.id),
    ]


def test_no_bit_of_a_link_can_be_changed(office):
    _row, path = made(office)
    content = urlsafe_b64decode(path.removeprefix("/d/"))
    for bit in range(len(content) * 8):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        assert guests.opened(office.ctx, urlsafe_b64encode(flipped).decode()) is None, bit
    assert guests.opened(office.ctx, path.removeprefix("/d/")) is not None


def test_what_is_no_token_is_nothing(office):
    _row, path = made(office)
    token = path.removeprefix("/d/")
    broken = (
        *(token[:-1], token[:32], f"{token}A", f"{token}=", f"{token}%0A", token.swapcase()),
        *(f"é{token[1:]}", STAND_IN, "example"),
    )
    browser = office.stranger()
    for one in broken:
        assert browser.get(f"/d/{one}").status_code == 404, one
        assert browser.get(f"/d/{one}/pdf").status_code == 404, one


def test_every_link_that_opens_nothing_is_answered_alike(office):
    browser = office.stranger()
    nothing = refusal(browser, f"/d/{'A' * 64}")
    assert nothing[0] == 404
    row, path = made(office)
    change(office, GuestLink, GuestLink.id == row.id, revoked_at=office.ctx.now())
    assert refusal(browser, path) == nothing
    with office.ctx.transaction() as session:
        setting = PortalSetting(tenant_id=office.ctx.tenant.id, link_days=0)
        session.add(setting)
    _row, path = made(office)
    assert refusal(browser, path) == nothing
    with office.ctx.transaction():
        setting.link_days = 1
    _row, path = made(office)
    assert browser.get(path).status_code == 200
    ann = Customer.id == office.kept.customers["ann"]
    change(office, Customer, ann, erased_at=office.ctx.now())
    assert refusal(browser, path) == nothing
    change(office, Customer, ann, erased_at=None)
    note = crediting.void(office.ctx, office.kept.invoices["lodz"], reason="Wrong").id
    for document_id in (office.kept.invoices["lodz"], note):
        with office.ctx.transaction():
            link_id = guest_links.make(office.ctx, document_id)
        token = guest_links.token_of(office.ctx, link_id, document_id)
        assert refusal(browser, f"/d/{token}") == nothing
        assert guests.opened(office.ctx, token) is None


def test_a_portal_that_is_closed_opens_no_link_and_its_mails_have_none(office):
    path = sent(office, office.kept.invoices["ann"])
    with office.ctx.transaction() as session:
        session.add(PortalSetting(tenant_id=office.ctx.tenant.id, is_open=False))
    assert office.stranger().get(path).status_code == 404
    delivery = delivering.send(office.ctx, office.kept.invoices["yamada"])
    delivering.attempt(office.ctx, delivery.id)
    assert "/portal/" not in office.paper.sent[-1].message.html


def test_a_link_of_another_tenant_opens_nothing_here_even_as_a_row_of_ours(office):
    row, path = made(office)
    values = (row.id, row.document_id, row.made_at, row.expires_at)
    other = open_tenant("other", pack=())
    elsewhere = PortalBrowser(office.stranger().client, "other")
    assert elsewhere.get(path).status_code == 404
    token = guest_links.token_of(other, values[0], values[1])
    assert guests.opened(office.ctx, token) is None  # signed for the other tenant


def test_a_link_holds_while_any_of_the_keys_is_known_and_the_first_signs(office, monkeypatch):
    row, path = made(office)
    token = path.removeprefix("/d/")
    wiring = runtime()
    old, new = wiring.config.secret_keys, Fernet.generate_key().decode()

    def use(*keys):
        config = replace(wiring.config, secret_keys=keys)
        monkeypatch.setitem(office.app.extensions, EXTENSION, replace(wiring, config=config))

    use(new, *old)
    assert guests.opened(office.ctx, token) is not None
    renewed = guest_links.token_of(office.ctx, row.id, row.document_id)
    assert renewed != token
    use(new)
    assert guests.opened(office.ctx, token) is None
    assert guests.opened(office.ctx, renewed) is not None


def test_nothing_in_the_database_opens_a_document(office):
    path = sent(office, office.kept.invoices["ann"])
    row = db.session.scalars(select(Delivery)).one()
    token = path.removeprefix("/d/")
    assert STAND_IN in row.text
    assert STAND_IN in row.html
    kept = db.session.connection().execute(
        text("SELECT * FROM guest_link WHERE tenant_id = :tenant"),
        {
            "tenant": office.ctx.tenant.id.bytes
            if db.engine.name == "sqlite"
            else office.ctx.tenant.id
        },
    )
    signature = urlsafe_b64decode(token)[16:]
    values = [*kept.one(), row.text, row.html, row.subject]
    assert not any(token in str(value) or value == signature for value in values)


def test_a_retry_sends_the_same_link_and_sending_again_makes_another(office):
    document_id = office.kept.invoices["ann"]
    delivery = delivering.send(office.ctx, document_id)
    office.paper.errors.append(Retryable("later"))
    with pytest.raises(Retryable):
        delivering.attempt(office.ctx, delivery.id)
    delivering.attempt(office.ctx, delivery.id)
    (first,) = LINK.findall(office.paper.sent[-1].message.text)
    assert sent(office, document_id) != first
    links = db.session.scalars(select(GuestLink.id).order_by(GuestLink.id)).all()
    assert links == db.session.scalars(select(Delivery.id).order_by(Delivery.id)).all()
    assert len(links) == 2


def test_a_link_holds_for_the_days_that_the_company_chose(office):
    with office.ctx.transaction() as session:
        session.add(PortalSetting(tenant_id=office.ctx.tenant.id, link_days=3))
    sent(office, office.kept.invoices["ann"])
    row = db.session.scalars(select(GuestLink)).one()
    assert row.expires_at - row.made_at == timedelta(days=3)


def test_whoever_tries_links_is_stopped_and_readers_are_not(office):
    _row, path = made(office)
    reader, guesser = office.stranger("192.0.2.7"), office.stranger("192.0.2.9")
    assert {guesser.get(f"/d/{'A' * 64}").status_code for _ in range(20)} == {404}
    assert guesser.get(path).status_code == 429
    assert {reader.get(f"{path}/lines.csv").status_code for _ in range(21)} == {200}
