"""Whatever a file holds, it is imported or refused: it never crashes, and never half."""

import csv
import io
import random
import threading
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from billhook.db import db
from billhook.errors import BillhookError, Conflict
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.models.customers import Customer
from billhook.services import customers, importing
from billhook.services.contexts import operator_context
from billhook.services.customers import CustomerInput
from billhook.services.imports.sheets import BrokenFile, open_sheet

NASTY = [
    *("", " ", "0", "-0", "1", "-1", "NaN", "inf", "1e400", "9" * 60, "0.1" + "0" * 30 + "1"),
    *("1,5", "1;5", "'=1", "=1+1", '"', "a\nb", "\r", "\u202e", "\ufeff", "𝟙", "٣", "\x7f"),
    *("ann", "EUR", "XXX", "DE", "XX", "2026-01-31", "2026-02-30", "9999-12-31", "0001-01-01"),
    *(
        "goods",
        "-5.25",
        "100",
        "101",
        "../../etc/passwd",
        "'; DROP TABLE charge; --",
        "%s",
        "%(x)s",
    ),
    *("x" * 81, "x" * 2_001, "\x01", "é" * 40),
]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_a_broken_file(content):
    rows = []
    with suppress(BrokenFile), open_sheet(io.BytesIO(content)) as sheet:
        rows = list(sheet.rows())
    assert all(any(cell.strip() for cell in row.cells) for row in rows)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), max_size=5))
def test_what_csv_writers_quote_is_read_as_it_was(rows):
    cells = [[cell.replace("\0", "") for cell in row] for row in rows]
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *cells])
    try:
        content = out.getvalue().encode()
    except UnicodeEncodeError:
        return
    with open_sheet(io.BytesIO(content)) as sheet:
        read = [list(row.cells) for row in sheet.rows()]
    wanted = [row for row in cells if any(cell.strip() for cell in row)]
    unquoted = [
        [cell[1:] if cell[:1] == "'" and cell[1:2] in {*"=+-@\t\r"} else cell for cell in row]
        for row in wanted
    ]
    assert read == [["a", "b"], *unquoted]


@pytest.mark.parametrize("kind", importing.KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_any_cells_are_stored_or_named(ctx, kind, seed):
    """Every column is filled with nasty values; each row is either counted or has an error."""
    customers.save(ctx, CustomerInput(reference="ann", name="Ann", country="DE"))
    chance = random.Random(f"{kind} {seed}")
    fields = [column.field.replace("*", "x") for column in importing.columns(kind)]
    rows = [[_cell(name, number, chance) for name in fields] for number in range(300)]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([fields, *rows])
    content = out.getvalue().encode()
    dry = importing.run(ctx, kind, io.BytesIO(content), dry_run=True)
    assert dry.new + dry.changed + dry.unchanged + dry.bad == dry.rows
    assert dry.bad
    assert {error.line for error in dry.errors}
    stopped = importing.run(ctx, kind, io.BytesIO(content))
    assert not stopped.is_written
    real = importing.run(ctx, kind, io.BytesIO(content), skip_bad=True)
    assert (real.new, real.changed, real.bad) == (dry.new, dry.changed, dry.bad)
    assert real.new
    again = importing.run(ctx, kind, io.BytesIO(content), skip_bad=True)
    assert again.new <= real.bad  # a payer may stand in a row below
    assert again.new == 0 or kind == "customers"


def _cell(name, number, chance):
    """Return what a good row has there; in one of twenty cells something nasty."""
    if chance.random() < 0.05:
        return chance.choice(NASTY)
    usual = {"customer": "ann", "date": "2026-01-31", "country": "DE", "name": "N", "amount": "5"}
    if name in ("reference", "sku"):
        return f"r{number}"
    return usual.get(name, "")


def test_two_imports_at_once_store_each_row_once(app, ctx):
    """One wins each row; the other finds it there, or says to run it again."""
    people = "customer,name,country\n" + "".join(f"c{n},Name,DE\n" for n in range(400))
    charges = "customer,reference,date,amount,description\n" + "".join(
        f"c{n},r{n},2026-01-31,1,Work\n" for n in range(400)
    )
    for kind, text in (("customers", people), ("charges", charges)):
        ends = _at_once(app, lambda other, kind=kind, text=text: _import(other, kind, text), 3)
        assert all(end is None or isinstance(end, Conflict) for end in ends), ends
        assert None in ends
    assert db.session.scalar(select(func.count(Customer.id))) == 400
    assert db.session.scalar(select(func.count(ChargeRow.id))) == 400
    assert db.session.scalar(select(func.count(ChargeOpen.charge_id))) == 400


def _import(ctx, kind, text):
    report = importing.run(ctx, kind, io.BytesIO(text.encode()))
    assert report.errors == ()


def _at_once(app, act, count):
    """Run the act in so many threads that start together; return what each raised."""
    ends: list[BillhookError | None] = []
    ready = threading.Barrier(count)

    def run():
        with app.app_context():
            other = operator_context("acme")
            with other.acting():
                ready.wait()
                try:
                    act(other)
                    ends.append(None)
                except BillhookError as error:
                    ends.append(error)

    db.session.rollback()
    threads = [threading.Thread(target=run) for _number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends
