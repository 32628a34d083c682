"""The journal as people read it: entries found, one entry whole, an account's statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, literal, or_, select, tuple_

from billhook.columns import Id, Small
from billhook.db import db
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.limits import CODE, PAGE_ROWS
from billhook.models.customers import Customer
from billhook.models.documents import DocumentRow, DocumentSeal
from billhook.models.ledger import Account, EntryRow, EntrySeal, PostingRow
from billhook.money import LARGEST_AMOUNT, minor_digits
from billhook.sdk.context import Context
from billhook.services.paging import Order, Slice, cut
from billhook.services.sets import one_of
from billhook.services.texts_found import begins

_FEW = 500
_BY_SEQUENCE = (Order(EntrySeal.sequence, int),)
_BY_MAKING = (Order(PostingRow.entry_id, UUID), Order(PostingRow.line_no, int))
"""Ids rise with time, and an index gives an account's postings in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """What the journal is narrowed by; dates are inclusive."""

    text: str = ""
    """A document's number or its beginning, a customer's reference, an entry's sequence."""
    since: date | None = None
    until: date | None = None
    account: str = ""
    document_type: str = ""
    amount: Decimal | None = None
    """In major units, on either side of a posting, in whatever currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEntry:
    """An entry in a list. Its sum is what it debits, in minor units of its currency."""

    id: UUID
    sequence: int
    entry_on: date
    kind: str
    document_id: UUID | None
    document_type: str
    number: str
    customer: str
    """The payer's reference."""
    customer_name: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingView:
    """One side of an entry; debit positive, in minor units."""

    line_no: int
    account: str
    account_name: str
    currency: str
    amount: int
    base_amount: int
    customer_id: UUID | None
    customer: str
    tax_category: str
    tax_rate: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """An entry whole, with its seal: the link that `verify` recomputes."""

    entry: FoundEntry
    base_currency: str
    posted_at: datetime
    postings: Sequence[PostingView]
    content_hash: bytes
    previous_hash: bytes
    hash: bytes
    previous_id: UUID | None
    next_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """A posting of an account, and what the account came to with it."""

    entry_id: UUID
    sequence: int
    line_no: int
    entry_on: date
    number: str
    document_id: UUID | None
    customer: str
    amount: int
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A page of an account, the newest first."""

    code: str
    name: str
    type: str
    currency: str
    lines: Slice[StatementLine]


def search(
    ctx: Context,
    wanted: EntryFilter,
    *,
    after: str = "",
    limit: int = PAGE_ROWS,
    is_descending: bool = True,
) -> Slice[FoundEntry]:
    """Return a page of the journal. Raises ValidationFailed for a cursor that is none."""
    ctx.require("ledger.view")
    page = cut(
        _entries().where(*_conditions(wanted)),
        _BY_SEQUENCE,
        after=after,
        limit=min(limit, PAGE_ROWS),
        is_descending=is_descending,
        make=lambda row: row,
    )
    sums = _sums([row.id for row in page.rows])
    return Slice(rows=tuple(_found(row, sums) for row in page.rows), next=page.next)


def get(ctx: Context, entry_id: UUID) -> EntryView:
    """Return an entry with its postings and its seal. Raises NotFound."""
    ctx.require("ledger.view")
    row = db.session.execute(_entries().where(EntryRow.id == entry_id)).one_or_none()
    if row is None:
        raise NotFound(_("entry"), entry_id)
    entry = db.session.scalars(select(EntryRow).where(EntryRow.id == entry_id)).one()
    seal = db.session.scalars(select(EntrySeal).where(EntrySeal.entry_id == entry_id)).one()
    beside: dict[int, UUID] = {
        found.sequence: found.entry_id
        for found in db.session.execute(
            select(EntrySeal.sequence, EntrySeal.entry_id).where(
                EntrySeal.sequence.in_((seal.sequence - 1, seal.sequence + 1))
            )
        )
    }
    return EntryView(
        entry=_found(row, _sums([entry_id])),
        base_currency=entry.base_currency,
        posted_at=entry.posted_at,
        postings=_postings([entry_id]).get(entry_id, ()),
        content_hash=seal.content_hash,
        previous_hash=seal.previous_hash,
        hash=seal.hash,
        previous_id=beside.get(seal.sequence - 1),
        next_id=beside.get(seal.sequence + 1),
    )


def postings_of(ctx: Context, entry_ids: Collection[UUID]) -> Mapping[UUID, Sequence[PostingView]]:
    """Return the postings of entries, by entry."""
    ctx.require("ledger.view")
    return _postings(entry_ids)


def statement(
    ctx: Context,
    code: str,
    currency: str,
    *,
    since: date | None = None,
    until: date | None = None,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Statement:
    """Return a page of an account's postings with the running balance.

    Raises NotFound, and ValidationFailed for a cursor that is none.
    """
    ctx.require("ledger.view")
    account = db.session.scalars(
        select(Account).where(Account.code == code, Account.currency == currency)
    ).one_or_none()
    if account is None:
        raise NotFound(_("account"), code)
    days = _Days(since, until)
    page = cut(
        _statement_lines(account.id).where(*days.within()),
        _BY_MAKING,
        after=after,
        limit=min(limit, PAGE_ROWS),
        is_descending=True,
        make=lambda row: row,
    )
    return Statement(
        code=account.code,
        name=account.name,
        type=account.type,
        currency=account.currency,
        lines=Slice(
            rows=_running(account.id, days, page.rows, is_first=not after), next=page.next
        ),
    )


def _entries() -> Select[Any]:
    """Select entries with their document and its payer, where they have one."""
    return (
        select(
            EntryRow.id,
            EntrySeal.sequence,
            EntryRow.entry_on,
            EntryRow.kind,
            DocumentRow.id.label("document_id"),
            DocumentRow.type,
            DocumentRow.currency,
            DocumentSeal.printed_number,
            Customer.reference,
            Customer.name,
        )
        .select_from(EntrySeal)
        .join(EntryRow, _same(EntryRow, EntrySeal, EntryRow.id == EntrySeal.entry_id))
        .outerjoin(DocumentRow, _same(DocumentRow, EntryRow, DocumentRow.entry_id == EntryRow.id))
        .outerjoin(
            DocumentSeal,
            _same(DocumentSeal, DocumentRow, DocumentSeal.document_id == DocumentRow.id),
        )
        .outerjoin(Customer, _same(Customer, DocumentRow, Customer.id == DocumentRow.payer_id))
    )


def _same(left: Any, right: Any, joined: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(left.tenant_id == right.tenant_id, joined)


def _conditions(wanted: EntryFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if text := wanted.text.strip()[:CODE]:
        conditions.append(_mentions(text))
    if wanted.since:
        conditions.append(EntryRow.entry_on >= wanted.since)
    if wanted.until:
        conditions.append(EntryRow.entry_on <= wanted.until)
    if wanted.document_type:
        conditions.append(DocumentRow.type == wanted.document_type)
    if wanted.account or wanted.amount is not None:
        conditions.append(_posted(wanted.account, wanted.amount))
    return conditions


def _mentions(text: str) -> ColumnElement[bool]:
    """Look first what the text names, so that what it does not name costs nothing afterwards."""
    found: list[ColumnElement[bool]] = []
    for one in dict.fromkeys((text, text.upper())):
        named = select(DocumentSeal.document_id).where(begins(DocumentSeal.printed_number, one))
        if db.session.scalar(named.limit(1)):
            posted = select(DocumentRow.entry_id).where(DocumentRow.id.in_(named))
            found.append(_one_of_few(posted))
    if payer := db.session.scalar(select(Customer.id).where(Customer.reference == text)):
        theirs = select(DocumentRow.entry_id).where(DocumentRow.payer_id == payer)
        found.append(_one_of_few(theirs))
    if text.isascii() and text.isdigit() and len(text) < 18:
        found.append(EntrySeal.sequence == int(text))
    return or_(*found) if found else false()


def _one_of_few(entry_ids: Select[Any]) -> ColumnElement[bool]:
    """Compare with the ids themselves while they are few: the journal is then not read through."""
    found = db.session.scalars(entry_ids.limit(_FEW + 1)).all()
    if len(found) > _FEW:
        return EntryRow.id.in_(entry_ids)
    return one_of(EntryRow.id, [one for one in found if one])


def _posted(account: str, amount: Decimal | None) -> ColumnElement[bool]:
    """Look for entries with a posting to an account, or of an amount on either side."""
    accounts = db.session.execute(select(Account.id, Account.code, Account.currency)).all()
    posted = select(PostingRow.entry_id)
    if account:
        ids = [row.id for row in accounts if row.code == account]
        posted = posted.where(one_of(PostingRow.account_id, ids))
    if amount is not None:
        sums = {minor for row in accounts if (minor := _minor(amount, row.currency))}
        posted = posted.where(PostingRow.amount.in_([*sums, *(-one for one in sums)]))
    return _one_of_few(posted)


def _minor(amount: Decimal, currency: str) -> int | None:
    """Return an amount in minor units; None where the currency has no such amount."""
    minor = amount.scaleb(minor_digits(currency))
    if abs(minor) > LARGEST_AMOUNT or minor != minor.to_integral_value():
        return None
    return int(minor)


def _sums(entry_ids: Sequence[UUID]) -> Mapping[UUID, tuple[str, int]]:
    """Return currency and debits of entries: the larger of their currencies, should they have two."""
    if not entry_ids:
        return {}
    rows = db.session.execute(
        select(PostingRow.entry_id, PostingRow.currency, func.sum(PostingRow.amount))
        .where(one_of(PostingRow.entry_id, entry_ids), PostingRow.amount > 0)
        .group_by(PostingRow.entry_id, PostingRow.currency)
    )
    return {entry_id: (currency, int(debit)) for entry_id, currency, debit in rows}


def _found(row: Row[Any], sums: Mapping[UUID, tuple[str, int]]) -> FoundEntry:
    currency, amount = sums.get(row.id, (row.currency or "", 0))
    return FoundEntry(
        id=row.id,
        sequence=row.sequence,
        entry_on=row.entry_on,
        kind=row.kind,
        document_id=row.document_id,
        document_type=row.type or "",
        number=row.printed_number or "",
        customer=row.reference or "",
        customer_name=row.name or "",
        currency=currency,
        amount=amount,
    )


def _postings(entry_ids: Collection[UUID]) -> Mapping[UUID, Sequence[PostingView]]:
    if not entry_ids:
        return {}
    rows = db.session.execute(
        select(PostingRow, Account.code, Account.name, Customer.reference)
        .join(Account, _same(Account, PostingRow, Account.id == PostingRow.account_id))
        .outerjoin(Customer, _same(Customer, PostingRow, Customer.id == PostingRow.customer_id))
        .where(one_of(PostingRow.entry_id, entry_ids))
        .order_by(PostingRow.entry_id, PostingRow.line_no)
    )
    found: dict[UUID, list[PostingView]] = {}
    for posting, code, name, reference in rows:
        found.setdefault(posting.entry_id, []).append(_posting(posting, code, name, reference))
    return found


def _posting(posting: PostingRow, code: str, name: str, reference: str | None) -> PostingView:
    return PostingView(
        line_no=posting.line_no,
        account=code,
        account_name=name,
        currency=posting.currency,
        amount=posting.amount,
        base_amount=posting.base_amount,
        customer_id=posting.customer_id,
        customer=reference or "",
        tax_category=posting.tax_category,
        tax_rate=posting.tax_rate,
    )


def _statement_lines(account_id: UUID) -> Select[Any]:
    return (
        select(
            PostingRow.entry_id,
            PostingRow.line_no,
            PostingRow.amount,
            EntrySeal.sequence,
            EntryRow.entry_on,
            DocumentRow.id.label("document_id"),
            DocumentSeal.printed_number,
            Customer.reference,
        )
        .select_from(PostingRow)
        .join(EntryRow, _same(EntryRow, PostingRow, EntryRow.id == PostingRow.entry_id))
        .join(EntrySeal, _same(EntrySeal, EntryRow, EntrySeal.entry_id == EntryRow.id))
        .outerjoin(DocumentRow, _same(DocumentRow, EntryRow, DocumentRow.entry_id == EntryRow.id))
        .outerjoin(
            DocumentSeal,
            _same(DocumentSeal, DocumentRow, DocumentSeal.document_id == DocumentRow.id),
        )
        .outerjoin(Customer, _same(Customer, DocumentRow, Customer.id == DocumentRow.payer_id))
        .where(PostingRow.account_id == account_id)
    )


class _Days(NamedTuple):
    """The days of a statement, both inclusive."""

    since: date | None
    until: date | None

    def within(self) -> list[ColumnElement[bool]]:
        return [*([EntryRow.entry_on >= self.since] if self.since else []), *self.up_to()]

    def up_to(self) -> list[ColumnElement[bool]]:
        return [EntryRow.entry_on <= self.until] if self.until else []


def _running(
    account_id: UUID, days: _Days, rows: Sequence[Row[Any]], *, is_first: bool
) -> tuple[StatementLine, ...]:
    """Give each line the balance with it: the account's as of the last day, less what is above."""
    if not rows:
        return ()
    balance = _sum(account_id, days.up_to())
    if not is_first:
        above = tuple_(PostingRow.entry_id, PostingRow.line_no) > tuple_(
            literal(rows[0].entry_id, Id), literal(rows[0].line_no, Small)
        )
        balance -= _sum(account_id, [*days.within(), above])
    lines = []
    for row in rows:
        lines.append(
            StatementLine(
                entry_id=row.entry_id,
                sequence=row.sequence,
                line_no=row.line_no,
                entry_on=row.entry_on,
                number=row.printed_number or "",
                document_id=row.document_id,
                customer=row.reference or "",
                amount=row.amount,
                balance=balance,
            )
        )
        balance -= row.amount
    return tuple(lines)


def _sum(account_id: UUID, conditions: Sequence[ColumnElement[bool]]) -> int:
    amount = select(func.sum(PostingRow.amount)).where(PostingRow.account_id == account_id)
    if conditions:
        amount = amount.join(
            EntryRow, _same(EntryRow, PostingRow, EntryRow.id == PostingRow.entry_id)
        ).where(*conditions)
    return int(db.session.scalar(amount) or 0)
