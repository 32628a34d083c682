"""Finding documents: by what people remember of them, page by page, with sums that are right."""

from datetime import date

import pytest

from billhook.domain.deliveries import DeliveryState
from billhook.domain.states import DocumentType
from billhook.errors import Forbidden, ValidationFailed
from billhook.ids import new_id
from billhook.models.deliveries import Delivery
from billhook.services import billing, crediting, document_search
from billhook.services.document_search import (
    CurrencyTotal,
    DocumentFilter,
    DocumentOrder,
    search,
    sums,
)
from billhook.testing.shops import END, make_charge, make_customer

SEPTEMBER = date(2026, 9, 30)
NAMES = {"ann": "Ann Lee", "lodz": "Łódź Software", "k_100%": "Percy"}


@pytest.fixture
def billed(ctx):
    """Three invoices over 10.00, 20.00 and 30.00 EUR net at 19 %, and one over 40 JPY."""
    for number, (reference, name) in enumerate(NAMES.items(), 1):
        it = make_customer(ctx, reference, name=name, country="DE", currency="EUR")
        make_charge(ctx, it, f"{number}0", currency="EUR", charged_on=SEPTEMBER)
    billing.run(ctx, until=SEPTEMBER, issue_on=SEPTEMBER)
    return ctx


def numbers(page):
    return [one.entry.number for one in page.rows]


def customers(ctx, **wanted):
    page = search(ctx, DocumentFilter(**wanted))
    return {one.entry.customer for one in page.rows}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", set(NAMES)),
        ("00002", {"lodz"}),
        ("inv-2026", set(NAMES)),
        ("ann", {"ann"}),
        ("LEE", {"ann"}),
        ("łódź", {"lodz"}),
        ("ŁÓDŹ", {"lodz"}),
        ("  lee  ", {"ann"}),
        ("%", {"k_100%"}),
        ("_", {"k_100%"}),
        ("' OR 1=1 --", set()),
    ],
)
def test_a_part_of_number_name_or_reference_finds(billed, text, found):
    assert customers(billed, text=text) == found


def test_filters_narrow_together(billed):
    (first, *_rest) = search(billed, DocumentFilter(text="ann")).rows
    crediting.credit(billed, first.entry.id, reason="returned", issue_on=END)
    assert customers(billed, kind=DocumentType.CREDIT_NOTE) == {"ann"}
    assert customers(billed, kind=DocumentType.CREDIT_NOTE, until=SEPTEMBER) == set()
    assert customers(billed, since=END) == {"ann"}
    assert customers(billed, since=SEPTEMBER, until=SEPTEMBER) == set(NAMES)
    assert customers(billed, currency="USD") == set()


def test_pages_follow_each_other_without_gap_or_repeat(billed):
    first = search(billed, DocumentFilter(), limit=2)
    second = search(billed, DocumentFilter(), limit=2, after=first.next)
    assert [*numbers(first), *numbers(second)] == [
        "INV-2026-00003",
        "INV-2026-00002",
        "INV-2026-00001",
    ]
    assert (bool(first.next), second.next) == (True, "")


def test_sums_are_of_all_pages_and_credits_count_against_them(billed):
    (first, *_rest) = search(billed, DocumentFilter(text="ann")).rows
    crediting.credit(billed, first.entry.id, reason="returned", lines={1: 400}, issue_on=END)
    page = search(billed, DocumentFilter(), limit=1)
    assert sums(billed, DocumentFilter()) == [
        CurrencyTotal(currency="EUR", documents=4, net=5600, tax=1064, gross=6664)
    ]
    assert page.rows[0].gross == -476


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("by", DocumentOrder)
def test_each_order_is_whole_over_its_pages(billed, by, is_descending):
    def walk(limit):
        after = ""
        while True:
            page = search(
                billed,
                DocumentFilter(),
                by=by,
                is_descending=is_descending,
                after=after,
                limit=limit,
            )
            yield from numbers(page)
            if not (after := page.next):
                return

    assert list(walk(1)) == list(walk(2)) == list(walk(10))
    assert len(set(walk(1))) == 3


def test_they_are_found_by_customer_and_by_what_became_of_them(billed):
    (found, *_rest) = search(billed, DocumentFilter(text="ann")).rows
    with billed.transaction() as session:
        session.add(a_delivery(billed, found.entry.id, "mail.smtp", "failed"))
    assert customers(billed, customer="lodz") == {"lodz"}
    assert customers(billed, delivery=DeliveryState.FAILED) == {"ann"}


def test_a_cursor_that_is_none_is_refused(billed):
    for cursor in ("x", "2026-02-30." + "0" * 32, "2026-09-30.", "9" * 500):
        with pytest.raises(ValidationFailed):
            search(billed, DocumentFilter(), after=cursor)


def test_the_worst_of_each_channels_last_delivery_shows(billed):
    (found, *_rest) = search(billed, DocumentFilter(text="ann")).rows
    assert found.delivery is None

    def state(channel, word):
        with billed.transaction() as session:
            session.add(a_delivery(billed, found.entry.id, channel, word))
        return search(billed, DocumentFilter(text="ann")).rows[0].delivery

    assert state("mail.smtp", "failed") is DeliveryState.FAILED
    assert state("mail.smtp", "sent") is DeliveryState.SENT
    assert state("fax.line", "bounced") is DeliveryState.BOUNCED
    assert state("fax.line", "queued") is DeliveryState.QUEUED
    assert state("fax.line", "opened") is DeliveryState.SENT


def a_delivery(ctx, document_id, channel, state):
    return Delivery(
        id=new_id(),
        document_id=document_id,
        channel=channel,
        state=state,
        sender={},
        language="en",
        subject="",
        text="",
        html="",
        created_at=ctx.now(),
    )


def test_currencies_are_those_that_documents_are_in(billed):
    assert document_search.currencies(billed) == ["EUR"]


def test_it_takes_the_permission_to_see_documents(ctx, with_permissions):
    for act in (
        document_search.currencies,
        lambda it: search(it, DocumentFilter()),
        lambda it: sums(it, DocumentFilter()),
    ):
        with pytest.raises(Forbidden):
            act(with_permissions(ctx, "drafts.view"))
