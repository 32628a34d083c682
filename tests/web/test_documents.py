"""Documents on pages: found, read, opened as PDF and XML, sent; by whom it may be, and nobody else."""

import html
import re
from hashlib import sha256
from uuid import UUID

import pytest

from billhook.domain.deliveries import RecipientKind
from billhook.errors import Retryable
from billhook.ids import new_id
from billhook.services import attachments, delivering, issuing
from billhook.testing.browser import Page
from billhook.testing.members import join, open_tenant
from billhook.testing.outward import FORMAT


@pytest.fixture
def olga(office):
    """A browser in which the office's administrator has logged in."""
    return office.visit()


def words(answer):
    assert answer.status_code == 200, answer.text
    return " ".join(Page(answer.text).text.split())


def link(answer, text):
    """Return where a link leads to."""
    found = [
        address
        for address, inside in re.findall(
            r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', answer.text, re.S
        )
        if " ".join(Page(inside).text.split()) == text
    ]
    assert found, text
    return html.unescape(found[0])


class TestList:
    def test_shows_numbers_dates_customers_and_signed_amounts(self, olga):
        text = words(olga.get("/documents"))
        assert "INV-2026-00001" in text
        assert "山田太郎" in text
        assert "Oct 31, 2026" in text
        assert "1,481.40" in text  # 1,234.50 and 20 % of it
        assert "-281.40" in text  # the credit note over 234.50 and its tax

    def test_sums_all_that_was_found(self, olga):
        text = words(olga.get(link(olga.get("/documents"), "Sums of all that was found")))
        assert "GBP 4 1,050.00 GBP 210.00 GBP 1,260.00 GBP" in text

    def test_finds_by_name_and_narrows_by_type(self, olga):
        text = words(olga.get("/documents?search=łódź&type=invoice"))
        assert "INV-2026-00002" in text
        assert "INV-2026-00001" not in text
        assert "CN-2026-00001" in words(olga.get("/documents?type=credit_note"))

    def test_keeps_what_was_asked_for_in_the_form(self, olga):
        page = Page(olga.get('/documents?search="><i>&since=2026-10-01&until=nonsense').text)
        values = {
            field["name"]: field.get("value", "")
            for field in page.all("input")
            if "id" in field and "name" in field
        }
        assert (values["search"], values["since"]) == ('"><i>', "2026-10-01")
        assert values["until"] == ""
        assert not page.all("i")

    def test_says_what_to_do_where_nothing_is_found(self, olga):
        assert "Nothing is like this" in words(olga.get("/documents?search=nobody"))

    def test_leads_to_older_documents_and_back(self, olga, monkeypatch):
        monkeypatch.setattr("billhook.web.list_routes.PAGE", 3)
        first = olga.get("/documents?search=INV&type=invoice")
        assert "Next page" not in first.text
        monkeypatch.setattr("billhook.web.list_routes.PAGE", 2)
        first = olga.get("/documents?search=INV&type=invoice")
        assert "INV-2026-00001" not in words(first)
        second = olga.get(link(first, "Next page"))
        assert "INV-2026-00001" in words(second)
        assert "INV-2026-00002" not in words(second)
        assert link(second, "First page") == "/documents?search=INV&type=invoice"

    def test_a_cursor_that_is_none_is_told(self, olga):
        assert olga.get("/documents?after=x").status_code == 422

    def test_shows_whether_it_was_sent(self, olga, office):
        text = words(olga.get("/documents?search=Ann&type=invoice"))
        assert "Sent" in text.partition("Gross")[2]
        assert "Not sent" in words(olga.get("/documents?search=yamada"))


class TestPage:
    def test_reads_as_the_document_does(self, olga, office):
        text = words(olga.get(f"/documents/{office.invoice}"))
        assert "Work & <b>more</b>" in text
        assert "1,234.50" in text
        assert "246.90" in text
        assert "1,481.40" in text

    def test_loads_what_went_along(self, olga, office):
        attachments.attach(
            office.ctx,
            office.draft,
            name="terms.pdf",
            content_type="application/pdf",
            content=b"%PDF-1.7 terms",
        )
        issued = issuing.issue(office.ctx, office.draft)
        answer = olga.get(link(olga.get(f"/documents/{issued.id}"), "terms.pdf"))
        assert answer.data == b"%PDF-1.7 terms"
        assert answer.headers["Content-Disposition"] == "attachment; filename=terms.pdf"

    def test_leads_to_what_credits_it_and_back(self, olga, office):
        assert f"/documents/{office.note}" in olga.get(f"/documents/{office.invoice}").text
        assert f"/documents/{office.invoice}" in olga.get(f"/documents/{office.note}").text

    def test_tells_what_was_made_and_sent(self, olga, office):
        text = words(olga.get(f"/documents/{office.invoice}"))
        assert "INV-2026-00001.pdf was made" in text
        assert "Taken by the other side" in text
        assert "ann@client.example" in text

    def test_runs_nothing_that_a_name_or_line_holds(self, olga, office):
        for path in ("/documents", f"/documents/{office.invoice}", "/drafts", "/outbox"):
            page = Page(olga.get(path).text)
            scripts = [one.get("src", "") for one in page.all("script")]
            assert all(source.startswith("/static/") for source in scripts), path
            assert not page.all("b"), path


class TestFiles:
    def test_the_pdf_is_the_kept_one_and_opens_in_the_browser(self, olga, office):
        first, second = (olga.get(f"/documents/{office.invoice}/pdf") for _time in range(2))
        assert first.data == second.data
        assert first.data.startswith(b"%PDF-")
        assert len(office.paper.rendered) == 1
        assert first.mimetype == "application/pdf"
        assert first.headers["Content-Disposition"] == "inline; filename=INV-2026-00001.pdf"
        assert first.headers["X-Content-Type-Options"] == "nosniff"
        assert first.headers["Cache-Control"] == "private, no-cache"
        assert first.headers["ETag"] == f'"{sha256(first.data).hexdigest()}"'

    def test_who_has_it_already_gets_no_copy(self, olga, office):
        path = f"/documents/{office.invoice}/pdf"
        etag = olga.get(path).headers["ETag"]
        answer = olga.get(path, headers={"If-None-Match": etag})
        assert (answer.status_code, answer.data) == (304, b"")

    def test_it_is_saved_where_that_is_asked_for(self, olga, office):
        answer = olga.get(f"/documents/{office.invoice}/pdf?download=1")
        assert answer.headers["Content-Disposition"].startswith("attachment;")

    def test_the_e_invoice_is_always_saved_never_shown(self, olga, office):
        answer = olga.get(f"/documents/{office.invoice}/xml?format={FORMAT}")
        assert answer.data == b"<clay>INV-2026-00001</clay>"
        assert answer.mimetype == "application/xml"
        assert answer.headers["Content-Disposition"] == "attachment; filename=INV-2026-00001.xml"

    def test_a_format_that_is_not_there_is_not_found(self, olga, office):
        answer = olga.get(f"/documents/{office.invoice}/xml?format=stone.slab")
        assert answer.status_code == 404

    def test_a_renderer_that_cannot_now_says_so(self, olga, office):
        office.paper.errors.append(Retryable("The printer is out of ink."))
        answer = olga.get(f"/documents/{office.note}/pdf")
        assert answer.status_code == 503
        assert "out of ink" in answer.text


class TestSending:
    def send(self, browser, document, **fields):
        return browser.send(
            f"/documents/{document}/send",
            {"channel": "paper.pigeon", **fields},
            page=f"/documents/{document}/send",
        )

    def test_is_asked_on_a_page_of_its_own(self, olga, office):
        page = olga.get(f"/documents/{office.invoice}")
        asks = olga.get(link(page, "Send again"))
        assert f'action="/documents/{office.invoice}/send"' in asks.text
        assert link(asks, "Back") == f"/documents/{office.invoice}"
        assert olga.get(f"/documents/{new_id()}/send").status_code == 404

    def test_goes_to_the_customer_and_shows_the_delivery(self, olga, office):
        answer = self.send(olga, office.note)
        assert answer.status_code == 303
        page = olga.get(answer.location)
        assert "ann@client.example" in words(page)
        assert "It waits for its first try" in words(page)

    def test_goes_to_whom_the_form_names(self, olga, office):
        answer = self.send(olga, office.invoice, to="a@x.example, b@x.example", cc="c@x.example")
        delivery = delivering.get(office.ctx, UUID(answer.location.rpartition("/")[2]))
        assert [(one.address, one.kind) for one in delivery.entry.recipients] == [
            ("a@x.example", RecipientKind.TO),
            ("b@x.example", RecipientKind.TO),
            ("c@x.example", RecipientKind.CC),
        ]

    def test_sent_twice_by_one_form_it_goes_once(self, olga, office):
        key = str(new_id())
        first, second = (self.send(olga, office.note, key=key) for _time in range(2))
        assert first.location == second.location

    def test_what_is_wrong_stands_on_the_form(self, olga, office):
        answer = self.send(olga, office.invoice, bcc="d@x.example")
        assert answer.status_code == 422
        assert "not a blind copy" in answer.text
        assert 'value="d@x.example"' in answer.text

    def test_without_the_forms_token_nothing_is_sent(self, olga, office):
        before = delivering.listing(office.ctx)
        answer = olga.post(f"/documents/{office.invoice}/send", {"channel": "paper.pigeon"})
        assert answer.status_code == 400
        assert delivering.listing(office.ctx) == before


SEES = {"admin", "manager", "clerk", "sales", "auditor", "developer"}
SENDS = {"admin", "manager", "clerk"}


@pytest.mark.parametrize("role", sorted(SEES))
def test_each_role_opens_what_it_may_and_is_shown_no_more(office, role):
    somebody = join("office", f"{role}@office.example", role=role)
    browser = office.visit(somebody.email)
    page = browser.get(f"/documents/{office.invoice}")
    assert page.status_code == 200
    assert browser.get(f"/documents/{office.invoice}/pdf").status_code == 200
    assert (f'href="/documents/{office.invoice}/send"' in page.text) is (role in SENDS)
    sending = browser.get(f"/documents/{office.invoice}/send")
    assert sending.status_code == (200 if role in SENDS else 403)
    answer = browser.post(
        f"/documents/{office.invoice}/send", {"csrf_token": browser.token("/documents")}
    )
    assert (answer.status_code == 403) is (role not in SENDS)
    drafts = browser.get("/drafts").status_code
    assert drafts == (403 if role == "developer" else 200)
    assert ('href="/drafts"' in page.text) is (drafts == 200)


def test_another_company_finds_none_of_it(office, browse):
    open_tenant("acme", pack=())
    eve = join("acme", "eve@acme.example")
    browser = office.visit(eve.email)
    paths = [
        f"/documents/{office.invoice}",
        f"/documents/{office.invoice}/pdf",
        f"/documents/{office.invoice}/xml",
        f"/drafts/{office.draft}/preview",
        f"/outbox/{office.delivery}",
        f"/outbox/{office.delivery}/message",
    ]
    assert [browser.get(path).status_code for path in paths] == [404] * len(paths)
    token = {"csrf_token": browser.token("/")}
    for path in (f"/documents/{office.invoice}/send", f"/outbox/{office.delivery}/retry"):
        assert browser.post(path, token).status_code == 404
    for path in ("/documents", "/documents?search=INV", "/drafts", "/outbox"):
        assert not re.search("Sons|INV-2026", browser.get(path).text), path


def test_who_has_not_logged_in_is_asked_to(office, browse):
    browser = browse(application=office.app)
    for path in ("/documents", f"/documents/{office.invoice}/pdf", "/drafts", "/outbox", "/jobs"):
        answer = browser.get(path)
        assert answer.status_code == 302
        assert answer.location.startswith("/log-in")
