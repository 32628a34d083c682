"""The books: chart of accounts, journal, trial balance, closing of periods."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, case, func, select

from billhook.db import db
from billhook.domain.ledger import DEFAULT_CHART, AccountType
from billhook.domain.sealing import FIRST
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.limits import PAGE_ROWS
from billhook.models.ledger import Account, EntryRow, EntrySeal, JournalHead, PostingRow
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.sets import insert_missing

_CHART = {account.code: account for account in DEFAULT_CHART}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEntry:
    code: str
    name: str
    type: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """A posting with its entry: debit positive, minor units."""

    sequence: int
    entry_id: UUID
    entry_on: date
    kind: str
    source_id: UUID
    line_no: int
    account: str
    currency: str
    amount: int
    base_amount: int
    customer_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """An account's sums as of a date, in minor units."""

    code: str
    name: str
    type: str
    currency: str
    debit: int
    credit: int
    base_balance: int

    @property
    def balance(self) -> int:
        return self.debit - self.credit


def open_books(ctx: Context) -> None:
    """Give a new tenant its journal and the default chart in its base currency."""
    db.session.add(JournalHead(tenant_id=ctx.tenant.id, last_sequence=0, last_hash=FIRST))
    db.session.flush()
    account_ids(ctx, {(account.code, ctx.tenant.currency) for account in DEFAULT_CHART})


def account_ids(ctx: Context, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Return the ids of accounts by code and currency; open those not yet used.

    Inside a transaction. A code outside the default chart becomes an income account
    of that name.
    """
    keys = sorted(set(wanted))
    found = _account_ids(keys)
    missing = [key for key in keys if key not in found]
    if not missing:
        return found
    insert_missing(Account, [_new_account(ctx, code, currency) for code, currency in missing])
    return _account_ids(keys)


def _account_ids(keys: list[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    codes = {code for code, _currency in keys}
    rows = db.session.execute(
        select(Account.code, Account.currency, Account.id).where(Account.code.in_(codes))
    )
    wanted = set(keys)
    return {(row.code, row.currency): row.id for row in rows if (row.code, row.currency) in wanted}


def _new_account(ctx: Context, code: str, currency: str) -> Mapping[str, Any]:
    known = _CHART.get(code)
    return {
        "tenant_id": ctx.tenant.id,
        "id": new_id(),
        "code": code,
        "currency": currency,
        "name": known.name if known else code,
        "type": (known.type if known else AccountType.INCOME).value,
    }


def accounts(ctx: Context) -> list[AccountEntry]:
    """Return the chart as it is in use, by code and currency."""
    ctx.require("ledger.view")
    rows = db.session.scalars(select(Account).order_by(Account.code, Account.currency))
    return [
        AccountEntry(code=row.code, name=row.name, type=row.type, currency=row.currency)
        for row in rows
    ]


def journal(
    ctx: Context,
    *,
    since: date | None = None,
    until: date | None = None,
    account: str | None = None,
    after: int = 0,
    limit: int = PAGE_ROWS,
) -> list[JournalLine]:
    """Return postings in journal order, after a sequence number; dates are inclusive."""
    ctx.require("ledger.view")
    query = (
        select(EntrySeal.sequence, EntryRow, PostingRow, Account.code)
        .join(EntryRow, _same(EntryRow.id, EntrySeal.entry_id, EntryRow, EntrySeal))
        .join(PostingRow, _same(PostingRow.entry_id, EntryRow.id, PostingRow, EntryRow))
        .join(Account, _same(Account.id, PostingRow.account_id, Account, PostingRow))
        .where(EntrySeal.sequence > after)
        .order_by(EntrySeal.sequence, PostingRow.line_no)
        .limit(limit)
    )
    if since:
        query = query.where(EntryRow.entry_on >= since)
    if until:
        query = query.where(EntryRow.entry_on <= until)
    if account:
        query = query.where(Account.code == account)
    return [
        JournalLine(
            sequence=sequence,
            entry_id=entry.id,
            entry_on=entry.entry_on,
            kind=entry.kind,
            source_id=entry.source_id,
            line_no=posting.line_no,
            account=code,
            currency=posting.currency,
            amount=posting.amount,
            base_amount=posting.base_amount,
            customer_id=posting.customer_id,
        )
        for sequence, entry, posting, code in db.session.execute(query)
    ]


def trial_balance(ctx: Context, as_of: date | None = None) -> list[Balance]:
    """Return the debits and credits of each account in use, up to and with a date.

    They sum to zero.
    """
    return [one for one in balances(ctx, as_of) if one.debit or one.credit or one.base_balance]


def balances(ctx: Context, as_of: date | None = None) -> list[Balance]:
    """Return the debits and credits of every account of the chart, up to and with a date."""
    ctx.require("ledger.view")
    sums = {row.account_id: row for row in db.session.execute(_sums(as_of))}
    accounts = db.session.scalars(select(Account).order_by(Account.code, Account.currency))
    return [_balance(account, sums.get(account.id)) for account in accounts]


def _balance(account: Account, sums: Row[Any] | None) -> Balance:
    return Balance(
        code=account.code,
        name=account.name,
        type=account.type,
        currency=account.currency,
        debit=int(sums.debit) if sums else 0,
        credit=int(sums.credit) if sums else 0,
        base_balance=int(sums.base) if sums else 0,
    )


def _sums(as_of: date | None) -> Select[Any]:
    """Add up the postings of each account: by its id alone, which is short to compare."""
    amount = PostingRow.amount
    sums = select(
        PostingRow.account_id,
        func.sum(case((amount > 0, amount), else_=0)).label("debit"),
        func.sum(case((amount < 0, -amount), else_=0)).label("credit"),
        func.sum(PostingRow.base_amount).label("base"),
    ).group_by(PostingRow.account_id)
    if as_of is None:
        return sums
    return sums.join(
        EntryRow, _same(EntryRow.id, PostingRow.entry_id, EntryRow, PostingRow)
    ).where(EntryRow.entry_on <= as_of)


def closed_through(ctx: Context) -> date | None:
    """Return the last day that takes no postings any more."""
    return db.session.scalar(select(JournalHead.closed_through))


def close(ctx: Context, through: date) -> None:
    """Close the books through a day, for good.

    Raises ValidationFailed where they are closed further, or the day is yet to end.
    """
    ctx.require("ledger.close")
    with ctx.transaction() as session:
        head = session.scalars(select(JournalHead).with_for_update()).one()
        if through >= ctx.today():
            raise ValidationFailed([_close_problem(_("Close a day that is over."))])
        if head.closed_through and through <= head.closed_through:
            raise ValidationFailed(
                [
                    _close_problem(
                        _("The books are closed through %(day)s already.", day=head.closed_through)
                    )
                ]
            )
        head.closed_through = through
        session.flush()
        audit.record(ctx, "ledger.closed", "journal", ctx.tenant.id, through=through.isoformat())


def _close_problem(message: str) -> Problem:
    return Problem(code="period.close_refused", path="through", message=message)


def _same(left: Any, right: Any, left_row: Any, right_row: Any) -> Any:
    """Join two tables of a tenant: the tenant is part of every key."""
    return and_(left_row.tenant_id == right_row.tenant_id, left == right)
