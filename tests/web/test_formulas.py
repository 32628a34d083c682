"""A name that a spreadsheet would run is harmless in every file that leaves the house."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from billhook.services import billing, customer_notes, exporting, products
from billhook.testing.browser import Browser
from billhook.testing.doors import doors, placeholder
from billhook.testing.shops import END, make_charge, make_customer

DANGEROUS = "=cmd|' /C calc'!A0"
NUMBER = re.compile(r"[-+]?[\d.,]+(?:E[-+]?\d+)?")


@pytest.fixture
def olga(office) -> Browser:
    """Return the browser of a company that somebody wrote formulas into."""
    ctx = office.ctx
    customer = make_customer(ctx, "=EVIL", name=DANGEROUS, email="evil@client.example")
    products.upsert(ctx, [products.ProductInput(sku="@SUM(A1)", name=DANGEROUS)])
    customer_notes.write(ctx, customer, DANGEROUS)
    make_charge(ctx, customer, "10", description=DANGEROUS, reference="+1+1")
    billing.run(ctx, until=END, issue_on=END)
    make_charge(ctx, customer, "11", description="\t" + DANGEROUS, reference="-1+1")
    return office.visit()


def cells(answer: TestResponse) -> Iterator[str]:
    """Return every text cell of a file, or of the files in an archive."""
    if answer.data[:2] != b"PK":
        yield from _of_csv(answer.data)
        return
    if "spreadsheet" in answer.mimetype:
        for row in load_workbook(io.BytesIO(answer.data)).active.rows:
            for cell in row:
                assert cell.data_type != "f", cell.value
                if isinstance(cell.value, str):
                    yield cell.value
        return
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        for name in archive.namelist():
            if name.endswith(".csv"):
                yield from _of_csv(archive.read(name))


def _of_csv(content: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        yield from row


def runs(text: str) -> bool:
    """Tell whether a spreadsheet would take a cell for a formula; numbers may have a sign."""
    return text[:1] in ("=", "+", "-", "@", "\t", "\r") and not NUMBER.fullmatch(text)


def files(app) -> list[str]:
    """Return the address of every list's file, in each format; from the application."""
    found = [
        door.path(lambda _name, _kind, written=written: written)
        for door in doors(app)
        if door.endpoint.endswith(".export_list")
        for written in ("csv", "xlsx")
    ]
    assert len(found) >= 16
    return found


def test_no_file_of_a_list_holds_a_formula(office, olga):
    told = 0
    for path in files(office.app):
        answer = olga.get(path)
        assert answer.status_code == 200, path
        texts = list(cells(answer))
        assert [text for text in texts if runs(text)] == [], path
        told += any(DANGEROUS in text for text in texts)
    assert told >= 6  # customers, products, charges and documents say the name


@pytest.mark.parametrize("sheet_format", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", exporting.KINDS)
def test_no_export_holds_a_formula(office, olga, kind, sheet_format):
    answer = olga.get(f"/exports/{kind}.{sheet_format}")
    assert answer.status_code == 200
    texts = list(cells(answer))
    assert [text for text in texts if runs(text)] == []
    assert any("cmd" in text or "SUM" in text for text in texts)


def test_no_other_file_holds_a_formula(office, olga):
    """What else is handed out: a document's lines, a person's data, the journal."""
    customer = next(
        one for one in _addresses(office, "customers.hand_out", "customer_id", "=EVIL")
    )
    (document,) = _addresses(office, "documents.lines_csv", "document_id", "=EVIL")
    for path in (customer, document):
        answer = olga.get(path)
        assert answer.status_code == 200, path
        texts = list(cells(answer))
        assert [text for text in texts if runs(text)] == [], path
    handed = olga.send(
        "/ledger/hand-over",
        {"way": "csv", "since": "2026-01-01", "until": "2026-12-31"},
    )
    assert handed.status_code == 200
    assert [text for text in cells(handed) if runs(text)] == []


def _addresses(office, endpoint: str, place: str, reference: str) -> list[str]:
    from billhook.services import customers, documents

    ids = {
        "customer_id": [customers.get(office.ctx, reference).id],
        "document_id": [one.id for one in documents.listing(office.ctx, customer=reference)],
    }[place]
    (door,) = (one for one in doors(office.app) if one.endpoint == endpoint)

    def choose(wanted):
        return lambda name, kind: wanted if name == place else placeholder(name, kind)

    return [door.path(choose(one)) for one in ids]
