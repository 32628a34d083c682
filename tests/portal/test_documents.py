"""Documents at the portal: what is the client's is there, and nothing else is."""

import csv
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from hashlib import sha256
from io import StringIO

import pytest
from sqlalchemy import event, update

from billhook.db import db
from billhook.domain.links import LinkKind
from billhook.errors import ValidationFailed
from billhook.ids import new_id
from billhook.models.customers import Customer
from billhook.models.ledger import Credit
from billhook.models.questions import Question
from billhook.money import to_major
from billhook.problems import Problem
from billhook.services import (
    artefacts,
    billing,
    crediting,
    customer_merging,
    fx,
    links,
    preferences,
)
from billhook.services import (
    documents as staff,
)
from billhook.services.portal import documents, overview, papers
from billhook.services.portal.documents import ClientFilter, DocumentState
from billhook.services.preferences import PreferenceChange
from billhook.testing.browser import without_tokens
from billhook.testing.members import open_tenant
from billhook.testing.outward import FORMAT
from billhook.testing.portals import make_client
from billhook.testing.shops import END, acting, make_charge, make_customer

from .conftest import ED, EVE, LECH

PAGES = ("", "/pdf", f"/xml/{FORMAT}", "/lines.csv", "/attachments/1", "/payment-code.png")


@contextmanager
def counted():
    said = []

    def note(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def numbers(client, wanted=None) -> list[str]:
    with client.ctx.acting():
        return [one.number for one in documents.search(client, wanted or ClientFilter()).rows]


def bill(ctx, customer, price="7", **fields):
    make_charge(ctx, customer, price, **fields)
    billing.run(ctx, until=END, issue_on=END)
    return staff.listing(ctx)[0].id


def statuses(browser, document_id) -> set[int]:
    return {browser.get(f"/documents/{document_id}{page}").status_code for page in PAGES}


def test_what_is_somebody_else_s_is_not_there_and_tells_nothing(office):
    eve = office.at_portal(EVE)
    nobodys, others = new_id(), office.kept.invoices["lodz"]
    pages = [eve.get(f"/documents/{one}") for one in (nobodys, others)]
    assert [page.status_code for page in pages] == [404, 404]
    told = [without_tokens(page.text) for page in pages]
    assert told[0].replace(str(nobodys), "") == told[1].replace(str(others), "")
    assert statuses(eve, office.kept.invoices["lodz"]) == {404}
    assert statuses(eve, office.kept.invoices["yamada"]) == {404}
    listed = eve.get("/documents/").text
    assert "INV-2026-00001" in listed
    assert "INV-2026-00002" not in listed
    found = eve.get("/documents/list.csv").text
    assert found.count("INV-") == 1


def test_what_is_another_tenant_s_is_not_there(office):
    open_tenant("other")
    with acting("other") as ctx:
        invoice = bill(ctx, make_customer(ctx, "ann", name="Other Ann"))
    assert statuses(office.at_portal(EVE), invoice) == {404}


def test_what_was_voided_is_not_there_nor_what_reversed_it(office):
    ctx = office.ctx
    invoice = bill(ctx, office.kept.customers["lodz"])
    lech = office.client("lech")
    assert len(numbers(lech)) == 2
    reversal = crediting.void(ctx, invoice, reason="wrong", issue_on=END).id
    assert len(numbers(lech)) == 1
    browser = office.at_portal(LECH)
    assert statuses(browser, invoice) == statuses(browser, reversal) == {404}
    home = browser.get("/").text
    assert staff.get(ctx, invoice).entry.number not in home


def test_who_pays_and_whose_it_is_both_see_a_document_and_only_one_of_them_owes_it(office):
    ctx = office.ctx
    mother = office.kept.customers["lodz"]
    daughter = make_customer(ctx, "daughter", payer="lodz", name="=Daughter()")
    make_client(ctx, daughter, "dora@daughter.example", name="Dora")
    invoice = bill(ctx, daughter, payer_id=mother)
    lech, dora = office.at_portal(LECH), office.at_portal("dora@daughter.example")

    seen = lech.get(f"/documents/{invoice}")
    assert "For =Daughter()" in seen.text
    assert "To pay" in seen.text
    assert "How to pay" in seen.text
    seen = dora.get(f"/documents/{invoice}")
    assert "Somebody else pays this for you." in seen.text
    assert "How to pay" not in seen.text
    assert "open invoice" not in dora.get("/").text
    assert "2 open invoices" in lech.get("/").text

    (_header, *rows) = csv.reader(StringIO(lech.get("/documents/list.csv").text))
    buyers = {row[0]: row[2] for row in rows}
    assert "'=Daughter()" in buyers.values(), "no spreadsheet runs it"
    (_header, row) = csv.reader(StringIO(dora.get("/documents/list.csv").text))
    assert row[8] == "", "what another owes is not told"
    assert row[10] == DocumentState.ELSEWHERE.value


def test_documents_of_merged_duplicates_are_the_client_s(office):
    ctx = office.ctx
    twin = make_customer(ctx, "ann2", name="Ann twice")
    invoice = bill(ctx, twin)
    eve = office.client("eve")
    assert len(numbers(eve)) == 2
    customer_merging.merge(ctx, duplicate_id=twin, kept_id=office.kept.customers["ann"])
    assert len(numbers(office.client("eve"))) == 3
    page = office.at_portal(EVE).get(f"/documents/{invoice}")
    assert page.status_code == 200
    assert "To pay" in page.text


def test_what_was_credited_and_billed_anew_to_another_customer_stays_with_each(office):
    """The invoice was Ann's; what replaced it went to Łódź."""
    ctx, kept = office.ctx, office.kept
    with ctx.transaction():
        links.write(
            ctx,
            [
                links.Link(
                    parent_id=kept.invoices["ann"],
                    child_id=kept.invoices["lodz"],
                    kind=LinkKind.REBILLED,
                )
            ],
        )
    eve, lech = office.client("eve"), office.client("lech")
    with eve.ctx.acting():
        related = papers.read(eve, kept.invoices["ann"]).related
        assert [one.document.id for one in related] == [kept.note]
    with lech.ctx.acting():
        assert papers.read(lech, kept.invoices["lodz"]).related == ()
    assert statuses(office.at_portal(LECH), kept.invoices["ann"]) == {404}


def test_what_replaced_a_document_is_shown_where_both_are_the_client_s(office):
    ctx, kept = office.ctx, office.kept
    fx.set_rate(ctx, "JPY", Decimal("0.005"), on=END)
    another = bill(ctx, kept.customers["ann"], "700", currency="JPY")
    with ctx.transaction():
        link = links.Link(parent_id=kept.invoices["ann"], child_id=another, kind=LinkKind.REBILLED)
        links.write(ctx, [link])
    page = office.at_portal(EVE).get(f"/documents/{kept.invoices['ann']}").text
    assert "Replaced by" in page
    assert "Credited by" in page
    assert f"/documents/{another}" in page
    assert "840 JPY" in page, "with its tax, in its own currency"
    assert f"/documents/{kept.note}" in page


def test_amounts_are_those_that_the_company_sees(office):
    ctx = office.ctx
    expected = {one.id: one for one in staff.listing(ctx, customer="ann")}
    eve = office.client("eve")
    with eve.ctx.acting():
        found = documents.search(eve, ClientFilter()).rows
        for one in found:
            theirs = expected[one.id]
            assert (one.net, one.tax, one.gross) == (theirs.net, theirs.tax, theirs.gross)
            assert (one.payable, one.open) == (theirs.payable, theirs.open)
    assert {one.state for one in found} == {DocumentState.PARTLY, DocumentState.USED}
    page = office.at_portal(EVE).get(f"/documents/{office.kept.invoices['ann']}").text
    assert "1,200.00 GBP" in page
    assert "281.40 of 1,481.40 GBP is settled." in page
    assert "Work &amp; &lt;b&gt;more&lt;/b&gt;" in page


def test_each_line_says_why_it_comes_to_its_amount(office):
    page = office.at_portal(EVE).get(f"/documents/{office.kept.note}").text
    assert "It takes back line 1 of INV-2026-00001." in page
    assert "1 × 234.5 = 234.5 GBP" in page
    assert "Tax on this line: 46.90 GBP" in page


def test_the_pdf_is_what_was_archived_and_is_made_once(office):
    invoice = office.kept.invoices["ann"]
    eve = office.at_portal(EVE)
    first = eve.get(f"/documents/{invoice}/pdf")
    entry = artefacts.printed(office.ctx, invoice)
    assert first.data == artefacts.content(office.ctx, entry.id).content
    assert sha256(first.data).hexdigest() == entry.sha256
    assert first.headers["ETag"] == f'"{entry.sha256}"'
    assert first.headers["Content-Disposition"] == "attachment; filename=INV-2026-00001.pdf"
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = eve.get(f"/documents/{invoice}/pdf", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert len(office.paper.rendered) == 1


def test_e_invoices_are_those_that_are_there_and_those_that_the_customer_wants(office):
    ctx, invoice = office.ctx, office.kept.invoices["ann"]
    eve = office.at_portal(EVE)
    path = f"/documents/{invoice}/xml/{FORMAT}"
    assert eve.get(path).status_code == 404, "nobody asked for one"
    preferences.save(ctx, "ann", PreferenceChange(formats=FORMAT))
    assert path in eve.get(f"/documents/{invoice}").text
    answer = eve.get(path)
    assert answer.data == b"<clay>INV-2026-00001</clay>"
    assert "attachment" in answer.headers["Content-Disposition"]
    preferences.save(ctx, "ann", PreferenceChange(formats="none"))
    assert eve.get(path).status_code == 200, "it was made, and is kept"
    assert eve.get(f"/documents/{invoice}/xml/stone.slab").status_code == 404


def test_an_e_invoice_that_its_rules_refuse_is_not_handed_out(office):
    ctx, invoice = office.ctx, office.kept.invoices["ann"]
    preferences.save(ctx, "ann", PreferenceChange(formats=FORMAT))
    office.paper.findings["ann"] = (Problem(code="clay.soft", message="BR-77 is not met"),)
    answer = office.at_portal(EVE).get(f"/documents/{invoice}/xml/{FORMAT}")
    assert answer.status_code == 409
    assert "BR-77" not in answer.text, "rules are the company's matter"
    assert "Use the PDF" in answer.text


def test_lines_are_a_sheet_that_no_spreadsheet_runs(office):
    invoice = bill(office.ctx, office.kept.customers["ann"], description="=1+1")
    answer = office.at_portal(EVE).get(f"/documents/{invoice}/lines.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "'=1+1" in answer.text


def test_lists_are_narrowed_by_what_the_address_says(office):
    ctx, ann = office.ctx, office.kept.customers["ann"]
    with ctx.transaction() as session:
        session.add(
            Question(
                tenant_id=ctx.tenant.id,
                id=new_id(),
                document_id=office.kept.invoices["ann"],
                customer_id=ann,
                kind="dispute",
                asked_at=ctx.now(),
            )
        )
    bill(ctx, ann)
    eve = office.at_portal(EVE)

    def found(query: str) -> list[str]:
        (_header, *rows) = csv.reader(StringIO(eve.get(f"/documents/list.csv{query}").text))
        page = eve.get(f"/documents/{query}").text
        assert all(row[0] in page for row in rows)
        return sorted(row[0] for row in rows)

    note, first, last = "CN-2026-00001", "INV-2026-00001", "INV-2026-00004"
    assert found("") == [note, first, last]
    assert found("?type=credit_note") == [note]
    assert found("?state=open") == [first, last]
    assert found("?state=settled") == [note]
    assert found("?state=overdue") == []
    assert found("?state=disputed") == [first]
    assert found("?number=00004") == [last]
    assert found("?number=%25") == []
    assert found(f"?since={END}") == [note, first, last]
    assert found("?until=2020-01-01") == []
    assert found("?state=nonsense&since=yesterday&type=9") == [note, first, last]
    page = eve.get("/documents/?state=disputed").text
    assert '<span class="badge wait">Disputed</span>' in page
    assert '<option value="disputed" selected>' in page
    assert "Nothing was found." in eve.get("/documents/?number=zzz").text
    assert eve.get("/documents/?after=zzz").status_code == 200


def test_long_lists_come_in_pages_that_neither_skip_nor_repeat(office):
    ctx, ann = office.ctx, office.kept.customers["ann"]
    for day in (1, 1, 2, 3):
        make_charge(ctx, ann, charged_on=date(2026, 10, day))
        billing.run(ctx, until=END, issue_on=END)
    eve = office.client("eve")
    with eve.ctx.acting():
        whole = documents.search(eve, ClientFilter()).rows
        paged, after = [], ""
        while True:
            page = documents.search(eve, ClientFilter(), after=after, limit=2)
            paged += page.rows
            after = page.next
            if not after:
                break
        assert paged == list(whole)
        assert len(whole) == 6
        with pytest.raises(ValidationFailed):
            documents.search(eve, ClientFilter(), after="zzz")


def test_the_list_as_a_sheet_adds_up_to_what_is_owed(office):
    ctx, ann = office.ctx, office.kept.customers["ann"]
    bill(ctx, ann)
    crediting.credit(ctx, bill(ctx, ann, "3"), reason="All of it", issue_on=END)
    with ctx.transaction() as session:
        session.execute(
            update(Credit)
            .where(Credit.tenant_id == ctx.tenant.id, Credit.document_id == office.kept.note)
            .values(allocated=Credit.amount - 140)
        )
    eve = office.client("eve")
    with eve.ctx.acting():
        (balance,) = overview.overview(eve).balances
    text = office.at_portal(EVE).get("/documents/list.csv").text
    (_header, *rows) = csv.reader(StringIO(text))
    assert sum(Decimal(row[8]) for row in rows) == to_major(balance.total, "GBP")
    assert [row[7] for row in rows if row[0] == "CN-2026-00001"] == ["-281.4"]


def test_what_is_due_is_overdue_from_the_next_day_on(office, monkeypatch):
    eve = office.client("eve")
    later = [
        (date(2026, 11, 30), DocumentState.PARTLY),
        (date(2026, 12, 1), DocumentState.OVERDUE),
    ]
    for day, state in later:
        with eve.ctx.acting():
            row = db.session.execute(
                documents.entries().where(documents.DocumentRow.id == office.kept.invoices["ann"])
            ).one()
            monkeypatch.setattr(type(eve.ctx), "today", lambda _ctx, day=day: day)
            assert documents.entry(eve, row).state is state


def test_a_page_takes_few_statements_however_much_there_is(office):
    ctx, ann = office.ctx, office.kept.customers["ann"]
    eve = office.at_portal(EVE)
    paths = ("/", "/documents/", f"/documents/{office.kept.invoices['ann']}")
    few = {}
    for path in paths:
        eve.get(path)
        with counted() as said:
            assert eve.get(path).status_code == 200
        few[path] = len(said)
    for _place in range(4):
        bill(ctx, ann)
    for path in paths:
        with counted() as said:
            eve.get(path)
        assert len(said) == few[path], said
    assert max(few.values()) <= 40


def test_dates_and_amounts_are_written_as_the_client_s_country_does(office):
    ann = office.kept.customers["ann"]
    assert "31 Oct 2026" in office.at_portal(ED).get("/documents/").text
    with office.ctx.transaction() as session:
        moved = update(Customer).where(Customer.id == ann).values(country="CH", language="de")
        session.execute(moved)
    make_charge(office.ctx, ann, "9184.30")
    billing.run(office.ctx, until=END, issue_on=END)
    swiss = office.at_portal(ED).get("/documents/").text
    assert '<html lang="de-CH"' in swiss
    assert "9’184.30" in swiss
    assert "31.10.2026" in swiss
