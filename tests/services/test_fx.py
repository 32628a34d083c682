"""Exchange rates hold from their day until the next."""

from datetime import date
from decimal import Decimal

import pytest

from billhook.errors import ValidationFailed
from billhook.services import fx

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


def test_the_latest_rate_on_or_before_the_day_holds(ctx):
    fx.set_rate(ctx, "USD", Decimal("0.9"), on=JANUARY)
    fx.set_rate(ctx, "USD", Decimal("0.8"), on=FEBRUARY)
    found = fx.rates(ctx, "USD", date(2026, 1, 31))
    assert (found.currency, found.rate, found.rate_on) == ("EUR", Decimal("0.9"), JANUARY)
    assert fx.rates(ctx, "USD", FEBRUARY).rate == Decimal("0.8")
    assert fx.rates(ctx, "USD", date(2030, 1, 1)).rate_on == FEBRUARY


def test_the_base_currency_is_worth_one(ctx):
    found = fx.rates(ctx, "EUR", JANUARY)
    assert (found.rate, found.rate_on, found.source) == (1, JANUARY, "base")


def test_without_a_rate_it_is_said_how_to_set_one(ctx):
    fx.set_rate(ctx, "USD", Decimal("0.9"), on=FEBRUARY)
    with pytest.raises(fx.RateMissing, match="billhook fx-rates set USD RATE --on 2026-01-01"):
        fx.rates(ctx, "USD", JANUARY)


def test_a_persons_rate_comes_before_a_sources_of_the_same_day(ctx):
    fx.set_rate(ctx, "USD", Decimal("0.91"), on=JANUARY)
    fx.set_rate(ctx, "USD", Decimal("0.92"), on=JANUARY, source="ecb")
    assert fx.rates(ctx, "USD", JANUARY).rate == Decimal("0.91")


def test_the_same_day_is_set_anew(ctx):
    fx.set_rate(ctx, "USD", Decimal("0.9"), on=JANUARY)
    fx.set_rate(ctx, "usd", Decimal("0.95"), on=JANUARY)
    assert [one.rate for one in fx.listing(ctx, currency="USD")] == [Decimal("0.95")]


def test_a_rate_of_a_weak_currency_is_exact(ctx):
    fx.set_rate(ctx, "IRR", Decimal("0.000000021234"), on=JANUARY)
    assert fx.rates(ctx, "IRR", JANUARY).rate == Decimal("0.000000021234")


@pytest.mark.parametrize(
    ("currency", "rate", "path"),
    [
        ("XXX", "1.1", "currency"),
        ("EUR", "1.1", "currency"),
        ("USD", "0", "rate"),
        ("USD", "-1", "rate"),
        ("USD", "NaN", "rate"),
        ("USD", "Infinity", "rate"),
        ("USD", "0.1234567890123", "rate"),
    ],
)
def test_a_bad_rate_is_refused(ctx, currency, rate, path):
    with pytest.raises(ValidationFailed) as failure:
        fx.set_rate(ctx, currency, Decimal(rate), on=JANUARY)
    assert [problem.path for problem in failure.value.problems] == [path]
    assert fx.listing(ctx) == []


def test_rates_are_a_tenants_own(ctx, other_ctx):
    with other_ctx.acting():
        fx.set_rate(other_ctx, "USD", Decimal("0.9"), on=JANUARY)
    with ctx.acting(), pytest.raises(fx.RateMissing):
        fx.rates(ctx, "USD", FEBRUARY)
