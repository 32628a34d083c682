"""The first page: figures that lead to their lists, a chart that says the same in words, tiles."""

import re

import pytest

from billhook.db import db
from billhook.domain.deliveries import DeliveryState
from billhook.models.deliveries import Delivery
from billhook.money import amount_text
from billhook.services import charging, dashboard, documents
from billhook.testing.browser import Page
from billhook.testing.members import join
from billhook.testing.shops import END, make_charge, make_customer
from billhook.web import charts
from billhook.web.charts import Point


def words(browser, path: str) -> str:
    return " ".join(Page(browser.get(path).text).text.split())


def test_what_waits_is_what_the_charges_come_to(office):
    with office.ctx.acting():
        customer = make_customer(office.ctx, "dora")
        make_charge(office.ctx, customer, "10.005", charged_on=END)
        make_charge(office.ctx, customer, "10.005", charged_on=END)
        held = make_charge(office.ctx, customer, "7", charged_on=END)
        charging.hold(office.ctx, [held], reason="Disputed")
        found = dashboard.waiting(office.ctx)
    assert (found.count, found.held, found.priced_later) == (2, 1, 0)
    assert found.sums == [("GBP", 2002)]  # each rounds up to 10.01
    text = words(office.visit(), "/figures")
    assert "20.02 GBP" in text
    assert "1 is held." in text


def test_issued_counts_credit_notes_against_invoices(office):
    with office.ctx.acting():
        all_of_them = documents.listing(office.ctx)
        months = dashboard.issued_by_month(office.ctx)
    nets = sum(one.type.sign * one.net for one in all_of_them)
    assert sum(month.net for month in months) == nets
    assert len(months) == 12
    assert [month.since.day for month in months] == [1] * 12
    october = next(month for month in months if month.since <= END <= month.until)
    assert october.net == nets
    page = office.visit().get("/issued").text
    assert amount_text(nets, "GBP") in page.replace(",", "")
    link = f"/documents?since={october.since}&amp;until={october.until}"
    assert link in page


def test_each_figure_leads_to_its_list(office):
    browser = office.visit()
    addresses = {link["href"] for link in Page(browser.get("/figures").text).all("a")}
    assert {"/charges?state=open", "/drafts", "/outbox"} <= addresses
    assert {browser.get(address).status_code for address in addresses} == {200}


def test_what_went_wrong_is_said_first(office):
    with office.ctx.acting(), office.ctx.transaction() as session:
        row = session.scalars(db.select(Delivery)).one()
        row.state = DeliveryState.BOUNCED.value
    assert "1 message came back." in words(office.visit(), "/")


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("clerk", {"Waits to be billed", "Drafts", "Issued this month", "Sent this month"}),
        ("developer", {"Issued this month", "Sent this month"}),
    ],
)
def test_a_member_sees_the_figures_that_their_role_allows(office, role, seen):
    somebody = office.visit(join("office", "sam@office.example", role=role).email)
    titles = {one.get("aria-label") for one in Page(somebody.get("/figures").text).all("section")}
    assert titles == seen
    assert somebody.get("/").status_code == 200


def test_bars_fill_the_field_and_hang_below_zero():
    points = [Point(amount=amount, label="", name="", value="") for amount in (300, 0, -100)]
    chart = charts.bars(points)
    assert chart.base == 75
    assert [(bar.y, bar.height, bar.is_negative) for bar in chart.bars] == [
        (0, 75, False),
        (75, 0, False),
        (75, 25, True),
    ]


def test_parts_of_a_stack_fill_the_whole():
    parts = charts.stacked(
        [
            (Point(amount=3, label="", name="", value=""), "good"),
            (Point(amount=1, label="", name="", value=""), "bad"),
        ]
    )
    assert [(part.x, part.width) for part in parts] == [(0, 75), (75, 25)]


def test_a_sparkline_of_nothing_is_flat():
    assert len(set(re.findall(r",([0-9.]+)", charts.sparkline([0, 0, 0])))) == 1
