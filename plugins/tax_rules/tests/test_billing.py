"""From files of customers and charges to sealed documents, with several taxes on a line."""

import io
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import select

from billhook.cli.document_page import page
from billhook.db import db
from billhook.domain.states import RunMode
from billhook.models.ledger import PostingRow
from billhook.money import plain
from billhook.services import (
    billing,
    company,
    crediting,
    documents,
    drafting,
    importing,
    issuing,
    ledgers,
    plugin_settings,
    registrations,
)
from billhook.services.contexts import operator_context
from billhook.services.registrations import NewRegistration
from billhook.services.verifying import verify
from billhook.testing.members import open_tenant

END = date(2026, 10, 31)


@contextmanager
def selling(country, currency, *places, subdivision="", included=False, **settings):
    """Act in a tenant that is registered at some places."""
    open_tenant("shop", country=country, currency=currency, vat_id="", time_zone="UTC")
    ctx = operator_context("shop")
    with ctx.acting():
        change = company.TenantChange(subdivision=subdivision, prices_include_tax=included)
        ctx = company.change(ctx, change)
        for place in places:
            ctx = registrations.register(ctx, NewRegistration(place=place))
        if settings:
            plugin_settings.change_settings(ctx, "tax_rules", settings)
        yield operator_context("shop")


def bring_in(ctx, kind, text):
    report = importing.run(ctx, kind, io.BytesIO(text.encode()))
    assert report.is_written, report.errors


def charge(ctx, *rows, currency):
    """Import customers and a charge for each: place, tax number, price, kind, category."""
    people = ["reference,name,country,province,tax_number,currency"]
    charges = ["customer,reference,date,description,unit_price,supply,tax_category"]
    for number, (place, tax_number, price, supply, category) in enumerate(rows, 1):
        country, _dash, part = place.partition("-")
        people.append(f"c{number},Customer {number},{country},{part},{tax_number},{currency}")
        charges.append(f"c{number},r{number},2026-10-05,Thing,{price},{supply},{category}")
    bring_in(ctx, "customers", "\n".join(people))
    bring_in(ctx, "charges", "\n".join(charges))


def run(ctx, **how):
    result = billing.run(ctx, until=END, issue_on=END, **how).as_json()
    assert result["parked"] == []
    return result


def contents(ctx):
    """Return the documents' contents by customer, invoices alone."""
    entries = [entry for entry in documents.listing(ctx) if entry.type == "invoice"]
    return {entry.customer: documents.get(ctx, entry.id).content for entry in entries}


def figures(content):
    """Return net and gross, and each tax with its amount."""
    taxes = [
        (component["tax"], component["rate"], amount)
        for group in content["groups"]
        for component, amount in zip(group["treatment"]["components"], group["taxes"], strict=True)
    ]
    return content["net"], content["gross"], taxes


def tax_posted():
    """Return the balance of tax payable by rate: credits are negative."""
    sums: dict[str, int] = {}
    columns = (PostingRow.tax_rate, PostingRow.amount)
    for rate, amount in db.session.execute(
        select(*columns).where(PostingRow.tax_rate.is_not(None)).order_by(PostingRow.line_no)
    ):
        sums[plain(rate)] = sums.get(plain(rate), 0) + amount
    return sums


def shown(ctx, entry):
    """Return a document as the console prints it."""
    parts = page(documents.get(ctx, entry.id))
    return "\n".join(str(part) for part in parts)


def test_two_taxes_in_canada(app):
    with selling("CA", "CAD", "CA", "CA-QC", "CA-BC", subdivision="QC") as ctx:
        charge(
            ctx,
            ("CA-QC", "", "99.99", "goods", "standard"),
            ("CA-BC", "123026635RT0001", "99.99", "goods", "standard"),
            ("CA-NS", "", "99.99", "service", "standard"),
            ("CA-AB", "", "99.99", "service", "standard"),
            ("US-NY", "", "99.99", "goods", "standard"),
            currency="CAD",
        )
        run(ctx)
        found = {who: figures(content) for who, content in contents(ctx).items()}
        assert found == {
            # 99.99 × 5 % = 4.9995; × 9.975 % = 9.974…; × 7 % = 6.9993; × 14 % = 13.9986
            "c1": ("99.99", "114.96", [("GST", "5", "5.00"), ("QST", "9.975", "9.97")]),
            "c2": ("99.99", "111.99", [("GST", "5", "5.00"), ("PST", "7", "7.00")]),
            "c3": ("99.99", "113.99", [("HST", "14", "14.00")]),
            "c4": ("99.99", "104.99", [("GST", "5", "5.00")]),
            "c5": ("99.99", "99.99", [("GST/HST", "0", "0.00")]),
        }
        assert tax_posted() == {"5": -1500, "9.975": -997, "7": -700, "14": -1400}
        assert verify(ctx).is_whole


def test_states_of_india(app):
    with selling("IN", "INR", "IN-MH", subdivision="MH") as ctx:
        charge(
            ctx,
            ("IN-MH", "27AAPFU0939F1ZV", "1000.05", "service", "standard"),
            ("IN-KA", "", "1000.05", "service", "standard"),
            ("IN-MH", "", "1000.05", "goods", "reduced"),
            ("AE", "", "1000.05", "service", "standard"),
            currency="INR",
        )
        run(ctx)
        found = {who: figures(content) for who, content in contents(ctx).items()}
        assert found == {
            # 1000.05 × 9 % = 90.0045 twice; × 18 % = 180.009; × 2.5 % = 25.00125 twice
            "c1": ("1000.05", "1180.05", [("CGST", "9", "90.00"), ("SGST", "9", "90.00")]),
            "c2": ("1000.05", "1180.06", [("IGST", "18", "180.01")]),
            "c3": ("1000.05", "1050.05", [("CGST", "2.5", "25.00"), ("SGST", "2.5", "25.00")]),
            "c4": ("1000.05", "1000.05", [("IGST", "0", "0.00")]),
        }
        assert verify(ctx).is_whole


def test_a_currency_without_minor_unit_in_japan(app):
    with selling("JP", "JPY", "JP") as ctx:
        charge(
            ctx,
            ("JP", "T5835678256246", "1005", "goods", "standard"),
            ("JP", "", "1005", "goods", "reduced"),
            ("KR", "", "1005", "goods", "standard"),
            currency="JPY",
        )
        run(ctx)
        found = {who: figures(content) for who, content in contents(ctx).items()}
        assert found == {
            "c1": ("1005", "1106", [("JCT", "10", "101")]),  # 100.5
            "c2": ("1005", "1085", [("JCT", "8", "80")]),  # 80.4
            "c3": ("1005", "1005", [("JCT", "0", "0")]),
        }
        assert verify(ctx).is_whole


def test_nexus_in_america(app):
    with selling("US", "USD", "US-NY", "US-TX", subdivision="NY") as ctx:
        charge(
            ctx,
            ("US-NY", "", "19.99", "goods", "standard"),
            ("US-TX", "12-3456789", "19.99", "electronic_service", "standard"),
            ("US-WA", "", "19.99", "goods", "standard"),
            ("DE", "", "19.99", "goods", "standard"),
            currency="USD",
        )
        run(ctx)
        sold = contents(ctx)
        assert {who: figures(content)[1:] for who, content in sold.items()} == {
            "c1": ("20.79", [("Sales tax", "4", "0.80")]),  # 0.7996
            "c2": ("21.24", [("Sales tax", "6.25", "1.25")]),  # 1.249375
            "c3": ("19.99", [("Sales tax", "0", "0.00")]),
            "c4": ("19.99", [("Sales tax", "0", "0.00")]),
        }
        reasons = [sold[who]["groups"][0]["treatment"]["note"] for who in ("c1", "c3", "c4")]
        assert [reason.partition(":")[0] for reason in reasons] == [
            *("", "No sales tax is charged", "Export, free of tax."),
        ]
        assert {
            group["treatment"]["category"] for one in sold.values() for group in one["groups"]
        } == {""}
        assert verify(ctx).is_whole


def test_a_customer_without_a_state_is_parked_with_what_to_do(app):
    with selling("US", "USD", "US-NY", subdivision="NY") as ctx:
        charge(ctx, ("US", "", "19.99", "goods", "standard"), currency="USD")
        (parked,) = billing.run(ctx, until=END, issue_on=END).as_json()["parked"]
        assert parked["code"] == "tax_rules.subdivision_missing"
        assert "state or province" in parked["reason"]


def test_prices_that_include_two_taxes(app):
    with selling("CA", "CAD", "CA", "CA-QC", subdivision="QC", included=True) as ctx:
        charge(ctx, ("CA-QC", "", "100", "goods", "standard"), currency="CAD")
        run(ctx)
        ((net, gross, taxes),) = (figures(content) for content in contents(ctx).values())
        # 100 × 14.975 ÷ 114.975 = 13.02457; of it 5 ÷ 14.975 = 4.3487 and 9.975 ÷ 14.975 = 8.6758
        assert (net, gross) == ("86.98", "100.00")
        assert taxes == [("GST", "5", "4.35"), ("QST", "9.975", "8.67")]
        (entry,) = documents.listing(ctx)
        assert "Prices include tax." in shown(ctx, entry)
        assert tax_posted() == {"5": -435, "9.975": -867}
        assert verify(ctx).is_whole


def test_a_draft_with_prices_that_include_tax_is_issued_as_it_was_shown(app):
    with selling("IN", "INR", "IN-MH", subdivision="MH", included=True) as ctx:
        charge(ctx, ("IN-MH", "", "118", "service", "standard"), currency="INR")
        run(ctx, mode=RunMode.DRAFT)
        (entry,) = drafting.listing(ctx)
        shown = drafting.get(ctx, entry.id).outcome.document
        assert (shown.net, shown.tax, shown.gross) == (10000, 1800, 11800)
        issuing.issue(ctx, entry.id, issue_on=END)
        ((net, gross, taxes),) = (figures(content) for content in contents(ctx).values())
        assert (net, gross) == ("100.00", "118.00")
        assert taxes == [("CGST", "9", "9.00"), ("SGST", "9", "9.00")]


@pytest.mark.parametrize("included", [False, True])
def test_a_credit_note_takes_back_each_tax(app, included):
    with selling("CA", "CAD", "CA", "CA-QC", subdivision="QC", included=included) as ctx:
        charge(ctx, ("CA-QC", "", "99.99", "goods", "standard"), currency="CAD")
        run(ctx)
        (invoice,) = documents.listing(ctx)
        crediting.credit(ctx, invoice.id, reason="Returned in part", lines={1: 3333}, issue_on=END)
        crediting.credit(ctx, invoice.id, reason="Returned", issue_on=END)
        assert set(tax_posted().values()) == {0}
        assert not any(balance.balance for balance in ledgers.trial_balance(ctx))
        assert verify(ctx).is_whole


def test_lines_that_come_back_one_by_one_cost_what_they_did(app):
    with selling("CA", "CAD", "CA", "CA-QC", subdivision="QC", included=True) as ctx:
        charge(ctx, ("CA-QC", "", "9.99", "goods", "standard"), currency="CAD")
        more = "customer,reference,date,description,unit_price,supply\n"
        more += "".join(f"c1,more-{n},2026-10-06,Thing,9.99,goods\n" for n in (1, 2))
        bring_in(ctx, "charges", more)
        run(ctx)
        (invoice,) = documents.listing(ctx)
        for number in (1, 2, 3):
            crediting.credit(ctx, invoice.id, reason="Back", lines={number: None}, issue_on=END)
        notes = [entry for entry in documents.listing(ctx) if entry.type == "credit_note"]
        assert [documents.get(ctx, note.id).content["gross"] for note in notes] == ["9.99"] * 3
        assert set(tax_posted().values()) == {0}
        assert verify(ctx).is_whole


def test_returns_that_outweigh_sales_make_a_credit_note_with_tax_included(app):
    with selling("CA", "CAD", "CA", "CA-QC", subdivision="QC", included=True) as ctx:
        charge(ctx, ("CA-QC", "", "-100", "goods", "standard"), currency="CAD")
        run(ctx)
        (entry,) = documents.listing(ctx)
        assert entry.type == "credit_note"
        net, gross, taxes = figures(documents.get(ctx, entry.id).content)
        assert (net, gross) == ("86.98", "100.00")
        assert taxes == [("GST", "5", "4.35"), ("QST", "9.975", "8.67")]


def test_what_is_kept_back_is_shown_and_owed(app):
    with selling("ES", "EUR", "ES", withholding="es-irpf") as ctx:
        charge(
            ctx,
            ("ES", "B-58378431", "1000", "service", "standard"),
            ("ES", "", "1000", "service", "standard"),
            currency="EUR",
        )
        run(ctx)
        found = {who: figures(content) for who, content in contents(ctx).items()}
        assert found == {
            "c1": ("1000.00", "1210.00", [("VAT", "21", "210.00"), ("IRPF", "15", "150.00")]),
            "c2": ("1000.00", "1210.00", [("VAT", "21", "210.00")]),
        }
        assert {line.amount for line in ledgers.journal(ctx) if line.account == "1200"} == {121000}
        assert tax_posted() == {"21": -42000}  # nothing of what is kept back is tax
        (business,) = [entry for entry in documents.listing(ctx) if entry.customer == "c1"]
        assert "IRPF ES, kept back at payment" in shown(ctx, business)
        crediting.credit(ctx, business.id, reason="Returned", lines={1: 50000}, issue_on=END)
        crediting.credit(ctx, business.id, reason="Returned", issue_on=END)
        notes = [entry for entry in documents.listing(ctx) if entry.type == "credit_note"]
        taxes = [figures(documents.get(ctx, note.id).content)[2] for note in notes]
        assert taxes == [[("VAT", "21", "105.00"), ("IRPF", "15", "75.00")]] * 2
        assert verify(ctx).is_whole


def test_a_registration_that_ends_ends_its_tax(app):
    with selling("US", "USD", subdivision="NY") as ctx:
        known = registrations.register(ctx, NewRegistration(place="US-NY"))
        (nexus,) = known.tenant.registrations
        ctx = registrations.end(known, nexus.id, until=date(2026, 10, 4))
        charge(ctx, ("US-NY", "", "100", "goods", "standard"), currency="USD")
        run(ctx)
        ((_net, gross, _taxes),) = (figures(content) for content in contents(ctx).values())
        assert gross == "100.00"
