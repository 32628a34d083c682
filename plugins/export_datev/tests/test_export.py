"""A posting batch: the published header and columns, and rows that come to what the ledger holds."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from billhook.domain.bookings import BookedPeriod
from billhook_export_datev.columns import COLUMNS
from billhook_export_datev.settings import Chart

from .conftest import OCTOBER, entry, side

# The sample on DATEV's developer portal, "Einstieg", up to what is a company's own.
# https://developer.datev.de/datev/platform/de/dtvf/einstieg
SAMPLE = (
    '"EXTF";700;21;"Buchungsstapel";13;20240130140440439;;"RE";"";"";29098;55003;20240101;4;'
    '20240101;20240831;"Buchungsstapel";"WD";1;0;0;"EUR";;"";;;"03";;;"";""'
)


def lines_of(file) -> list[str]:
    assert file.problems == ()
    return file.content.decode("cp1252").split("\r\n")


def rows_of(file) -> list[dict[str, str]]:
    _header, *rest = file.content.decode("cp1252").split("\r\n")
    return list(csv.DictReader(io.StringIO("\r\n".join(rest)), delimiter=";"))


def codes(file) -> list[str]:
    return [problem.code for problem in file.problems]


def test_the_header_has_the_published_form(export):
    header = lines_of(export(chart=Chart.SKR03).write(OCTOBER, [entry()]))[0]
    ours, theirs = header.split(";"), SAMPLE.split(";")
    assert len(ours) == len(theirs) == 31
    assert [one.startswith('"') for one in ours] == [one.startswith('"') for one in theirs]
    assert ours[:5] == theirs[:5]
    assert ours[10:16] == ["29098", "55003", "20260101", "4", "20261001", "20261031"]
    assert len(ours[5]) == len(theirs[5])  # to the millisecond
    assert ours[26] == '"03"'


def test_an_invoice_becomes_a_row_for_revenue_and_one_for_tax(export):
    file = export().write(OCTOBER, [entry()])
    revenue, tax = rows_of(file)
    assert file.name == "EXTF_Buchungsstapel_20261001_20261031.csv"
    assert {name: value for name, value in revenue.items() if value} == {
        "Umsatz (ohne Soll/Haben-Kz)": "100,00",
        "Soll/Haben-Kennzeichen": "S",
        "WKZ Umsatz": "EUR",
        "Konto": "1400",
        "Gegenkonto (ohne BU-Schlüssel)": "8400",
        "Belegdatum": "0510",
        "Belegfeld 1": "RE-2026-00007",
        "Buchungstext": "Müller & Söhne",
        "Festschreibung": "0",
        "Fälligkeit": "04112026",
    }
    assert (tax["Umsatz (ohne Soll/Haben-Kz)"], tax["Gegenkonto (ohne BU-Schlüssel)"]) == (
        "19,00",
        "1776",
    )


def test_every_line_has_every_field_and_ends_as_windows_ends_lines(export):
    *lines, last = lines_of(export().write(OCTOBER, [entry(customer_name='A "B"; C')]))
    assert last == ""
    assert lines[1] == ";".join(COLUMNS)
    assert len(COLUMNS) == 125
    assert '"A ""B""; C"' in lines[2]
    assert {len(row) for row in csv.reader(lines[1:], delimiter=";")} == {125}


def test_a_credit_note_stands_on_the_other_side(export):
    note = entry(side("1200", -11900, "asset"), side("4000", 10000), side("4000", 1900))
    assert [row["Soll/Haben-Kennzeichen"] for row in rows_of(export().write(OCTOBER, [note]))] == [
        "H",
        "H",
    ]


def test_the_rows_of_an_entry_come_to_its_receivable_in_the_base_currency(export):
    foreign = entry(
        side("1200", 11900, "asset", currency="USD", base_amount=11001),
        side("4000", -11900, currency="USD", base_amount=-11000),
        side("6950", 0, "expense", currency="USD", base_amount=-1),
    )
    rows = rows_of(export().write(OCTOBER, [foreign]))
    sums = [Decimal(row["Umsatz (ohne Soll/Haben-Kz)"].replace(",", ".")) for row in rows]
    assert sum(sums) == Decimal("110.01")
    assert {row["WKZ Umsatz"] for row in rows} == {"EUR"}
    assert rows[0]["Zusatzinformation- Inhalt 1"] == "119.00 USD"


def test_references_of_the_right_length_are_accounts_of_customers(export):
    chosen = export(uses_references_as_debtors=True)
    ours = [entry(), entry(customer="1004"), entry(customer="ACME1")]
    konten = [row["Konto"] for row in rows_of(chosen.write(OCTOBER, ours))]
    assert konten == ["10042", "10042", "1400", "1400", "1400", "1400"]


def test_the_posting_key_stands_at_revenue_alone(export):
    revenue, tax = rows_of(export(revenue_key="40", is_final=True).write(OCTOBER, [entry()]))
    assert (revenue["BU-Schlüssel"], tax["BU-Schlüssel"]) == ("40", "")
    assert revenue["Festschreibung"] == "1"


@pytest.mark.parametrize(
    ("month", "day", "year"),
    [
        (1, date(2026, 10, 1), "20260101"),
        (7, date(2026, 10, 1), "20260701"),
        (11, date(2026, 10, 1), "20251101"),
    ],
)
def test_the_fiscal_year_is_that_of_the_days(export, month, day, year):
    header = lines_of(export(fiscal_year_month=month).write(OCTOBER, []))[0]
    assert header.split(";")[12] == year
    assert day.month == 10


def test_what_cannot_be_expressed_keeps_the_file_back(export):
    years = BookedPeriod(since=date(2025, 12, 1), until=date(2026, 1, 31), base_currency="EUR")
    dinars = BookedPeriod(since=OCTOBER.since, until=OCTOBER.until, base_currency="KWD")
    unknown = entry(side("1200", 100, "asset"), side("4711", -100))
    large = entry(side("1200", 10**12, "asset"), side("4000", -(10**12)))
    for period, entries, code in (
        (years, [entry()], "export_datev.years_crossed"),
        (dinars, [], "export_datev.currency_unfit"),
        (OCTOBER, [unknown], "export_datev.account_unmapped"),
        (OCTOBER, [large], "export_datev.sum_too_large"),
    ):
        file = export().write(period, entries)
        assert (codes(file), file.content) == ([code], b"")


def test_letters_that_the_character_set_lacks_are_told(export):
    file = export().write(OCTOBER, [entry(customer_name="Łódź Software")])
    assert codes(file) == ["export_datev.letters_replaced"]
    assert "?ód? Software" in file.content.decode("cp1252")


def test_a_number_keeps_only_what_the_field_takes(export):
    (first, *_rest) = rows_of(export().write(OCTOBER, [entry(number="RE 2026.07#1")]))
    assert first["Belegfeld 1"] == "RE-2026-07-1"
