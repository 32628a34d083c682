"""The editor of drafts as people use it, with and without scripts."""

import io
import re
from http import HTTPStatus

import pytest
from sqlalchemy import func, insert, select

from billhook.db import db
from billhook.ids import new_id
from billhook.models.charges import ChargeOpen
from billhook.models.documents import DocumentRow
from billhook.models.drafts import Draft, DraftLine
from billhook.services import draft_editing, draft_search, drafting, prices, products
from billhook.services.draft_editing import DraftInput, LineInput
from billhook.services.prices import PriceInput
from billhook.services.products import ProductInput
from billhook.testing.browser import Page

ONE_LINE = {
    "customer": "ann",
    "lines-0-description": "Work",
    "lines-0-quantity": "2",
    "lines-0-unit_price": "50",
}


def counted(row):
    found = db.session.scalar(select(func.count()).select_from(row))
    db.session.rollback()
    return found


def filled(page: str) -> dict[str, str]:
    """Return the values of a page's editor, as a browser would send them."""
    form = page[page.index('<form id="editor"') :]
    found = {
        field["name"]: field.get("value", "")
        for field in Page(form).all("input")
        if field.get("name") and field.get("type") not in ("file", "radio")
    }
    for name, inside in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S
    ):
        found[name] = inside
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else ""
    return found


def amount_of(page: str, place: int) -> str:
    found = re.search(rf'<output id="amount-{place}"[^>]*>([^<]*)', page)
    return found[1] if found else ""


def said_at(page: str, name: str) -> str:
    """Return what is said to be wrong with an input, by the element that describes it."""
    (field,) = [
        one
        for tag, one in Page(page).elements
        if tag in ("input", "select", "textarea") and one.get("name") == name
    ]
    assert field["aria-invalid"] == "true"
    assert f"{name}-error" in field["aria-describedby"]
    found = re.search(rf'id="{name}-error">([^<]*)', page)
    return found[1]


@pytest.fixture
def olga(office):
    return office.visit()


def test_a_new_draft_is_typed_saved_and_found(office, olga):
    page = olga.get("/drafts/new?customer=ann").text
    assert filled(page)["customer"] == "ann"
    answer = olga.send("/drafts/new", ONE_LINE)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    page = olga.get(answer.location).text
    assert filled(page)["lines-0-unit_price"] == "50.00"
    assert amount_of(page, 0) == "100.00"
    assert "Ann &amp; Sons" in olga.get("/drafts?search=ann").text
    assert olga.get("/drafts/new?customer=nobody").status_code == 404


def test_the_same_form_sent_twice_makes_one_draft(office, olga):
    sent = {**ONE_LINE, "key": str(new_id()), "csrf_token": olga.token("/drafts/new")}
    first, second = (olga.post("/drafts/new", sent) for _time in range(2))
    assert first.location == second.location
    assert counted(Draft) == 2  # with the one that was there


def test_lines_are_added_moved_and_removed_without_scripts_and_nothing_is_saved(office, olga):
    typed = {**ONE_LINE, "lines-1-description": "Second", "lines-1-unit_price": "7"}
    page = olga.send("/drafts/new", {**typed, "act": "add"}).text
    assert [filled(page)[f"lines-{n}-description"] for n in range(3)] == ["Work", "Second", ""]
    page = olga.send("/drafts/new", {**typed, "act": "down:0"}).text
    assert [filled(page)[f"lines-{n}-description"] for n in range(2)] == ["Second", "Work"]
    page = olga.send("/drafts/new", {**typed, "act": "up:1"}).text
    assert filled(page)["lines-0-description"] == "Second"
    page = olga.send("/drafts/new", {**typed, "act": "remove:0"}).text
    assert filled(page)["lines-0-description"] == "Second"
    assert "lines-1-description" not in filled(page)
    assert counted(Draft) == 1


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(office, olga):
    typed = {**ONE_LINE, "lines-0-quantity": "1,5", "payment_days": "soon", "note": "<b>kept</b>"}
    answer = olga.send("/drafts/new", typed)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "not a number" in said_at(answer.text, "lines-0-quantity")
    assert "whole number" in said_at(answer.text, "payment_days")
    assert filled(answer.text)["lines-0-quantity"] == "1,5"
    assert "&lt;b&gt;kept" in answer.text
    assert counted(Draft) == 1


def test_totals_follow_what_is_typed(office, olga):
    token = olga.token("/drafts/new")
    answer = olga.post("/drafts/totals", {**ONE_LINE, "csrf_token": token})
    assert amount_of(answer.text, 0) == "100.00"
    assert "120.00" in answer.text  # with 20 % VAT
    assert "Ann &amp; Sons" in answer.text
    incomplete = {**ONE_LINE, "lines-1-description": "Half", "lines-2-unit_price": "x"}
    answer = olga.post("/drafts/totals", {**incomplete, "csrf_token": token})
    assert "120.00" in answer.text
    assert 'data-path="lines-2-unit_price"' in answer.text
    assert 'data-path="lines-1-unit_price"' not in answer.text  # only not typed yet
    answer = olga.post(f"/drafts/{office.draft}/totals", {**ONE_LINE, "csrf_token": token})
    assert "120.00" in answer.text


def test_a_product_is_picked_with_the_customers_price(office, olga):
    ctx = office.ctx
    products.save(ctx, ProductInput(sku="SEAT", name="Seat <i>", unit="MON"))
    for customer, price in (("", "49"), ("ann", "45")):
        prices.add_price(
            ctx,
            PriceInput(
                sku="SEAT",
                model="pricing_standard.per_unit",
                customer=customer,
                parameters={"unit_price": price},
            ),
        )
    db.session.rollback()
    (found,) = olga.get("/drafts/find-product?q=sea&customer=ann&currency=GBP").json["options"]
    assert (found["value"], found["label"], found["hint"]) == ("SEAT", "Seat <i>", "SEAT · 45.00")
    assert found["fills"] == {"description": "Seat <i>", "unit": "MON"}
    sent = {"customer": "ann", "lines-0-sku": "SEAT", "lines-0-quantity": "2"}
    answer = olga.send("/drafts/new", sent)
    page = olga.get(answer.location).text
    assert filled(page)["lines-0-unit_price"] == "45.00"
    assert amount_of(page, 0) == "90.00"


def test_customers_are_found_by_name_and_number_the_exact_one_first(office, olga):
    labels = [one["value"] for one in olga.get("/drafts/find-customer?q=ann").json["options"]]
    assert labels == ["ann"]
    assert [
        one["value"] for one in olga.get("/drafts/find-customer?q=Software").json["options"]
    ] == ["lodz"]
    assert len(olga.get("/drafts/find-customer").json["options"]) == 3


def test_saving_over_somebody_elses_change_lets_choose_and_loses_nothing(office, olga):
    path = f"/drafts/{office.draft}"
    mine = filled(olga.get(path).text)
    stored = draft_editing.opened(office.ctx, office.draft)
    theirs = draft_editing.DraftInput(
        customer="lodz",
        lines=(*stored.given.lines, LineInput(description="Theirs", unit_price="9")),
        note="Their note",
        purchase_order="PO-THEIRS",
    )
    draft_editing.save(office.ctx, office.draft, theirs, version=1)
    db.session.rollback()

    answer = olga.post(path, {**mine, "note": "My note", "act": "save"})
    assert answer.status_code == HTTPStatus.CONFLICT
    text = Page(answer.text).text
    for told in ("Their note", "My note", "PO-THEIRS", "Theirs"):
        assert told in text
    kept = {
        field["name"]: field.get("value", "")
        for field in Page(answer.text).all("input")
        if field.get("type") == "hidden"
    }
    assert kept["version"] == "2"
    chosen = {
        **kept,
        "take-lines": "theirs",
        "take-purchase_order": "theirs",
        "take-note": "yours",
    }
    assert olga.post(path, chosen).status_code == HTTPStatus.SEE_OTHER
    now = draft_editing.opened(office.ctx, office.draft).given
    assert [line.description for line in now.lines] == [
        *(line.description for line in stored.given.lines),
        "Theirs",
    ]
    assert (now.note, now.purchase_order) == ("My note", "PO-THEIRS")


def test_a_removed_line_gives_its_charge_back_and_says_so(office, olga):
    path = f"/drafts/{office.draft}"
    page = olga.get(path).text
    assert "Bills a charge" in page
    sent = {name: value for name, value in filled(page).items() if not name.startswith("lines-")}
    answer = olga.post(path, {**sent, "lines-0-description": "Free", "lines-0-unit_price": "1",
                              "lines-0-quantity": "1"})  # fmt: skip
    assert "1 charge waits in the queue again" in olga.get(answer.location).text
    assert counted(ChargeOpen) == 1


def test_issuing_asks_first_and_issues_once_however_often_it_is_sent(office, olga):
    path = f"/drafts/{office.draft}"
    answer = olga.post(path, {**filled(olga.get(path).text), "act": "issue"})
    assert answer.location.endswith(f"{path}/issue?act=issue")
    question = olga.get(answer.location).text
    assert "6.00" in question
    sent = {
        field["name"]: field.get("value", "")
        for field in Page(question).all("input")
        if field.get("type") == "hidden"
    }
    before = counted(DocumentRow)
    answers = [olga.post(f"{path}/issue", {**sent, "act": "issue"}) for _time in range(2)]
    assert [one.location for one in answers] == [f"/documents/{office.draft}"] * 2
    assert counted(DocumentRow) == before + 1
    assert olga.get(path).status_code == HTTPStatus.CONFLICT


def test_issue_and_send_sends_to_the_client(office, olga):
    path = f"/drafts/{office.draft}/issue"
    question = olga.get(f"{path}?act=send").text
    sent = {
        field["name"]: field.get("value", "")
        for field in Page(question).all("input")
        if field.get("type") == "hidden"
    }
    answer = olga.post(path, {**sent, "act": "send"})
    page = olga.get(answer.location).text
    assert "is on its way" in page
    assert "lodz@client.example" in page


def test_what_was_changed_after_the_look_is_not_issued(office, olga):
    question = olga.get(f"/drafts/{office.draft}/issue").text
    sent = {
        field["name"]: field.get("value", "")
        for field in Page(question).all("input")
        if field.get("type") == "hidden"
    }
    given = draft_editing.opened(office.ctx, office.draft).given
    draft_editing.save(office.ctx, office.draft, given, version=1)
    db.session.rollback()
    answer = olga.post(f"/drafts/{office.draft}/issue", sent)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "changed since you looked" in answer.text


def test_what_keeps_a_draft_from_being_issued_stands_on_its_form(office, olga):
    saved = draft_editing.create(office.ctx, DraftInput(customer="ann"))
    db.session.rollback()
    answer = olga.get(f"/drafts/{saved.draft_id}/issue")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "There is nothing on this draft yet" in answer.text
    preview = olga.get(f"/drafts/{saved.draft_id}/preview")
    assert preview.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "nothing on this draft yet" in preview.text


def test_the_pdf_stands_beside_the_form(office, olga):
    answer = olga.get(f"/drafts/{office.draft}")
    assert f'src="/drafts/{office.draft}/preview#' in answer.text
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    frame = olga.get(f"/drafts/{office.draft}/preview")
    assert frame.mimetype == "application/pdf"
    assert "frame-ancestors 'self'" in frame.headers["Content-Security-Policy"]
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_files_are_added_and_taken_off_with_what_was_typed(office, olga):
    path = f"/drafts/{office.draft}"
    sent = {
        **filled(olga.get(path).text),
        "note": "With files",
        "act": "attach",
        "file": [(io.BytesIO(b"%PDF-1.7 " + b"x" * 300_000), "plan.pdf", "application/pdf")],
    }
    answer = olga.client.post(path, data=sent, buffered=True)
    page = olga.get(answer.location).text
    assert "plan.pdf" in page
    assert filled(page)["note"] == "With files"
    answer = olga.post(path, {**filled(page), "act": "detach:0"})
    assert "was taken off" in olga.get(answer.location).text
    assert draft_editing.opened(office.ctx, office.draft).attachments == ()


def test_discarding_asks_first_and_gives_the_charges_back(office, olga):
    path = f"/drafts/{office.draft}/discard"
    assert "1 line bills a charge" in olga.get(path).text
    answer = olga.send(path)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert counted(ChargeOpen) == 1
    assert olga.get(f"/drafts/{office.draft}").status_code == HTTPStatus.CONFLICT


def test_many_drafts_are_issued_and_discarded_at_once(office, olga):
    other = draft_editing.create(
        office.ctx,
        DraftInput(customer="ann", lines=(LineInput(description="Work", unit_price="10"),)),
    )
    empty = draft_editing.create(office.ctx, DraftInput(customer="yamada"))
    db.session.rollback()
    ids = [str(office.draft), str(other.draft_id), str(empty.draft_id)]
    token = olga.token("/drafts")
    question = olga.post("/drafts/bulk/issue", {"csrf_token": token, "id": ids})
    assert "Issue 3 drafts?" in question.text
    assert "15.00 GBP before tax" in question.text
    sent = {"csrf_token": token, "id": ids, "confirmed": "yes"}
    answer = olga.post("/drafts/bulk/issue", sent)
    page = olga.get(answer.location).text
    assert "2 documents were issued." in page
    assert "There is nothing on this draft yet" in page
    answer = olga.post("/drafts/bulk/discard", {**sent, "id": ids[2:]})
    assert "1 draft was discarded." in olga.get(answer.location).text
    assert drafting.listing(office.ctx) == []


def test_who_may_only_look_finds_no_button(office):
    auditor = office.signed_in("auditor")
    page = auditor.get(f"/drafts/{office.draft}").text
    assert "<fieldset" in page
    assert 'class="editor-fieldset" disabled' in page
    assert 'value="send"' not in page
    for path in ("/drafts/new", f"/drafts/{office.draft}/discard", "/drafts/find-customer"):
        assert auditor.get(path).status_code == HTTPStatus.FORBIDDEN
    sales = office.signed_in("sales")
    page = sales.get(f"/drafts/{office.draft}").text
    assert 'value="save"' in page
    assert 'value="issue"' not in page
    assert sales.get(f"/drafts/{office.draft}/issue").status_code == HTTPStatus.FORBIDDEN


def test_a_draft_that_no_page_can_edit_is_shown_and_issued_all_the_same(office, olga):
    ctx = office.ctx
    lines = tuple(LineInput(description=f"Item {n}", unit_price="1") for n in range(300))
    saved = draft_editing.create(ctx, DraftInput(customer="ann", lines=lines))
    with ctx.transaction() as session:
        first = session.scalar(select(DraftLine).where(DraftLine.draft_id == saved.draft_id))
        values = {one.key: getattr(first, one.key) for one in DraftLine.__table__.columns}
        session.execute(insert(DraftLine), [{**values, "line_no": 301, "key": new_id()}])
    db.session.rollback()
    page = olga.get(f"/drafts/{saved.draft_id}").text
    assert "301 lines, more than a page can edit" in page
    assert '<form id="editor"' not in page
    assert f"/drafts/{saved.draft_id}/issue" in page
    answer = olga.send("/drafts/new", {**ONE_LINE, **{f"lines-{n}-sku": "X" for n in range(301)}})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "300 lines at most" in answer.text


def test_the_list_is_narrowed_by_what_people_look_for(office, olga):
    ctx = office.ctx
    draft_editing.create(
        ctx,
        DraftInput(
            customer="ann",
            purchase_order="PO-77",
            lines=(LineInput(description="Back", quantity="-1", unit_price="10"),),
        ),
    )
    gone = draft_editing.create(ctx, DraftInput(customer="yamada"))
    drafting.discard(ctx, gone.draft_id)
    db.session.rollback()
    (run,) = draft_search.runs(ctx)
    db.session.rollback()

    def shown(query: str) -> list[str]:
        page = olga.get(f"/drafts?{query}").text
        return re.findall(r"<bdi>(ann|lodz|yamada)</bdi>", page)

    assert shown("") == ["ann", "lodz"]
    assert shown("state=discarded") == ["yamada"]
    assert shown("state=all") == ["yamada", "ann", "lodz"]
    assert shown("search=PO-77") == shown("type=credit_note") == ["ann"]
    assert shown(f"run={run.id}") == shown("customer=lodz") == ["lodz"]
    assert shown("currency=EUR") == []
    assert shown("sort=customer") == ["ann", "lodz"]
    export = olga.get("/drafts/export.csv?search=PO-77").text
    assert "Ann" in export
    assert "Software" not in export
