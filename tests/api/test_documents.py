"""Documents by the API: found, read whole, loaded, corrected."""

from contextlib import contextmanager
from hashlib import sha256

import pytest
from sqlalchemy import event, func, select

from billhook.db import db, is_writing
from billhook.models.audit import Audit
from billhook.models.documents import DocumentRow
from billhook.testing.outward import Paper


@pytest.fixture
def at(program):
    return program()


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json["data"]]


def count(row, *conditions):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(row).where(*conditions))


@contextmanager
def statements():
    """Gather what is asked of the database."""
    said = []

    def note(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield said
    event.remove(db.engine, "before_cursor_execute", note)


def field(answer):
    assert answer.status_code in (400, 422), answer.text  # malformed, or refused by its meaning
    return [one["field"] for one in answer.json["problems"]]


def test_documents_are_listed_by_pages_filters_and_order(at, office):
    whole = at.get("/documents").json["data"]
    assert whole[0]["number"] == "CN-2026-00001"
    first = at.get("/documents", limit="3")
    rest = at.get("/documents", limit="3", after=first.json["next"])
    assert ids(first) + ids(rest) == [one["id"] for one in whole]
    assert rest.json["next"] is None
    by_gross = at.get("/documents", sort="gross", direction="asc").json["data"]
    amounts = [float(one["gross"]) for one in by_gross]
    assert amounts == sorted(amounts)
    invoice = str(office.invoice)
    for query in (
        {"number": "INV-2026-00001"},
        {"customer": "ann", "type": "invoice"},
        {"text": "ann & sons", "type": "invoice"},
        {"customer_id": whole[0]["customer_id"], "type": "invoice"},
        {"delivery": "sent"},
    ):
        assert ids(at.get("/documents", **query)) == [invoice], query
    for query in ({"number": "INV-2026-0000"}, {"currency": "USD"}, {"since": "2027-01-01"}):
        assert ids(at.get("/documents", **query)) == [], query
    assert field(at.get("/documents", after="nonsense")) == ["after"]
    assert field(at.get("/documents", sort="colour")) == ["sort"]


def test_the_list_shows_what_one_alone_shows_and_asks_the_same_of_many(at, office):
    everything = "lines,taxes,details,links"
    alone = at.get(f"/documents/{office.invoice}", expand=everything).json
    listed = at.get("/documents", expand=everything).json["data"]
    assert alone in listed
    with statements() as for_one:
        at.get("/documents", expand=everything, limit="1")
    with statements() as for_all:
        at.get("/documents", expand=everything)
    assert len(for_all) <= len(for_one)
    slim = at.get("/documents").json["data"][0]
    assert [slim[name] for name in ("lines", "taxes", "details", "links")] == [None] * 4


def test_a_document_has_its_lines_taxes_parties_and_links(at, office):
    found = at.get(f"/documents/{office.invoice}").json
    assert (found["number"], found["net"], found["tax"], found["gross"], found["currency"]) == (
        "INV-2026-00001",
        "1234.50",
        "246.90",
        "1481.40",
        "GBP",
    )
    assert (found["open"], found["delivery"]) == ("1200.00", "sent")
    (line,) = found["lines"]
    assert (line["description"], line["net"], line["tax_group"]) == (
        "Work & <b>more</b>",
        "1234.50",
        0,
    )
    (group,) = found["taxes"]
    assert group["components"][0] == {
        "tax": "VAT",
        "country": "GB",
        "subdivision": "",
        "rate": "20",
        "kind": "plain",
        "amount": "246.90",
    }
    assert found["details"]["buyer"]["name"].startswith("Ann & Sons")
    (child,) = at.get(f"/documents/{office.invoice}/links").json["children"]
    assert (child["id"], child["kind"]) == (str(office.note), "credited")
    (reason,) = at.get(f"/documents/{office.invoice}/why").json["data"]
    assert (reason["charge"]["id"], reason["rounded"], reason["tax"]["share"]) == (
        line["charge_id"],
        "1234.50",
        "246.90",
    )
    kinds = [one["kind"] for one in at.get(f"/documents/{office.invoice}/trail").json["data"]]
    assert kinds[0] == "issued"
    assert {"credited", "file_made", "delivery"} <= set(kinds)
    (total,) = at.get("/documents/sums").json["data"]
    assert total == {
        "currency": "GBP",
        "documents": 4,
        "net": "1050.00",
        "tax": "210.00",
        "gross": "1260.00",
    }


def test_files_come_byte_for_byte_with_their_hash_as_etag(at, office):
    pdf = at.get(f"/documents/{office.invoice}/pdf")
    digest = sha256(pdf.data).hexdigest()
    assert pdf.headers["ETag"] == f'"{digest}"'
    assert pdf.headers["Content-Disposition"].startswith("attachment")
    again = at.send(
        "GET", f"/documents/{office.invoice}/pdf", headers={"If-None-Match": f'"{digest}"'}
    )
    assert (again.status_code, again.data) == (304, b"")
    invoice = at.get(f"/documents/{office.invoice}/e-invoice", format="paper.tablet")
    assert invoice.data == b"<clay>INV-2026-00001</clay>"
    files = at.get(f"/documents/{office.invoice}/files").json["data"]
    assert {one["kind"]: one["sha256"] for one in files} == {
        "print": digest,
        "e_invoice": sha256(invoice.data).hexdigest(),
    }
    for one in files:
        assert sha256(at.get(one["href"]).data).hexdigest() == one["sha256"]
    foreign = files[0]["href"].replace(str(office.invoice), str(office.note))
    assert at.get(foreign).status_code == 404
    assert at.get(f"/documents/{office.invoice}/attachments/1").status_code == 404
    assert b"1234.5,GBP" in at.get(f"/documents/{office.invoice}/lines.csv").data
    unknown = at.get(f"/documents/{office.invoice}/e-invoice", format="paper.nothing")
    assert unknown.status_code == 404


def test_a_pdf_is_rendered_outside_of_transactions(at, office, monkeypatch):
    held = []
    monkeypatch.setattr(Paper, "act", lambda _paper: held.append(is_writing()))
    (other,) = ids(at.get("/documents", number="INV-2026-00002"))
    assert at.get(f"/documents/{other}/pdf").status_code == 200
    assert held == [False]


def test_a_credit_is_previewed_issued_once_and_settles(at, office):
    path = f"/documents/{office.invoice}"
    rest = at.get(f"{path}/creditable").json
    assert (rest["net"], rest["gross"], rest["lines"][0]["left"]) == (
        "1000.00",
        "1200.00",
        "1000.00",
    )
    wish = {"lines": [{"line_no": 1, "gross": "120.00"}]}
    preview = at.post(f"{path}/credit/preview", wish).json
    assert (preview["net"], preview["gross"]) == ("100.00", "120.00")
    assert count(DocumentRow) == 4
    made = at.post(f"{path}/credit", {**wish, "reason": "Late"}, key="k1")
    assert made.status_code == 201, made.text
    assert (made.json["type"], made.json["gross"]) == ("credit_note", "120.00")
    again = at.post(f"{path}/credit", {**wish, "reason": "Late"}, key="k1")
    assert (again.status_code, again.json) == (201, made.json)
    assert again.headers["Location"] == made.headers["Location"]
    other = at.post(f"{path}/credit", {**wish, "reason": "Other"}, key="k1")
    assert other.json["code"] == "idempotency.mismatch"
    assert at.get(made.headers["Location"].removeprefix("/api/v1")).json["gross"] == "120.00"
    assert at.get(path).json["open"] == "1080.00"
    total = at.post(f"{path}/credit", {"total": {"net": "400"}, "reason": "More"})
    assert total.json["net"] == "400.00"
    by_quantity = [{"line_no": 1, "quantity": "0.1"}]
    assert at.post(f"{path}/credit/preview", {"lines": by_quantity}).json["net"] == "123.45"
    whole = at.post(f"{path}/credit", {"reason": "Rest"})
    assert whole.json["net"] == "500.00"
    assert at.post(f"{path}/credit", {"reason": "Rest"}).status_code == 409
    assert at.post(f"/documents/{office.note}/credit", {"reason": "x"}).status_code == 409


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"lines": [{"line_no": 1}, {"line_no": 1}]}, "lines.1.line_no"),
        ({"lines": [{"line_no": 7}]}, "lines.0"),
        ({"lines": [{"line_no": 1, "net": "1000.01"}]}, "lines.0"),
        ({"lines": [{"line_no": 1, "net": "1.001"}]}, "lines.0.net"),
        ({"lines": [{"line_no": 1, "net": "9" * 39}]}, "lines.0.net"),
        ({"lines": [{"line_no": 1, "quantity": "0"}]}, "lines.0.quantity"),
        ({"lines": [{"line_no": 1, "net": "1", "gross": "1"}]}, "lines.0"),
        ({"lines": []}, "lines"),
        ({"lines": [{"line_no": 1, "net": 12}]}, "lines.0.net"),
        ({"total": {}}, "total"),
        ({"total": {"net": "5000"}}, "total"),
        ({"total": {"gross": "-1"}}, "total"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_at_its_field(at, office, wish, path):
    assert field(at.post(f"/documents/{office.invoice}/credit/preview", wish)) == [path]


def test_what_nobody_saw_is_voided_once_and_what_was_sent_is_not(at, office):
    sent = at.post(f"/documents/{office.invoice}/void", {"reason": "x"})
    assert sent.status_code == 409
    (fresh,) = ids(at.get("/documents", number="INV-2026-00002"))
    made = at.post(f"/documents/{fresh}/void", {"reason": "Wrong customer"}, key="v")
    assert made.status_code == 201, made.text
    assert at.post(f"/documents/{fresh}/void", {"reason": "Wrong customer"}, key="v").json == (
        made.json
    )
    assert at.get(f"/documents/{fresh}").json["is_void"]
    assert count(Audit, Audit.action == "document.voided") == 1
    assert at.post(f"/documents/{fresh}/void", {"reason": "Again"}).status_code == 409


def test_an_invoice_is_billed_anew_split_and_copied(at, office):
    (second,) = ids(at.get("/documents", number="INV-2026-00002"))
    (third,) = ids(at.get("/documents", number="INV-2026-00003"))
    anew = at.post(f"/documents/{second}/rebill", {"reason": "Typo"}, key="r")
    assert anew.json["credit_note"]["net"] == "20.00"
    assert at.post(f"/documents/{second}/rebill", {"reason": "Typo"}, key="r").json == anew.json
    (child,) = [
        one
        for one in at.get(f"/documents/{second}", expand="links").json["links"]["children"]
        if one["kind"] == "rebilled"
    ]
    assert child["id"] == anew.json["drafts"][0]["id"]

    halves = {
        "how": "percent",
        "percents": ["60", "40"],
        "payers": [{"part": 1, "customer": "ann"}],
    }
    preview = at.post(f"/documents/{third}/split/preview", halves)
    assert [one["document"]["net"] for one in preview.json["parts"]] == ["18.00", "12.00"]
    parts = at.post(f"/documents/{third}/split", {**halves, "reason": "Two pay"}, key="s")
    assert [one["part"] for one in parts.json["drafts"]] == ["A", "B"]
    for wrong, path in (
        ({"how": "percent", "percents": ["60", "50"]}, "percents"),
        ({"how": "percent", "percents": ["60", "x"]}, "percents.1"),
        ({"how": "lines", "lines": [{"line_no": 9, "part": 1}]}, "lines"),
        ({**halves, "payers": [{"part": 1, "customer": "nobody"}]}, "payers.0.customer"),
        ({"how": "sections"}, "how"),
    ):
        asked = at.post(f"/documents/{office.invoice}/split/preview", wrong)
        assert field(asked) == [path], wrong

    copy = at.post(f"/documents/{office.invoice}/duplicate", key="d")
    assert copy.headers["Location"] == f"/api/v1/drafts/{copy.json['id']}"
    assert at.post(f"/documents/{office.invoice}/duplicate", key="d").json == copy.json


def test_a_key_does_what_its_scopes_say(program, office):
    reader = program("documents.view")
    path = f"/documents/{office.invoice}"
    assert reader.get(path).status_code == 200
    assert reader.post(f"{path}/credit", {"reason": "x"}).status_code == 403
    crediting = program("documents.credit")
    assert crediting.get(path).status_code == 403
    assert crediting.post(f"{path}/rebill", {"reason": "x"}).status_code == 403
    assert crediting.post(f"{path}/split", {"how": "sections", "reason": "x"}).status_code == 403
    assert crediting.post(f"{path}/credit", {"reason": "All"}).status_code == 201
    for route in ("", "/why", "/links", "/trail", "/files", "/pdf", "/e-invoice", "/lines.csv"):
        assert reader.get(f"/documents/{office.draft}{route}").status_code == 404, route
