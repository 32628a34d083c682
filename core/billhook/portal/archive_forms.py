"""Which documents somebody wants as one ZIP."""

from collections.abc import Iterator
from datetime import date

from babel.dates import format_date
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectField
from wtforms.validators import Optional

from billhook.domain.calendar_names import months, named_period, quarters, years
from billhook.domain.periods import Period
from billhook.i18n import current_language, gettext
from billhook.i18n import lazy_gettext as _
from billhook.services.portal.archives import ArchiveKind, ArchiveWish

MONTHS, QUARTERS = 24, 8
"""How many are offered; what is older is found by its year or its days."""
DAYS = "days"

Choices = list[tuple[str, str]]


class ArchiveForm(FlaskForm):  # type: ignore[misc]
    """A month, a quarter, a year or days, and what of each document. It changes nothing."""

    class Meta:
        csrf = False

    period = SelectField(_("Period"))
    since = DateField(_("Issued from"), validators=[Optional()])
    until = DateField(_("Issued until"), validators=[Optional()])
    pdf = BooleanField(_("PDF, to read and print"))
    xml = BooleanField(_("E-invoices (XML), for accounting programs"))

    def offer(self, first: date, last: date) -> None:
        """Let people choose among the periods in which there are documents."""
        self.period.choices = {
            gettext("Months"): list(_months(first, last)),
            gettext("Quarters"): list(_quarters(first, last)),
            gettext("Years"): [(name, name) for name in years(first, last)],
            gettext("Other"): [(DAYS, gettext("From one day to another"))],
        }

    def wish(self) -> ArchiveWish | None:
        """Return what is wanted; None where something is missing, which the fields then say."""
        if not self.validate():
            return None
        period = self._days() if self.period.data == DAYS else named_period(self.period.data)
        kinds = [
            kind
            for kind, field in ((ArchiveKind.PDF, self.pdf), (ArchiveKind.XML, self.xml))
            if field.data
        ]
        if not kinds:
            self.pdf.errors = [gettext("Choose what you want of each document.")]
        return ArchiveWish(period=period, kinds=frozenset(kinds)) if period and kinds else None

    def _days(self) -> Period | None:
        if not self.since.data or not self.until.data:
            self.since.errors = [gettext("Enter the first and the last day.")]
            return None
        if self.since.data > self.until.data:
            self.until.errors = [gettext("The last day is before the first one.")]
            return None
        return Period.through(self.since.data, self.until.data)


def _months(first: date, last: date) -> Iterator[tuple[str, str]]:
    for name in list(months(first, last))[:MONTHS]:
        found = named_period(name)
        assert found is not None
        yield name, format_date(found.start, "LLLL y", locale=_locale())


def _quarters(first: date, last: date) -> Iterator[tuple[str, str]]:
    for name in list(quarters(first, last))[:QUARTERS]:
        found = named_period(name)
        assert found is not None
        yield name, format_date(found.start, "QQQQ y", locale=_locale())


def _locale() -> str:
    return current_language().replace("-", "_")
