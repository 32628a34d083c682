"""Entries of the journal become rows of a posting batch.

A row says "so much, debit or credit, on this account against that one". An entry of
several postings becomes as many rows as it has postings beside the first, each against
it: the first is the receivable. Sums are handed over in the base currency, as the
ledger holds them; what was invoiced in another one stands in a note beside them.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from billhook.domain.bookings import BookedEntry, BookedLine, BookedPeriod
from billhook.domain.ledger import AccountType
from billhook.money import amount_text, minor_digits, plain
from billhook.problems import Problem, Severity, errors
from billhook.sdk.context import Context
from billhook.sdk.providers import LedgerFile
from billhook_export_datev.columns import COLUMNS, TEXTS
from billhook_export_datev.settings import ExportDatevSettings, mapping
from billhook_export_datev.texts import gettext, lazy_gettext
from billhook_export_datev.writing import line, number, text

MOST_ROWS = 99_999
"""Of one batch."""
LARGEST = 10**12
"""Minor units that no sum may reach: ten digits stand before the comma."""

_DOCUMENT = re.compile(r"[^\w$&%*+\-/]", re.ASCII)
_HEADER_TEXTS = frozenset({1, 4, 8, 9, 10, 17, 18, 22, 24, 27, 30, 31})


class ExtfExport:
    """The provider: settings are read when it is made."""

    key = "export_datev.extf"
    title = lazy_gettext("DATEV, a posting batch (EXTF)")

    def __init__(self, ctx: Context) -> None:
        self._settings = ctx.ports.settings.read(ctx, ExportDatevSettings)
        self._accounts = mapping(self._settings.accounts)
        self._at = ctx.now().astimezone(ZoneInfo(ctx.tenant.time_zone))

    def write(self, period: BookedPeriod, entries: Sequence[BookedEntry]) -> LedgerFile:
        rows = [row for entry in entries for row in self._rows(entry)]
        problems = (
            *self._of_period(period),
            *self._of_entries(entries),
            *_of_sums(entries),
            *_of_rows(rows),
        )
        content = b"" if errors(problems) else self._content(period, rows)
        return LedgerFile(
            name=f"EXTF_Buchungsstapel_{period.since:%Y%m%d}_{period.until:%Y%m%d}.csv",
            content_type="text/csv; charset=windows-1252",
            content=content,
            problems=problems,
        )

    def _content(self, period: BookedPeriod, rows: Sequence[dict[str, str]]) -> bytes:
        lines = [
            self._header(period),
            ";".join(COLUMNS),
            *(line([row.get(name, "") for name in COLUMNS], _TEXT_PLACES) for row in rows),
        ]
        return "".join(f"{one}\r\n" for one in lines).encode("cp1252", errors="replace")

    def _header(self, period: BookedPeriod) -> str:
        chosen = self._settings
        fields = (
            *("EXTF", "700", "21", "Buchungsstapel", "13", _stamp(self._at), "", "BH", "", ""),
            *(str(chosen.consultant_number), str(chosen.client_number)),
            *(f"{self._year(period.since):%Y%m%d}", str(chosen.account_length)),
            *(f"{period.since:%Y%m%d}", f"{period.until:%Y%m%d}"),
            *(f"Billhook {period.since:%Y-%m}", "", "1", "0", str(int(chosen.is_final))),
            *(period.base_currency, "", "", "", "", chosen.chart.value, "", "", "", "Billhook"),
        )
        return line(fields, _HEADER_TEXTS)

    def _year(self, day: date) -> date:
        """Return the first day of the fiscal year that a day lies in."""
        month = self._settings.fiscal_year_month
        return date(day.year if day.month >= month else day.year - 1, month, 1)

    def _rows(self, entry: BookedEntry) -> Iterator[dict[str, str]]:
        first, *others = entry.lines
        for other in others:
            if other.base_amount:
                yield self._row(entry, first, other)

    def _row(self, entry: BookedEntry, first: BookedLine, other: BookedLine) -> dict[str, str]:
        is_revenue = other.account_type == AccountType.INCOME
        row = {
            "Umsatz (ohne Soll/Haben-Kz)": number(abs(other.base_amount), entry.base_currency),
            "Soll/Haben-Kennzeichen": "S" if other.base_amount < 0 else "H",
            "WKZ Umsatz": entry.base_currency,
            "Konto": self._account(entry, first),
            "Gegenkonto (ohne BU-Schlüssel)": self._account(entry, other),
            "BU-Schlüssel": self._settings.revenue_key if is_revenue else "",
            "Belegdatum": f"{entry.entry_on:%d%m}",
            "Belegfeld 1": _DOCUMENT.sub("-", entry.number)[:36],
            "Buchungstext": text(entry.customer_name, 60),
            "Festschreibung": str(int(self._settings.is_final)),
        }
        if entry.due_on:
            row["Fälligkeit"] = f"{entry.due_on:%d%m%Y}"
        if other.currency != entry.base_currency:
            row["Zusatzinformation - Art 1"] = "Rechnungswährung"
            row["Zusatzinformation- Inhalt 1"] = (
                f"{amount_text(abs(other.amount), other.currency)} {other.currency}"
            )
        return row

    def _account(self, entry: BookedEntry, side: BookedLine) -> str:
        digits = self._settings.account_length + 1
        is_theirs = self._settings.uses_references_as_debtors and side is entry.lines[0]
        if is_theirs and re.fullmatch(rf"[1-9][0-9]{{{digits - 1}}}", entry.customer, re.ASCII):
            return entry.customer
        return self._mapped(side) or ""

    def _mapped(self, side: BookedLine) -> str | None:
        """Return their account: that of the tax rate, else that of the account."""
        rate = f"{side.account}@{_rate(side.tax_rate)}" if side.tax_rate is not None else ""
        return self._accounts.get(rate) or self._accounts.get(side.account)

    def _of_period(self, period: BookedPeriod) -> Iterator[Problem]:
        if self._year(period.since) != self._year(period.until):
            yield Problem(
                code="export_datev.years_crossed",
                path="until",
                message=gettext(
                    "These days lie in two fiscal years. Hand over each year in a file of its own."
                ),
            )
        if minor_digits(period.base_currency) > 2:
            yield Problem(
                code="export_datev.currency_unfit",
                message=gettext(
                    "DATEV takes sums of two decimals; %(currency)s has more.",
                    currency=period.base_currency,
                ),
            )

    def _of_entries(self, entries: Sequence[BookedEntry]) -> Iterator[Problem]:
        sides = {(side.account, side.tax_rate): side for entry in entries for side in entry.lines}
        missing = {side.account for side in sides.values() if not self._mapped(side)}
        for account in sorted(missing):
            yield Problem(
                code="export_datev.account_unmapped",
                path="accounts",
                message=gettext(
                    "Account %(account)s has no account at DATEV. Add it in the plugin's settings.",
                    account=account,
                ),
            )


def _of_sums(entries: Sequence[BookedEntry]) -> Iterator[Problem]:
    for entry in entries:
        if any(abs(side.base_amount) >= LARGEST for side in entry.lines):
            yield Problem(
                code="export_datev.sum_too_large",
                message=gettext(
                    "The sum of entry %(sequence)s is larger than DATEV takes.",
                    sequence=entry.sequence,
                ),
            )


def _of_rows(rows: Sequence[dict[str, str]]) -> Iterator[Problem]:
    if len(rows) > MOST_ROWS:
        yield Problem(
            code="export_datev.too_many_rows",
            path="until",
            message=gettext(
                "A batch takes %(most)s postings, and these days have %(count)s. Choose fewer"
                " days.",
                most=MOST_ROWS,
                count=len(rows),
            ),
        )
    replaced = sum(not _fits(one) for one in {row["Buchungstext"] for row in rows})
    if replaced:
        yield Problem(
            code="export_datev.letters_replaced",
            message=gettext(
                "Names with letters that DATEV's character set lacks have question marks in"
                " their place: %(count)s.",
                count=replaced,
            ),
            severity=Severity.WARNING,
        )


def _fits(told: str) -> bool:
    try:
        told.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _rate(rate: Decimal | None) -> str:
    return plain(rate) if rate is not None else ""


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03}"


_TEXT_PLACES = frozenset(place for place, name in enumerate(COLUMNS, 1) if name in TEXTS)
