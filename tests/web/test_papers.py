"""Credit, merge, split, copy and void on pages; by whom it may be, and nobody else."""

import re

import pytest

from billhook.domain.states import DraftState, RunMode
from billhook.ids import new_id
from billhook.services import (
    billing,
    crediting,
    documents,
    drafting,
    issuing,
    links,
    merging,
)
from billhook.testing.browser import Page
from billhook.testing.members import join
from billhook.testing.shops import END, make_charge, make_customer


@pytest.fixture
def olga(office):
    """A browser in which the office's administrator has logged in."""
    return office.visit()


@pytest.fixture
def invoice(office):
    """An issued invoice of two lines: 10.00 and 20.00, and 20 % of them."""
    return issuing.issue(office.ctx, drafts_of(office, ("10", "20"))[0], issue_on=END).id


def drafts_of(office, *prices):
    """Make a draft of each tuple of prices, all for one customer."""
    customer = make_customer(office.ctx, new_id().hex[:8], consolidation="group")
    for number, some in enumerate(prices, 1):
        for price in some:
            group = f"Project {number}"
            make_charge(office.ctx, customer, price, group_key=group, group_label=group)
    known = {one.id for one in drafting.listing(office.ctx)}
    billing.run(office.ctx, until=END, issue_on=END, mode=RunMode.DRAFT)
    return [one.id for one in drafting.listing(office.ctx) if one.id not in known]


def words(answer):
    assert answer.status_code == 200, answer.text
    return " ".join(Page(answer.text).text.split())


def credited(office, document_id):
    """Return the credit notes against a document, as they stand now."""
    office.app.extensions["sqlalchemy"].session.rollback()
    return documents.of_ids(office.ctx, documents.get(office.ctx, document_id).credits)


class TestDocument:
    def test_explains_each_line(self, olga, office, invoice):
        page = olga.get(f"/documents/{invoice}")
        assert "See how each of the 2 lines was counted" in words(page)
        assert f'href="/documents/{invoice}/why"' in page.text
        text = words(olga.get(f"/documents/{invoice}/why"))
        assert re.search(r"Charge \w+ from test, of Oct 5, 2026", text)
        assert "1 × 10 = 10" in text
        assert "10 was rounded once to 10.00 GBP" in text
        assert "VAT GB 20 %" in text
        assert "This line's share is 2.00 GBP" in text

    def test_shows_its_state_and_its_family(self, olga, office, invoice):
        assert "Issued Not sent" in words(olga.get(f"/documents/{invoice}"))
        note = crediting.credit(office.ctx, invoice, lines={1: None}, reason="Back")
        text = words(olga.get(f"/documents/{invoice}"))
        assert "Partly credited Not sent" in text
        assert f"Credited by {note.number}" in text
        crediting.credit(office.ctx, invoice, reason="The rest")
        assert "Issued Credited Not sent" in words(olga.get(f"/documents/{invoice}"))

    def test_says_whom_it_goes_to_by_itself(self, olga, office):
        text = words(olga.get(f"/documents/{office.invoice}/send"))
        assert "goes to ann@client.example unless you name others" in text

    def test_loads_each_kept_file_and_its_lines(self, olga, office, invoice):
        page = olga.get(f"/documents/{office.invoice}")
        (path,) = set(re.findall(rf"/documents/{office.invoice}/files/[0-9a-f-]+", page.text))
        assert olga.get(path).data.startswith(b"%PDF-")
        moved = path.replace(str(office.invoice), str(office.note))
        assert olga.get(moved).status_code == 404
        sheet = olga.get(f"/documents/{invoice}/lines.csv").text.splitlines()
        assert sheet[0].startswith("number,line,section")
        assert len(sheet) == 3


class TestCredit:
    def send(self, browser, document, **fields):
        path = f"/documents/{document}/credit"
        return browser.send(path, {"act": "credit", "reason": "Back", **fields}, page=path)

    def test_counts_what_would_be_credited_while_one_types(self, olga, office, invoice):
        path = f"/documents/{invoice}/credit"
        text = words(
            olga.send(f"{path}/preview", {"what": "lines", "quantity-1": "0.5"}, page=path)
        )
        assert "Credited in all 6.00 GBP" in text
        assert credited(office, invoice) == []

    @pytest.mark.parametrize(
        ("fields", "gross"),
        [
            ({"what": "rest"}, 3600),
            ({"what": "lines", "quantity-2": "0.25"}, 600),
            ({"what": "lines", "amount-1": "5.01"}, 601),
            ({"what": "lines", "basis": "gross", "amount-1": "6"}, 600),
            ({"what": "lines", "basis": "gross", "amount-1": "5.01"}, 500),  # 4.17 and 0.83
            ({"what": "total", "total": "15"}, 1800),
            ({"what": "total", "basis": "gross", "total": "15"}, 1500),
        ],
    )
    def test_issues_what_was_chosen(self, olga, office, invoice, fields, gross):
        answer = self.send(olga, invoice, **fields)
        assert answer.status_code == 303
        (note,) = credited(office, invoice)
        assert note.gross == gross
        assert answer.location.endswith(str(note.id))

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"reason": " "}, "Say why"),
            ({"what": "lines"}, "at least one line"),
            ({"what": "lines", "quantity-1": "-1"}, "above zero"),
            ({"what": "lines", "quantity-1": "x"}, "not a number"),
            ({"what": "lines", "amount-1": "10.01"}, "10.00 GBP is left"),
            ({"what": "total", "total": "30.01"}, "30.00 GBP is left"),
            ({"what": "total"}, "Enter the amount"),
            ({"issue_on": "soon"}, "not a date"),
        ],
    )
    def test_what_is_wrong_comes_back_with_what_was_typed(
        self, olga, office, invoice, fields, told
    ):
        answer = self.send(olga, invoice, **fields)
        assert answer.status_code == 422
        assert told in answer.text
        if text := fields.get("amount-1"):
            assert f'value="{text}"' in answer.text
        assert credited(office, invoice) == []

    def test_by_one_form_it_is_credited_once(self, olga, office, invoice):
        key = str(new_id())
        first, second = (
            self.send(olga, invoice, what="total", total="1", key=key) for _time in range(2)
        )
        assert first.location == second.location
        assert len(credited(office, invoice)) == 1

    def test_what_is_credited_whole_says_so(self, olga, office, invoice):
        crediting.credit(office.ctx, invoice, reason="Back")
        answer = self.send(olga, invoice)
        assert answer.status_code == 422
        assert "credited whole" in answer.text

    def test_bills_it_anew(self, olga, office, invoice):
        answer = self.send(olga, invoice, act="rebill")
        assert answer.status_code == 303
        (draft,) = [
            one for one in links.family(office.ctx, invoice).children if not one.is_document
        ]
        assert str(draft.id) in answer.location

    def test_takes_a_form_of_many_lines(self, olga, office, invoice):
        path = f"/documents/{invoice}/credit"
        many = {f"amount-{number}": "" for number in range(700)}
        answer = olga.send(f"{path}/preview", {**many, "what": "rest"}, page=path)
        assert "Credited in all 36.00 GBP" in words(answer)


class TestQuestions:
    @pytest.mark.parametrize("act", ["rebill", "void", "duplicate"])
    def test_asks_before_anything_is_done(self, olga, office, invoice, act):
        answer = olga.get(f"/documents/{invoice}/{act}")
        assert answer.status_code == 200
        assert 'id="question"' in answer.text
        assert credited(office, invoice) == []

    def test_voids_with_a_reason_and_refuses_without(self, olga, office, invoice):
        path = f"/documents/{invoice}/void"
        assert olga.send(path, {"reason": ""}, page=path).status_code == 422
        assert olga.send(path, {"reason": "Wrong customer"}, page=path).status_code == 303
        text = words(olga.get(f"/documents/{invoice}"))
        assert "Made void: “Wrong customer”" in text
        answer = olga.send(path, {"reason": "Again"}, page=path)
        assert answer.status_code == 422

    def test_what_was_sent_is_not_voided(self, olga, office):
        path = f"/documents/{office.invoice}/void"
        answer = olga.send(path, {"reason": "Late"}, page=path)
        assert answer.status_code == 422
        assert "Issue a credit note" in answer.text

    def test_copies_a_document_and_a_draft(self, olga, office, invoice):
        for path in (f"/documents/{invoice}/duplicate", f"/drafts/{office.draft}/duplicate"):
            before = len(drafting.listing(office.ctx))
            assert olga.send(path, {}, page=path).status_code == 303
            office.app.extensions["sqlalchemy"].session.rollback()
            assert len(drafting.listing(office.ctx)) == before + 1

    def test_bills_anew_by_one_question(self, olga, office, invoice):
        path = f"/documents/{invoice}/rebill"
        assert olga.send(path, {"reason": "Wrong address"}, page=path).status_code == 303
        assert len(credited(office, invoice)) == 1


class TestMerging:
    def test_shows_what_the_drafts_come_to_and_merges_them(self, olga, office):
        drafts = drafts_of(office, ("10",), ("20", "5.50"))
        path = "/drafts/merge?" + "&".join(f"draft={one}" for one in drafts)
        assert "In all 42.60 GBP" in words(olga.get(path))
        answer = olga.send("/drafts/merge", {"draft": [str(one) for one in drafts]}, page=path)
        assert answer.status_code == 303
        office.app.extensions["sqlalchemy"].session.rollback()
        (merged,) = links.family(office.ctx, drafts[0]).children
        assert str(merged.id) in answer.location
        assert links.family(office.ctx, merged.id).parents[1].draft_state is DraftState.DISCARDED

    def test_says_why_drafts_cannot_be_merged(self, olga, office):
        (theirs,) = drafts_of(office, ("10",))
        text = words(olga.get(f"/drafts/merge?draft={theirs}&draft={office.draft}"))
        assert "different customers" in text
        assert "at least two" in words(olga.get(f"/drafts/merge?draft={theirs}&draft=x"))
        assert olga.get(f"/drafts/merge?draft={theirs}&draft={new_id()}").status_code == 404


class TestFamily:
    def test_a_draft_leads_to_what_it_came_from(self, olga, office):
        drafts = drafts_of(office, ("10",), ("20",))
        merged = merging.merge(office.ctx, drafts)
        assert f"/drafts/{merged}/family" in olga.get(f"/drafts/{merged}").text
        page = olga.get(f"/drafts/{merged}/family")
        assert "Merged from" in words(page)
        assert all(str(one) in page.text for one in drafts)
        assert "stands alone" in words(olga.get(f"/drafts/{office.draft}/family"))


class TestSplitting:
    def test_counts_the_parts_while_one_chooses_and_splits(self, olga, office):
        (draft,) = drafts_of(office, ("10", "20"))
        path = f"/drafts/{draft}/split"
        fields = {"how": "percent", "percents": "60/40"}
        text = words(olga.send(f"{path}/preview", fields, page=path))
        assert "18.00 21.60" in text
        assert "Together 30.00" in text
        answer = olga.send(path, {**fields, "act": "split"}, page=path)
        assert answer.status_code == 303
        office.app.extensions["sqlalchemy"].session.rollback()
        assert [one.part for one in links.family(office.ctx, draft).children] == ["A", "B"]

    def test_splits_an_invoice_by_lines(self, olga, office, invoice):
        path = f"/documents/{invoice}/split"
        fields = {"how": "lines", "part-2": "1", "act": "split"}
        answer = olga.send(path, fields, page=path)
        assert answer.status_code == 422
        assert "Say why" in answer.text
        assert olga.send(path, {**fields, "reason": "Two"}, page=path).status_code == 303
        assert [one.gross for one in credited(office, invoice)] == [3600]

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"how": "percent", "percents": "60/41"}, "sum to 101"),
            ({"how": "percent", "percents": "many"}, "not a number"),
            ({"how": "lines"}, "at least one line"),
            ({"how": "lines", "part-2": "1", "payer-1": "nobody"}, "who could pay"),
        ],
    )
    def test_what_makes_no_parts_comes_back(self, olga, office, fields, told):
        (draft,) = drafts_of(office, ("10", "20"))
        path = f"/drafts/{draft}/split"
        answer = olga.send(path, {**fields, "act": "split"}, page=path)
        assert answer.status_code == 422
        assert told in answer.text

    def test_a_draft_that_was_changed_meanwhile_is_not_split(self, olga, office):
        (draft,) = drafts_of(office, ("10", "20"))
        path = f"/drafts/{draft}/split"
        fields = {"how": "percent", "percents": "60/40", "act": "split", "version": "7"}
        answer = olga.send(path, fields, page=path)
        assert answer.status_code == 422
        assert "was changed since you looked at it" in answer.text


def test_who_only_sells_prepares_drafts_and_corrects_no_document(office, invoice):
    join("office", "sam@office.example", role="sales")
    sam = office.visit("sam@office.example")
    page = sam.get(f"/documents/{invoice}")
    assert f"/documents/{invoice}/credit" not in page.text
    for path in ("credit", "rebill", "void", "split"):
        assert sam.get(f"/documents/{invoice}/{path}").status_code == 403
    (draft,) = drafts_of(office, ("10", "20"))
    assert sam.get(f"/drafts/{draft}/split").status_code == 200


def test_an_auditor_looks_and_changes_nothing(office, invoice):
    join("office", "aud@office.example", role="auditor")
    auditor = office.visit("aud@office.example")
    assert "Why these amounts" in words(auditor.get(f"/documents/{invoice}"))
    assert auditor.get(f"/documents/{invoice}/duplicate").status_code == 403
    assert auditor.get(f"/drafts/merge?draft={office.draft}").status_code == 403
