"""A bill run: what it bills, parks and leaves, and that nothing is billed twice."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billhook.domain.periods import Period
from billhook.domain.states import ChargeState, DocumentType, RunMode
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.errors import PeriodClosed, ValidationFailed
from billhook.services import (
    billing,
    charging,
    documents,
    fx,
    importing,
    ledgers,
    parking,
    products,
    series_reports,
)
from billhook.services.verifying import verify

from .conftest import DAY, END, make_charge, make_customer, opened

RETAIL = Path(__file__).parents[1] / "data" / "retail"


def run(ctx, **how):
    return billing.run(ctx, **{"until": END, "issue_on": END, **how}).as_json()


def figures(result, currency="GBP"):
    sums = result["currencies"][currency]
    return sums["documents"], sums["credit_notes"], sums["net"], sums["tax"], sums["gross"]


def import_retail(ctx):
    reports = []
    for kind in ("customers", "charges"):
        with (RETAIL / f"{kind}.csv").open("rb") as file:
            reports.append(importing.run(ctx, kind, file))
    return reports


def test_a_retailers_december_comes_to_the_cent(app):
    # Facts: UCI "Online Retail"; rules: UK 17.5 % until 3 January 2011, goods, exports untaxed.
    day = date(2010, 12, 31)
    expected = (391, 21, "180659.25", "31107.94", "211767.19")
    with opened("shop", supplies="goods") as ctx:
        import_retail(ctx)
        before = billing.preview(ctx, until=day, issue_on=day).as_json()
        assert figures(before) == expected
        assert not documents.listing(ctx)  # a preview writes nothing

        billed = run(ctx, until=day, issue_on=day)
        assert figures(billed) == expected
        assert billed["parked"] == billed["skipped"] == []

        again = import_retail(ctx)
        assert [(report.new, report.unchanged) for report in again] == [(0, 391), (0, 9999)]
        assert run(ctx, until=day, issue_on=day)["currencies"] == {}
        assert verify(ctx).is_whole
        assert [(r.series, r.count, r.missing) for r in series_reports.report(ctx)] == [
            ("credit-notes", 21, 0),
            ("invoices", 370, 0),
        ]


def test_charges_of_a_customer_share_a_document_with_a_section_per_group(shop, customer, charge):
    ann = customer("ann")
    charge(ann, "1", description="one", group_key="A", group_label="Order A")
    charge(ann, "2", description="two", group_key="B")
    charge(ann, "3", description="three", group_key="A", group_label="Order A")
    run(shop)
    (entry,) = documents.listing(shop)
    lines = documents.get(shop, entry.id).content["lines"]
    assert [line["description"] for line in lines] == ["one", "three", "two"]
    assert lines[0]["section_label"] == "Order A"


def test_what_is_charged_later_or_held_waits(shop, customer, charge):
    ann = customer("ann")
    charge(ann, charged_on=END)
    charge(ann, charged_on=date(2026, 11, 1))
    charging.hold(shop, [charge(ann)], reason="Disputed")
    assert figures(run(shop))[2] == "10.00"
    states = [entry.state for entry in charging.listing(shop)]
    assert states == [ChargeState.BILLED, ChargeState.OPEN, ChargeState.HELD]


def test_a_month_that_still_runs_is_skipped_and_said(shop, customer, charge):
    ann = customer("ann", consolidation="month")
    charge(ann)
    result = run(shop, until=date(2026, 10, 30), issue_on=END)
    assert result["currencies"] == {}
    assert [(s["customer"], s["charges"]) for s in result["skipped"]] == [("ann", 1)]
    assert figures(run(shop))[0] == 1


def test_the_payer_owes_what_the_customer_bought(shop, customer, charge):
    parent = customer("parent")
    child = customer("child", payer="parent")
    charge(child, payer_id=parent)
    run(shop)
    (entry,) = documents.listing(shop)
    assert entry.customer == "child"
    (line,) = [line for line in ledgers.journal(shop) if line.account == "1200"]
    assert line.customer_id == parent


@pytest.mark.parametrize(
    ("fields", "net"),
    [
        ({"price": "9.99", "quantity": Decimal(3)}, "29.97"),
        ({"price": "1.25", "quantity": Decimal(2500), "base_quantity": Decimal(1000)}, "3.13"),
        ({"price": None, "amount": 1234}, "12.34"),
        (
            {
                "price": "100",
                "adjustments": (
                    Adjustment(
                        kind=AdjustmentKind.ALLOWANCE, reason="Loyalty", percent=Decimal("2.5")
                    ),
                ),
            },
            "97.50",
        ),
    ],
)
def test_the_core_multiplies_prices_that_come_with_a_charge(shop, customer, charge, fields, net):
    charge(customer("ann"), **fields)
    assert figures(run(shop))[2] == net


def test_a_negative_price_becomes_a_negative_quantity(shop, customer, charge):
    ann = customer("ann")
    charge(ann, "100")
    charge(ann, "-5", quantity=Decimal(2))
    run(shop)
    (entry,) = documents.listing(shop)
    line = documents.get(shop, entry.id).content["lines"][1]
    assert (line["quantity"], line["unit_price"], line["net"]) == ("-2", "5", "-10.00")


def test_a_negative_sum_makes_a_credit_note_in_its_own_series(shop, customer, charge):
    charge(customer("ann"), "-5")
    assert figures(run(shop)) == (1, 1, "-5.00", "-1.00", "-6.00")
    (entry,) = documents.listing(shop)
    assert entry.type is DocumentType.CREDIT_NOTE
    assert (entry.number, entry.gross, entry.open) == ("CN-2026-00001", 600, 600)


def test_a_free_document_is_numbered_but_not_posted(shop, customer, charge):
    charge(customer("ann"), "0")
    run(shop)
    (entry,) = documents.listing(shop)
    assert (entry.number, entry.gross) == ("INV-2026-00001", 0)
    assert ledgers.journal(shop) == []


def product(ctx, sku="SEAT", price="12.50", **when):
    products.save(ctx, products.ProductInput(sku=sku, name="Seat", unit="C62"))
    products.add_price(
        ctx,
        products.PriceInput(
            sku=sku,
            model="pricing_standard.per_unit",
            parameters={"unit_price": price},
            currency="GBP",
            **when,
        ),
    )
    return products.get(ctx, sku).id


def test_a_product_is_priced_by_its_version_on_the_supply_date(shop, customer, charge):
    seat = product(shop, price="10", valid_from=date(2026, 1, 1))
    product(shop, price="12", valid_from=date(2026, 10, 1))
    ann = customer("ann")
    charge(ann, None, product_id=seat, quantity=Decimal(2), charged_on=date(2026, 9, 30))
    charge(
        ann,
        None,
        product_id=seat,
        quantity=Decimal(2),
        period=Period(date(2026, 9, 20), date(2026, 10, 2)),
    )
    run(shop)
    (entry,) = documents.listing(shop)
    view = documents.get(shop, entry.id)
    assert [line["net"] for line in view.content["lines"]] == ["20.00", "24.00"]
    assert view.content["plugins"].keys() == {"pricing_standard", "tax_rules"}
    assert all(line["explanation"] for line in view.content["lines"])


def test_who_has_no_price_is_parked_while_others_are_billed(shop, customer, charge):
    seat = product(shop, valid_from=date(2026, 10, 20))
    ann, bob = customer("ann"), customer("bob")
    charge(ann, None, product_id=seat)  # on 5 October there is no price yet
    charge(ann, "5")
    charge(bob, "7")
    result = run(shop)
    assert figures(result)[:3] == (1, 0, "7.00")
    assert [(p["customer"], p["code"]) for p in result["parked"]] == [("ann", "price.none")]
    assert [(p.customer, p.code) for p in parking.listing(shop)] == [("ann", "price.none")]

    product(shop, price="3", valid_from=date(2026, 10, 1))
    later = run(shop)
    assert figures(later)[2] == "8.00"  # 3 for the seat and 5, on one document
    assert later["parked"] == parking.listing(shop) == []


def test_a_missing_exchange_rate_parks_and_says_what_to_type(shop, customer, charge):
    ann = customer("ann", currency="USD")
    charge(ann, "100", currency="USD")
    (parked,) = run(shop)["parked"]
    assert parked["code"] == "fx.rate_missing"
    assert "fx-rates set USD" in parked["reason"]

    fx.set_rate(shop, "USD", Decimal("0.75"), on=DAY)
    assert figures(run(shop), "USD")[4] == "120.00"
    (entry,) = documents.listing(shop)
    assert documents.get(shop, entry.id).content["base"]["rate"] == "0.75"
    assert sum(line.base_amount for line in ledgers.journal(shop)) == 0


def test_a_runaway_source_parks_its_customer(shop, customer, charge, monkeypatch):
    from billhook import limits

    monkeypatch.setattr(limits, "DOCUMENTS_PER_CUSTOMER", 2)
    ann = customer("ann", consolidation="charge")
    for _ in range(3):
        charge(ann)
    charge(customer("bob"))
    result = run(shop)
    assert figures(result)[0] == 1
    assert [p["code"] for p in result["parked"]] == ["bill.too_many_documents"]


def test_an_issue_date_before_the_last_document_is_refused_up_front(shop, customer, charge):
    charge(customer("ann"))
    run(shop)
    charge(customer("bob"))
    with pytest.raises(ValidationFailed, match="2026-10-31"):
        run(shop, issue_on=date(2026, 10, 30))


def test_a_closed_period_takes_no_run(shop, customer, charge):
    charge(customer("ann"))
    ledgers.close(shop, END)
    with pytest.raises(PeriodClosed):
        run(shop)
    assert figures(run(shop, issue_on=date(2026, 11, 1)))[0] == 1


def test_two_tenants_bill_beside_each_other(app):
    with opened("ours", supplies="goods") as ours:
        make_charge(ours, make_customer(ours, "ann"), "10")
    with opened(
        "theirs",
        country="CH",
        currency="CHF",
        vat_id="",
        pack=("tax_rules",),
        time_zone="Europe/Zurich",
    ) as theirs:
        bob = make_customer(theirs, "bob", country="CH", currency="CHF")
        make_charge(theirs, bob, "20", currency="CHF")
        result = run(theirs)
        assert list(result["currencies"]) == ["CHF"]
        assert [entry.number for entry in documents.listing(theirs)] == ["INV-2026-00001"]
    with ours.acting():
        assert documents.listing(ours) == []
        assert figures(run(ours))[0] == 1


def test_drafts_can_be_made_instead(shop, customer, charge):
    charge(customer("ann"))
    assert figures(run(shop, mode=RunMode.DRAFT))[0] == 1
    assert documents.listing(shop) == []
    assert [entry.state for entry in charging.listing(shop)] == [ChargeState.CLAIMED]
    assert run(shop)["currencies"] == {}  # claimed charges do not wait
