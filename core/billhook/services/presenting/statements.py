"""A statement of open items in the shape of a document, so that every theme prints it."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from billhook.domain.brands import Block, Brand, Column
from billhook.domain.document_view import (
    DocumentView,
    Field,
    ViewColumn,
    ViewLine,
    ViewPayment,
    ViewSection,
    ViewTax,
)
from billhook.domain.parties import Party
from billhook.domain.statements import Age, CurrencyStatement, Statement, StatementItem
from billhook.domain.states import DocumentType
from billhook.i18n import language
from billhook.money import CONTEXT, round_half_away
from billhook.services.presenting import parties, paying, sheets
from billhook.services.presenting.formats import Formats, locale_of
from billhook.services.presenting.names import document_title
from billhook.services.presenting.texts import gettext as _
from billhook.services.presenting.texts import left_to_right, written_in

_COLUMNS = (
    Column.DESCRIPTION,  # the number
    Column.UNIT_PRICE,  # the date of issue
    Column.UNIT_PRICE,  # the due date
    Column.TAX,  # the days overdue
    Column.DISCOUNT,  # the amount
    Column.DISCOUNT,  # what is settled
    Column.NET,  # what is open
)
"""Themes know columns by what documents have in them: these are as wide as a statement's."""

_LARGE_COLUMNS = (
    Column.DESCRIPTION,
    Column.DATE,
    Column.DATE,
    Column.TAX,
    Column.NET,
    Column.UNIT_PRICE,
    Column.NET,
)
_LARGE = 100_000_000
"""From a million of a currency with two decimals on, amounts need room, and dates can wrap."""


def present_statement(
    statement: Statement, *, brand: Brand, seller: Party, buyer: Party, is_sandbox: bool
) -> DocumentView:
    """Return all texts of a statement, in the buyer's language and by its locale."""
    with language(buyer.language):
        locale = locale_of(written_in(buyer.language), buyer.address.country)
        first = statement.currencies[0].currency if statement.currencies else ""
        return _present(statement, brand, seller, buyer, Formats(locale, first), is_sandbox)


def _present(
    statement: Statement,
    brand: Brand,
    seller: Party,
    buyer: Party,
    formats: Formats,
    is_sandbox: bool,
) -> DocumentView:
    is_abroad = seller.address.country != buyer.address.country
    as_of = formats.day(statement.as_of)
    return DocumentView(
        language=buyer.language,
        direction=sheets.direction(buyer.language),
        paper=sheets.paper(seller.address.country),
        title=_("Statement"),
        number=as_of,
        subtitle="",
        mark=sheets.sandbox_mark() if is_sandbox else "",
        currency=formats.currency,
        fields=tuple(_fields(statement, buyer, as_of)),
        due=_due(statement, formats),
        seller=parties.selling(seller, formats, website=brand.website, is_abroad=is_abroad),
        buyer=parties.buying(buyer, formats, is_abroad=is_abroad),
        blocks=(Block.INTRO, Block.LINES, Block.TAXES, Block.NOTES, Block.PAYMENT),
        columns=_columns(statement) if statement.count else (),
        sections=tuple(
            _section(one, replace(formats, currency=one.currency))
            for one in statement.currencies
            if one.items
        ),
        adjustments=(),
        tax_columns=(_("By age"), _("Items"), _("Share"), _("Open")),
        taxes=tuple(
            row
            for one in statement.currencies
            for row in _ages(one, replace(formats, currency=one.currency))
        ),
        totals=(),
        information=(),
        payment=_payment(statement, brand),
        intro=() if statement.count else (_("Nothing is open. Thank you!"),),
        notes=tuple(_notes(statement)),
        notes_label=_("Notes"),
        footer=tuple(sheets.footer(brand)),
        page_words=sheets.page_words(),
    )


def _fields(statement: Statement, buyer: Party, as_of: str) -> Iterator[Field]:
    found = (
        (_("As of"), as_of),
        (_("Customer number"), buyer.reference),
        (_("Open items"), str(statement.count)),
    )
    return (Field(label=label, value=value) for label, value in found if value)


def _due(statement: Statement, formats: Formats) -> Field:
    sums = (formats.money(one.balance, one.currency) for one in statement.currencies)
    return Field(label=_("Balance"), value=" · ".join(sums) or "0")


def _columns(statement: Statement) -> tuple[ViewColumn, ...]:
    items = (item for one in statement.currencies for item in one.items)
    columns = _LARGE_COLUMNS if any(abs(one.amount) >= _LARGE for one in items) else _COLUMNS
    labels = (
        *(_("Document"), _("Date"), _("Due date"), _("Days overdue")),
        *(_("Amount"), _("Settled"), _("Open")),
    )
    return tuple(
        ViewColumn(column=column, label=label, is_number=place > 2)
        for place, (column, label) in enumerate(zip(columns, labels, strict=True))
    )


def _section(one: CurrencyStatement, formats: Formats) -> ViewSection:
    return ViewSection(
        label=_("Open items in %(currency)s", currency=one.currency),
        lines=tuple(_line(item, formats) for item in one.items),
        subtotal_label=_("Balance"),
        subtotal=formats.money(one.balance),
    )


def _line(item: StatementItem, formats: Formats) -> ViewLine:
    return ViewLine(
        cells=(
            item.number,
            formats.day(item.issue_on),
            formats.day(item.due_on) if item.open > 0 else "",
            str(item.days_overdue or ""),
            _signed(item.amount, formats),
            _signed(item.settled, formats) if item.settled else "",
            _signed(item.open, formats),
        ),
        details=tuple(_details(item)),
    )


def _details(item: StatementItem) -> Iterator[str]:
    if item.type is not DocumentType.INVOICE:
        yield document_title(item.type)
    if item.is_disputed:
        yield _("In dispute")


def _signed(minor: int, formats: Formats) -> str:
    """Write an amount so that its sign stays before it where words run from right to left."""
    return left_to_right(formats.amount(minor)) if minor < 0 else formats.amount(minor)


def _ages(one: CurrencyStatement, formats: Formats) -> Iterator[ViewTax]:
    """Return the sums by age as rows of the table that documents have for taxes."""
    for found in (each for each in one.ages if each.count):
        yield ViewTax(
            label=age_label(found.age),
            net=str(found.count),
            rate=formats.percent(_share(found.open, one.owed)),
            tax=formats.money(found.open),
        )
    if one.credits:
        yield ViewTax(
            label=_("Credit not set off yet"),
            net=str(one.credits),
            rate="",
            tax=left_to_right(formats.money(-one.credit)),
        )


def _share(part: int, whole: int) -> Decimal:
    """Return a part in whole percents; they may miss a hundred by one."""
    return Decimal(round_half_away(CONTEXT.divide(Decimal(100 * part), Decimal(whole)), 0))


def age_label(age: Age) -> str:
    """Return an age in words."""
    return {
        Age.NOT_DUE: _("Not due yet"),
        Age.UP_TO_30: _("1 to 30 days overdue"),
        Age.UP_TO_60: _("31 to 60 days overdue"),
        Age.UP_TO_90: _("61 to 90 days overdue"),
        Age.OVER_90: _("More than 90 days overdue"),
    }[age]


def _notes(statement: Statement) -> Iterator[str]:
    if statement.left_out:
        yield _(
            "%(listed)s of %(count)s items are listed, the first due first. "
            "The sums count all of them.",
            listed=statement.count - statement.left_out,
            count=statement.count,
        )


def _payment(statement: Statement, brand: Brand) -> ViewPayment | None:
    if all(one.balance <= 0 for one in statement.currencies):
        return None
    return ViewPayment(
        label=_("Payment"),
        terms=(
            _("Please pay each invoice by its due date, and state its number with your payment."),
        ),
        accounts=tuple(paying.account(one) for one in paying.accounts_of(brand, statement)),
    )
