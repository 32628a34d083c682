"""Accounts with their balances, an account's statement, the trial balance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from babel.support import LazyProxy
from flask import render_template, request, url_for

from billhook.domain.ledger import AccountType
from billhook.i18n import lazy_gettext as _
from billhook.services import journals, ledgers
from billhook.services.ledgers import Balance
from billhook.web import paging
from billhook.web.access import context, requires
from billhook.web.ledger.rooms import blueprint

PAGE = 100

TYPES: dict[AccountType, LazyProxy] = {
    AccountType.ASSET: _("Assets"),
    AccountType.LIABILITY: _("Liabilities"),
    AccountType.EQUITY: _("Equity"),
    AccountType.INCOME: _("Income"),
    AccountType.EXPENSE: _("Expenses"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the accounts of a currency come to; debits and credits are equal."""

    currency: str
    balances: Sequence[Balance]
    debit: int
    credit: int

    @property
    def is_balanced(self) -> bool:
        return self.debit == self.credit


@blueprint.get("/accounts")
@requires("ledger.view")
def accounts() -> str:
    """List the accounts with their balances as of a day."""
    as_of = paging.day("as_of")
    found = ledgers.balances(context(), as_of)
    by_type = [
        (title, [one for one in found if one.type == kind.value]) for kind, title in TYPES.items()
    ]
    return render_template(
        "ledger/accounts.html",
        groups=[(title, rows) for title, rows in by_type if rows],
        as_of=as_of,
        address=_address,
    )


@blueprint.get("/accounts/<code>/<currency>")
@requires("ledger.view")
def account(code: str, currency: str) -> str:
    """Show an account's postings with the running balance, the newest first."""
    since, until = paging.day("since"), paging.day("until")
    statement = journals.statement(
        context(),
        code,
        currency,
        since=since,
        until=until,
        after=paging.text("after"),
        limit=PAGE,
    )
    kept = {"since": request.args.get("since"), "until": request.args.get("until")}
    return render_template(
        "ledger/account.html",
        statement=statement,
        since=since,
        until=until,
        kept={name: value for name, value in kept.items() if value},
    )


@blueprint.get("/trial-balance")
@requires("ledger.view")
def trial_balance() -> str:
    """Sum up each account's debits and credits, by currency and in the base currency."""
    as_of = paging.day("as_of")
    found = ledgers.trial_balance(context(), as_of)
    return render_template(
        "ledger/trial_balance.html",
        totals=_totals(found),
        base=sum(one.base_balance for one in found),
        as_of=as_of,
        address=_address,
    )


def _totals(found: Iterable[Balance]) -> list[Totals]:
    by_currency = groupby(
        sorted(found, key=lambda one: (one.currency, one.code)), lambda one: one.currency
    )
    return [_total(currency, list(balances)) for currency, balances in by_currency]


def _total(currency: str, balances: Sequence[Balance]) -> Totals:
    return Totals(
        currency=currency,
        balances=balances,
        debit=sum(one.debit for one in balances),
        credit=sum(one.credit for one in balances),
    )


def _address(balance: Balance, until: date | None) -> str:
    """Return where the postings are that a balance is the sum of."""
    return url_for(
        ".account",
        code=balance.code,
        currency=balance.currency,
        until=until.isoformat() if until else None,
    )
