"""Exchange rates by date, entered by hand or by a source."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import case, select

from billhook import limits
from billhook.db import db
from billhook.domain.documents import BaseCurrency
from billhook.errors import BillhookError, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.fx import FxRate
from billhook.money import RATE_DECIMALS, fits, plain
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.fields import Fields
from billhook.services.paging import Order, Slice, cut

MANUAL = "manual"
"""The source of rates that a person typed. It comes before any other of the same day."""
BASE = "base"
"""The source of the base currency's own rate, which is one."""

DECIMALS = 2 * RATE_DECIMALS
"""A rate of a weak currency has few digits before the point and needs them after it."""


class RateMissing(BillhookError):
    """No rate of the currency is known on or before the date."""

    code = "fx.rate_missing"

    def __init__(self, currency: str, base: str, on: date) -> None:
        super().__init__(
            _(
                "There is no exchange rate from %(currency)s to %(base)s on or before %(on)s. Set "
                "one: billhook fx-rates set %(currency)s RATE --on %(on)s",
                currency=currency,
                base=base,
                on=on.isoformat(),
            )
        )
        self.currency = currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Base units for one unit of the currency, from a day on until the next rate."""

    id: UUID
    currency: str
    on: date
    rate: Decimal
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateFilter:
    """What the list of rates is narrowed by; days are inclusive."""

    currency: str = ""
    since: date | None = None
    until: date | None = None


_NEWEST = (Order(FxRate.rate_on, date), Order(FxRate.id, UUID))


def search(
    ctx: Context, wanted: RateFilter, *, after: str = "", limit: int = limits.PAGE_ROWS
) -> Slice[Rate]:
    """Return a page of rates, the latest day first. Raises ValidationFailed for a cursor that is none."""
    ctx.require("fx_rates.view")
    query = select(FxRate)
    if wanted.currency:
        query = query.where(FxRate.currency == wanted.currency.upper())
    if wanted.since:
        query = query.where(FxRate.rate_on >= wanted.since)
    if wanted.until:
        query = query.where(FxRate.rate_on <= wanted.until)
    return cut(
        query,
        _NEWEST,
        after=after,
        limit=limit,
        is_descending=True,
        make=lambda row: _rate(row[0]),
    )


def listing(
    ctx: Context, *, currency: str | None = None, limit: int = limits.PAGE_ROWS
) -> list[Rate]:
    """Return rates, by currency and the newest first."""
    ctx.require("fx_rates.view")
    query = select(FxRate).order_by(FxRate.currency, FxRate.rate_on.desc(), FxRate.source)
    if currency:
        query = query.where(FxRate.currency == currency.upper())
    return [_rate(row) for row in db.session.scalars(query.limit(limit))]


def set_rate(
    ctx: Context, currency: str, rate: Decimal, *, on: date, source: str = MANUAL
) -> Rate:
    """Store the rate of a day, in place of an earlier one of the same source.

    Issued documents keep the rate that they froze. Raises ValidationFailed.
    """
    ctx.require("fx_rates.edit")
    code, source = _checked(ctx, currency, rate, source)
    with ctx.transaction() as session:
        row = session.scalar(
            select(FxRate).where(
                FxRate.currency == code, FxRate.rate_on == on, FxRate.source == source
            )
        )
        if row is None:
            row = FxRate(
                id=new_id(), tenant_id=ctx.tenant.id, currency=code, rate_on=on, source=source
            )
            session.add(row)
        row.rate = rate
        row.created_at = ctx.now()
        session.flush()
        audit.record(
            ctx,
            "fx_rate.set",
            "fx_rate",
            row.id,
            currency=code,
            on=on.isoformat(),
            rate=plain(rate),
        )
        return _rate(row)


def _checked(ctx: Context, currency: str, rate: Decimal, source: str) -> tuple[str, str]:
    """Raises ValidationFailed."""
    fields = Fields()
    code = fields.currency("currency", currency)
    source = fields.text("source", source, limit=limits.CODE, is_required=True)
    if code and code == ctx.tenant.currency:
        fields.refuse(
            "currency",
            "fx.base_currency",
            _("%(currency)s is the base currency; its rate is always 1.", currency=code),
        )
    if not fits(rate, decimals=DECIMALS) or rate <= 0:
        fields.refuse(
            "rate",
            "fx.rate_invalid",
            _("A rate is a number above zero with at most %(digits)s decimals.", digits=DECIMALS),
        )
    if fields.problems:
        raise ValidationFailed(fields.problems)
    return code, source


def rates(ctx: Context, currency: str, on: date) -> BaseCurrency:
    """Return what a unit of the currency is worth on a day: the latest rate on or before it.

    The base currency's is 1. Raises RateMissing.
    """
    base = ctx.tenant.currency
    if currency == base:
        return BaseCurrency(currency=base, rate=Decimal(1), rate_on=on, source=BASE)
    row = db.session.scalar(
        select(FxRate)
        .where(FxRate.currency == currency, FxRate.rate_on <= on)
        .order_by(
            FxRate.rate_on.desc(),
            case((FxRate.source == MANUAL, 0), else_=1),
            FxRate.created_at.desc(),
        )
        .limit(1)
    )
    if row is None:
        raise RateMissing(currency, base, on)
    return BaseCurrency(currency=base, rate=row.rate, rate_on=row.rate_on, source=row.source)


def _rate(row: FxRate) -> Rate:
    return Rate(id=row.id, currency=row.currency, on=row.rate_on, rate=row.rate, source=row.source)
