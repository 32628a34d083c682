"""Tax that a business keeps back when it pays a bill of its own country.

It counts against the seller's income tax, so the bill charges as much as without
it; the document shows it, and it becomes a receivable when the bill is paid.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

from billhook.domain.tax import ComponentKind, TaxComponent, TaxTreatment
from billhook.money import RATE_DECIMALS, parse_decimal
from billhook.problems import Problem
from billhook_tax_rules import treatments
from billhook_tax_rules.sales import Sale
from billhook_tax_rules.settings import listed
from billhook_tax_rules.tables import Validity, rows, validity
from billhook_tax_rules.texts import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    """One row of the table."""

    country: str
    tax: str
    percent: Decimal
    validity: Validity


def with_withholding(sale: Sale, treatment: TaxTreatment) -> TaxTreatment | Problem:
    """Add what the buyer keeps back: services to businesses at home, where the seller says so."""
    key = sale.settings.withholding
    if not key or not _applies(sale, key):
        return treatment
    found = next((row for row in schemes()[key] if sale.line.tax_on in row.validity), None)
    if found is None:
        return _rate_missing(sale, key)
    kept = TaxComponent(
        tax=found.tax, country=found.country, rate=found.percent, kind=ComponentKind.WITHHOLDING
    )
    return treatments.shared(replace(treatment, components=(*treatment.components, kept)))


def _applies(sale: Sale, key: str) -> bool:
    categories = listed(sale.settings.withholding_categories)
    return (
        sale.is_business
        and sale.is_domestic
        and not sale.is_goods
        and sale.origin.country == schemes()[key][0].country
        and (not categories or sale.line.category in categories)
    )


@cache
def schemes() -> dict[str, tuple[Withholding, ...]]:
    """Return the rows of each scheme by its key."""
    found: dict[str, tuple[Withholding, ...]] = {}
    for row in rows("withholding.csv"):
        scheme = Withholding(
            country=row["country"],
            tax=row["tax"],
            percent=parse_decimal(row["rate"], decimals=RATE_DECIMALS),
            validity=validity(row),
        )
        found[row["key"]] = (*found.get(row["key"], ()), scheme)
    return found


def _rate_missing(sale: Sale, key: str) -> Problem:
    day: date = sale.line.tax_on
    return Problem(
        code="tax_rules.withholding_missing",
        path="tax_category",
        message=_(
            "The table has no rate of the withholding “%(key)s” for %(day)s. Choose another under"
            " Settings → Tax rules, or none.",
            key=key,
            day=day.isoformat(),
        ),
    )
