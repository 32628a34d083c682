"""The search in the header: a number opens its document, everything else is found in groups."""

import pytest

from billhook.services import documents, products
from billhook.testing.browser import Page
from billhook.testing.members import join
from billhook.testing.shops import make_charge, make_customer

PART = {"HX-Request": "true"}


def words(browser, text: str, *, headers=None) -> str:
    answer = browser.client.get(
        "/search",
        query_string={"q": text},
        headers=headers or {},
        environ_overrides=browser._environment,
    )
    return " ".join(Page(answer.text).text.split())


@pytest.fixture
def number(office) -> str:
    with office.ctx.acting():
        products.upsert(
            office.ctx, [products.ProductInput(sku="PAPER-A4", name="Sheets of paper")]
        )
        dora = make_customer(
            office.ctx, "dora-1", name="Dora Dänisch", email="dora@client.example"
        )
        make_charge(office.ctx, dora, "10", reference="order-4711")
        return documents.get(office.ctx, office.invoice).entry.number


def test_an_exact_number_opens_the_document(office, number):
    answer = office.visit().get(f"/search?q={number}")
    assert (answer.status_code, answer.location) == (303, f"/documents/{office.invoice}")
    assert office.visit().get(f"/search?q=%20{number}%20").status_code == 303


def test_a_part_for_scripts_lists_even_an_exact_number(office, number):
    found = office.visit().get(f"/search?q={number}", headers=PART)
    assert found.status_code == 200
    assert f'href="/documents/{office.invoice}"' in found.text
    assert "<html" not in found.text


@pytest.mark.parametrize(
    ("text", "group", "found"),
    [
        ("INV-2026", "Documents", "INV-2026-00001"),
        ("inv-2026", "Documents", "INV-2026-00001"),
        ("00001", "Documents", "INV-2026-00001"),
        ("ann & s", "Customers", "Ann & Sons"),
        ("dora-1", "Customers", "Dora Dänisch"),
        ("DÄNISCH", "Customers", "Dora Dänisch"),
        ("dora@client.example", "Customers", "Dora Dänisch"),
        ("PAPER", "Products", "Sheets of paper"),
        ("sheets", "Products", "PAPER-A4"),
        ("Łódź", "Drafts", "Łódź Software"),
        ("order-4711", "Charges", "order-4711"),
        ("ann@client", "Sent to", "ann@client.example"),
        ("receivable", "Accounts", "1200"),
    ],
)
def test_finds_each_kind_by_what_people_remember(office, number, text, group, found):
    told = words(office.visit(), text)
    assert group in told.split("Search", 1)[1]
    assert found in told


def test_says_so_where_nothing_is_found(office):
    assert "Nothing begins like “qqqq”." in words(office.visit(), "qqqq")
    assert "Type a number" in words(office.visit(), "")


def test_a_percent_sign_finds_percent_signs_and_not_everything(office):
    assert "Nothing begins like" in words(office.visit(), "%%%")
    assert "Nothing begins like" in words(office.visit(), "___")


def test_shows_five_of_a_kind_and_where_all_are(office):
    with office.ctx.acting():
        dora = make_customer(office.ctx, "dora-1")
        for position in range(7):
            make_charge(office.ctx, dora, "1", reference=f"order-{position}")
    page = Page(office.visit().get("/search?q=order-", headers=PART).text)
    assert sum(word.startswith("order-") for word in page.words) == 5
    assert "Show all Charges" in page.text
    assert "/charges?search=order-" in {link["href"] for link in page.all("a")}


def test_finds_only_what_the_member_may_see(office, number):
    developer = office.visit(join("office", "dev@office.example", role="developer").email)
    assert "Drafts" not in words(developer, "Łódź", headers=PART)
    assert "Accounts" not in words(developer, "receivable", headers=PART)
    assert "Łódź Software" in words(developer, "Łódź", headers=PART)
