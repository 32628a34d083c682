"""Charges on pages: found, priced with the reason, held, withdrawn, added by hand."""

import pytest

from billhook.db import db
from billhook.domain.states import ChargeState
from billhook.ids import new_id
from billhook.services import charging
from billhook.services.charging import by_hand, viewing
from billhook.testing.browser import Page
from billhook.testing.members import join
from billhook.testing.shops import make_charge


@pytest.fixture
def olga(office):
    return office.visit()


@pytest.fixture
def open_charge(office):
    [entry] = charging.listing(office.ctx, customer="yamada")
    return make_charge(
        office.ctx, viewing.get(office.ctx, entry.id).customer_id, "40", description="Tea"
    )


def words(answer):
    assert answer.status_code == 200, answer.text
    return " ".join(Page(answer.text).text.split())


def state_of(office, charge_id):
    db.session.rollback()  # look anew, after what browsers did
    return viewing.get(office.ctx, charge_id).entry.state


class TestList:
    def test_shows_each_with_its_state_and_finds_by_text_and_state(self, olga, open_charge):
        text = words(olga.get("/charges"))
        assert "Work & <b>more</b>" in text
        assert "Tea" in text
        found = words(olga.get("/charges?state=open&search=tea"))
        assert "Tea" in found
        assert "Work" not in found.partition("Description")[2]
        assert "Tea" not in words(olga.get("/charges?state=billed"))

    @pytest.mark.parametrize("state", [state.value for state in ChargeState])
    def test_each_state_and_order_has_its_pages(self, olga, open_charge, state):
        for sort in ("", "date", "-date"):
            assert olga.get(f"/charges?state={state}&sort={sort}").status_code == 200
        assert olga.get(f"/charges/sums?state={state}").status_code == 200

    def test_sums_count_by_currency(self, olga, open_charge):
        assert "GBP 5" in words(olga.get("/charges/sums"))

    def test_what_is_chosen_is_held_once_the_question_is_answered(self, olga, office, open_charge):
        asked = olga.send("/charges/bulk/hold", {"id": str(open_charge)}, page="/charges")
        assert "1 charge stays out of bill runs" in words(asked)
        assert state_of(office, open_charge) is ChargeState.OPEN
        olga.send(
            "/charges/bulk/hold", {"id": str(open_charge), "confirmed": "yes"}, page="/charges"
        )
        assert state_of(office, open_charge) is ChargeState.HELD

    def test_what_does_not_wait_any_more_is_told_and_nothing_changes(
        self, olga, office, open_charge
    ):
        billed = charging.listing(office.ctx, state=ChargeState.BILLED)[0].id
        data = {"id": [str(open_charge), str(billed)]}
        asked = olga.send("/charges/bulk/withdraw", data, page="/charges")
        assert "1 of them does not wait any more" in words(asked)
        done = olga.send("/charges/bulk/withdraw", data | {"confirmed": "yes"}, page="/charges")
        assert "does not wait any more" in words(olga.get(done.location))
        assert state_of(office, open_charge) is ChargeState.OPEN

    def test_goes_out_as_a_file(self, olga, open_charge):
        answer = olga.get("/charges/export.csv?search=tea")
        assert "Tea" in answer.text
        assert "Work" not in answer.text


class TestPage:
    def test_says_what_it_costs_and_why(self, olga, open_charge):
        text = words(olga.get(f"/charges/{open_charge}"))
        assert "Before tax 40.00" in text
        assert "Its source says the unit price" in text

    def test_says_what_keeps_it_from_being_billed(self, olga, office, open_charge):
        from tests.billing.test_bill_run import product

        seat = product(office.ctx, valid_from=charging.listing(office.ctx)[0].charged_on)
        customer_id = viewing.get(office.ctx, open_charge).customer_id
        lost = make_charge(office.ctx, customer_id, None, product_id=seat, currency="EUR")
        assert "has no price in EUR" in words(olga.get(f"/charges/{lost}"))

    def test_leads_to_its_document_once_billed(self, olga, office):
        billed = charging.listing(office.ctx, state=ChargeState.BILLED)[0]
        page = olga.get(f"/charges/{billed.id}")
        assert f"/documents/{office.invoice}" in page.text
        assert "What it costs" not in page.text

    def test_is_held_with_a_reason_and_released(self, olga, office, open_charge):
        page = f"/charges/{open_charge}"
        assert olga.send(f"{page}/hold", {"reason": ""}).status_code == 422
        assert olga.send(f"{page}/hold", {"reason": "Disputed"}).status_code == 303
        text = words(olga.get(page))
        assert "Held" in text
        assert "Disputed" in text
        assert olga.send(f"{page}/release", page=page).status_code == 303
        assert state_of(office, open_charge) is ChargeState.OPEN

    def test_is_withdrawn_for_good(self, olga, office, open_charge):
        page = f"/charges/{open_charge}"
        assert "cannot be undone" in words(olga.get(f"{page}/withdraw"))
        olga.send(f"{page}/withdraw", {"reason": "Entered twice"})
        assert "never billed" in words(olga.get(page))
        again = olga.send(f"{page}/withdraw", {"reason": "Again"})
        assert again.status_code == 409


class TestByHand:
    typed = {
        "customer": "yamada",
        "description": "Tea ceremony",
        "quantity": "2",
        "unit_price": "12.5",
        "date": "2026-11-01",
        "period_start": "2026-10-01",
        "period_end": "2026-10-31",
    }

    def test_waits_under_a_reference_of_its_own_however_often_it_is_sent(self, olga, office):
        key = str(new_id())
        first, second = (
            olga.send("/charges", self.typed | {"key": key}, page="/charges/new") for _ in "ab"
        )
        assert first.status_code == 303
        assert first.location == second.location
        text = words(olga.get(first.location))
        assert "Before tax 25.00" in text
        [made] = [one for one in charging.listing(office.ctx) if one.source == by_hand.SOURCE]
        assert made.reference.startswith("M-")
        assert made.state is ChargeState.OPEN

    def test_what_is_wrong_stands_at_the_field_and_what_was_typed_stays(self, olga):
        wrong = self.typed | {"customer": "zoe", "quantity": "many", "period_end": ""}
        answer = olga.send("/charges", wrong, page="/charges/new")
        assert answer.status_code == 422
        page = Page(answer.text)
        assert "There is no customer “zoe”" in page.text
        assert "“many” is not a number" in page.text
        assert "A period needs its first and its last day" in page.text
        values = {
            field["name"]: field.get("value") for field in page.all("input") if "name" in field
        }
        assert values["quantity"] == "many"

    def test_helps_with_customers_and_products(self, olga):
        assert "Łódź Software" in olga.get("/charges/customers?customer=software").text


@pytest.mark.parametrize(
    ("role", "sees", "edits"),
    [
        ("clerk", 200, True),
        ("sales", 200, False),
        ("auditor", 200, False),
        ("developer", 403, False),
    ],
)
def test_each_role_sees_and_does_what_it_may(office, open_charge, role, sees, edits):
    browser = office.visit(join("office", f"{role}@office.example", role=role).email)
    page = browser.get(f"/charges/{open_charge}")
    assert (page.status_code, browser.get("/charges").status_code) == (sees, sees)
    assert (f"/charges/{open_charge}/withdraw" in page.text) is edits
    assert browser.get("/charges/new").status_code == (200 if edits else 403)
    token = {"csrf_token": browser.token("/"), "reason": "x"}
    answer = browser.post(f"/charges/{open_charge}/withdraw", token)
    assert answer.status_code == (303 if edits else 403)
