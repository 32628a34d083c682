"""An entry of the journal, as the core hands it over."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billhook.domain.bookings import BookedEntry, BookedLine, BookedPeriod
from billhook.testing.contexts import lonely_context
from billhook_export_datev.export import ExtfExport
from billhook_export_datev.settings import ExportDatevSettings

OCTOBER = BookedPeriod(since=date(2026, 10, 1), until=date(2026, 10, 31), base_currency="EUR")
ACCOUNTS = "1200 = 1400, 4000 = 8400, 2200@19 = 1776, 2200@7 = 1771, 6950 = 2150"


def side(account: str, amount: int, kind: str = "income", **fields: Any) -> BookedLine:
    given = {"currency": "EUR", "base_amount": amount, **fields}
    return BookedLine(account=account, account_type=kind, amount=amount, **given)


def entry(*lines: BookedLine, **fields: Any) -> BookedEntry:
    """Return the entry of an invoice of 100.00 and 19 %, or of what is given."""
    usual = (
        side("1200", 11900, "asset"),
        side("4000", -10000),
        side("2200", -1900, "liability", tax_category="S", tax_rate=Decimal(19)),
    )
    given = {
        "sequence": 7,
        "entry_on": date(2026, 10, 5),
        "kind": "document",
        "base_currency": "EUR",
        "number": "RE-2026-00007",
        "document_type": "invoice",
        "due_on": date(2026, 11, 4),
        "customer": "10042",
        "customer_name": "Müller & Söhne",
        **fields,
    }
    return BookedEntry(lines=lines or usual, **given)


@pytest.fixture
def export() -> Callable[..., ExtfExport]:
    """Return a way to make the export with settings."""

    def make(**chosen: Any) -> ExtfExport:
        settings = ExportDatevSettings(
            **{"consultant_number": 29098, "client_number": 55003, "accounts": ACCOUNTS, **chosen}
        )
        assert settings.problems() == ()
        return ExtfExport(lonely_context("export_datev", settings=settings))

    return make
