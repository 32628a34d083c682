"""What the models answer, worked by hand, and the figures that others publish.

Each table names the page that its figures are from. Where a page gives the tiers but
not the total, the comment shows the sum.
"""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

from billhook.domain.pricing import PriceQuery
from billhook.money import fits
from billhook_pricing_tiered.pricing import Graduated

STRIPE = "1-5: 7; 6-10: 6.5; 11-: 6"
ZUPLO = "0-1000: 0.10; 1001-10000: 0.05; 10001-: 0.01"
AUTUMN = "0-1000: 0.01; 1001-10000: 0.008; 10001-: 0.005"
LAGO_SPEC = "1-10: 0.10 + 0.02; 11-: 0.05 + 0.03"
BRIEF = "1-100: 10; 101-200: 8; 201-: 7"
INCLUDED = "0-10000: 0 + 100; 10001-: 0.01"
HOSTED = "0-100: 10; 101-500: 8 + 25; 501-: 6"


@pytest.mark.parametrize(
    ("tiers", "quantity", "total"),
    [
        # docs.stripe.com/subscriptions/pricing-models/tiered-pricing, "Graduated pricing"
        (STRIPE, "1", "7"),
        (STRIPE, "5", "35"),       # as published: the same as by volume
        (STRIPE, "6", "41.5"),     # 35 + 1×6.5
        (STRIPE, "10", "67.5"),    # 35 + 5×6.5
        (STRIPE, "11", "73.5"),    # 67.5 + 1×6
        (STRIPE, "20", "127.5"),   # 67.5 + 10×6
        (STRIPE, "25", "157.5"),   # 67.5 + 15×6
        # zuplo.com/docs/articles/monetization/pricing-models, "Graduated Pricing"
        (ZUPLO, "15000", "600"),
        # docs.useautumn.com/documentation/modelling-pricing/graduated-pricing
        (AUTUMN, "15000", "107"),
        # docs.recurly.com/recurly-subscriptions/docs/quantity-based-pricing, "Tiered pricing"
        ("1-100: 1; 101-: 0.5", "150", "125"),
        # docs.oracle.com, Banking Liquidity Management, "Examples for Tier Based Amount", 17-9
        ("0-250: 1; 250-500: 2; 500-: 3", "1000", "2250"),
        # getlago/lago-api, spec/services/charges/charge_models/graduated_service_spec.rb
        (LAGO_SPEC, "0", "0"),     # no fee without usage: the tier begins at 1
        (LAGO_SPEC, "1", "0.12"),
        (LAGO_SPEC, "10", "1.02"),
        (LAGO_SPEC, "11", "1.10"),
        (LAGO_SPEC, "12", "1.15"),
        # docs.killbill.io/latest/consumable_in_arrear, five videos at 2, the next at 1
        ("1-5: 2; 6-: 1", "8", "13"),
        # a customer's wish: the first 100 at 10, the next 100 at 8
        (BRIEF, "100", "1000"),
        (BRIEF, "150", "1400"),    # 100×10 + 50×8
        (BRIEF, "200", "1800"),
        # another: 100 a month, and 0.01 for each call beyond 10,000
        (INCLUDED, "0", "100"),
        (INCLUDED, "10000", "100"),
        (INCLUDED, "12500", "125"),
        # edges, fractions, fees
        (HOSTED, "0", "0"),
        (HOSTED, "100", "1000"),
        (HOSTED, "100.5", "1029"),     # 100×10 + 0.5×8 + 25
        (HOSTED, "101", "1033"),
        (HOSTED, "500", "4225"),       # 100×10 + 400×8 + 25
        (HOSTED, "500.000000001", "4225.000000006"),
        (HOSTED, "700", "5425"),       # 4225 + 200×6
        (HOSTED, "-150", "-1425"),     # 100×10 + 50×8 + 25, taken back
        ("0-: 3", "7", "21"),
    ],
)  # fmt: skip
def test_graduated(ask, exact, tiers, quantity, total):
    assert exact(ask("graduated", quantity, tiers=tiers)) == Fraction(total)


LAGO = (
    "0-10000: 0.0010 + 10; 10001-50000: 0.0008 + 10; 50001-100000: 0.0006 + 10; "
    "100001-: 0.0004 + 10"
)
LAGO_VOLUME_SPEC = "1-100: 2 + 10; 101-200: 1; 201-: 0.5 + 50"


@pytest.mark.parametrize(
    ("tiers", "quantity", "total"),
    [
        # docs.stripe.com/subscriptions/pricing-models/tiered-pricing, "Volume-based pricing"
        (STRIPE, "1", "7"),
        (STRIPE, "5", "35"),
        (STRIPE, "6", "39"),
        (STRIPE, "20", "120"),
        (STRIPE, "25", "150"),
        # getlago.com/docs/guide/plans/charges/charge-models/volume
        (LAGO, "65000", "49"),
        # getlago/lago-api, spec/services/charges/charge_models/volume_service_spec.rb
        (LAGO_VOLUME_SPEC, "0", "0"),
        (LAGO_VOLUME_SPEC, "1", "12"),
        (LAGO_VOLUME_SPEC, "100", "210"),
        (LAGO_VOLUME_SPEC, "101", "101"),
        (LAGO_VOLUME_SPEC, "200", "200"),
        (LAGO_VOLUME_SPEC, "300", "200"),
        # zuplo.com/docs/articles/monetization/pricing-models, "Volume Pricing"
        (ZUPLO, "15000", "150"),
        # docs.oracle.com, Banking Liquidity Management, "Examples for Tier Based Amount", 17-11
        ("0-250: 1; 250-500: 2; 500-: 3", "1000", "3000"),
        # edges, fractions, fees
        (HOSTED, "100", "1000"),
        (HOSTED, "100.5", "829"),      # 100.5×8 + 25
        (HOSTED, "-101", "-833"),      # 101×8 + 25, taken back
        ("0-10: 1 + 5; 11-: 1", "0", "5"),
        ("1-10: 1 + 5; 11-: 1", "0", "0"),
    ],
)  # fmt: skip
def test_volume(ask, exact, tiers, quantity, total):
    assert exact(ask("volume", quantity, tiers=tiers)) == Fraction(total)


STEPS = "1-100: 50; 101-500: 200; 501-: 400"


@pytest.mark.parametrize(
    ("tiers", "quantity", "total"),
    [
        # docs.oracle.com, Banking Liquidity Management, "Examples for Tier Based Amount", 17-10
        ("0-250: 10; 250-500: 20; 500-: 30", "1000", "30"),
        ("0-250: 10; 250-500: 20; 500-: 30", "250", "10"),
        # worked by hand
        (STEPS, "0", "0"),
        (STEPS, "0.5", "50"),
        (STEPS, "1", "50"),
        (STEPS, "100", "50"),
        (STEPS, "100.5", "200"),
        (STEPS, "101", "200"),
        (STEPS, "500", "200"),
        (STEPS, "501", "400"),
        (STEPS, "1000000", "400"),
        (STEPS, "-101", "-200"),
        ("0-10: 5; 11-: 9", "0", "5"),  # a month without usage still has its step
    ],
)  # fmt: skip
def test_stairstep(ask, exact, tiers, quantity, total):
    assert exact(ask("stairstep", quantity, tiers=tiers)) == Fraction(total)


@pytest.mark.parametrize(
    ("each", "size", "free", "quantity", "total"),
    [
        # getlago.com/docs/guide/plans/charges/charge-models/package
        ("5", "100", "100", "201", "10"),
        # getlago/lago-api, spec/services/charges/charge_models/package_service_spec.rb
        ("1", "10", "0", "121", "13"),
        ("1", "10", "10", "121", "12"),
        # chargebee.com/docs/billing/2.0/product-catalog/package-pricing
        ("1.25", "1000000", "0", "10", "1.25"),
        ("1.25", "1000000", "0", "1000000", "1.25"),
        ("1.25", "1000000", "0", "1500000", "2.50"),
        # worked by hand
        ("5", "100", "100", "0", "0"),
        ("5", "100", "100", "100", "0"),
        ("5", "100", "100", "100.5", "5"),   # a package is started
        ("5", "100", "100", "200", "5"),
        ("5", "100", "100", "-201", "-10"),
        ("5", "0.5", "0", "1.2", "15"),      # three packages of a half
        ("5", "3", "0", "10", "20"),
    ],
)  # fmt: skip
def test_package(ask, exact, each, size, free, quantity, total):
    answer = ask("package", quantity, package_price=each, package_size=size, free_units=free)
    assert exact(answer) == Fraction(total)


PACKAGES = "0-1000: 5; 1001-5000: 4; 5001-: 3"


@pytest.mark.parametrize(
    ("quantity", "total"),
    [
        # Orb: "Apply tiered pricing after rounding up the quantity to the package size"
        # (rubydoc.info/gems/orb-billing, TieredPackageConfig). Chargebee rounds up within each
        # tier. Here both are the same, since tiers end where packages do.
        ("0",    "0"),
        ("1",    "5"),
        ("100",  "5"),
        ("101",  "10"),
        ("1000", "50"),
        ("1001", "54"),     # 10×5 + 1×4
        ("4950", "210"),    # 10×5 + 40×4
        ("5001", "213"),    # 10×5 + 40×4 + 1×3
        ("-1001", "-54"),
    ],
)  # fmt: skip
def test_tiered_package(ask, exact, quantity, total):
    assert exact(ask("tiered_package", quantity, tiers=PACKAGES, package_size="100")) == Fraction(
        total
    )


@pytest.mark.parametrize(
    ("model", "quantity", "parameters", "explanation"),
    [
        ("graduated", "150", {"tiers": HOSTED}, "100 × 10 + 50 × 8 + 1 × 25 = 1425 EUR"),
        ("graduated", "-150", {"tiers": BRIEF}, "−(100 × 10 + 50 × 8) = -1400 EUR"),
        ("graduated", "0", {"tiers": BRIEF}, "0 × 10 = 0 EUR"),
        ("graduated", "2.50", {"tiers": BRIEF}, "2.5 × 10 = 25 EUR"),
        ("volume", "150", {"tiers": HOSTED}, "150 × 8 + 1 × 25 = 1225 EUR"),
        ("stairstep", "150", {"tiers": STEPS}, "1 × 200 = 200 EUR"),
        (
            "package",
            "201",
            {"package_price": "5", "package_size": "100", "free_units": "100"},
            "100 × 0 + 2 × 5 = 10 EUR",
        ),
        (
            "tiered_package",
            "1001",
            {"tiers": PACKAGES, "package_size": "100"},
            "10 × 5 + 1 × 4 = 54 EUR",
        ),
    ],
)
def test_every_answer_says_why(ask, model, quantity, parameters, explanation):
    assert ask(model, quantity, **parameters).explanation == explanation


def lines(answer):
    return [
        (part.description, str(part.quantity), str(part.unit_price), str(part.base_quantity))
        for part in answer.parts
    ]


def test_each_tier_and_each_fee_is_a_line_with_its_name(ask):
    assert lines(ask("graduated", "700", tiers=HOSTED)) == [
        ("units 0 to 100", "100", "10", "1"),
        ("units 101 to 500", "400", "8", "1"),
        ("fixed fee for units 101 to 500", "1", "25", "1"),
        ("units from 501 on", "200", "6", "1"),
    ]


def test_packages_are_billed_in_units_at_a_price_per_package(ask):
    """The line stays in the product's unit (BT-130): 200 units at 5 per 100 (BT-149)."""
    answer = ask("package", "201", package_price="5", package_size="100", free_units="100")
    assert lines(answer) == [
        ("first 100 units, free", "100", "0", "1"),
        ("packages of 100", "200", "5", "100"),
    ]


def test_free_units_stand_on_the_bill_before_they_are_used_up(ask):
    answer = ask("package", "40", package_price="5", package_size="100", free_units="100")
    assert lines(answer) == [("first 100 units, free", "40", "0", "1")]


def test_a_batch_is_answered_in_its_order_and_one_bad_price_spoils_no_other(price, exact):
    good, bad = price("graduated", tiers=BRIEF), price("graduated", tiers="cheap")
    asked = [(good, "150"), (bad, "150"), (good, "1"), (bad, "2"), (good, "150")]
    queries = [PriceQuery(price=one, quantity=Decimal(text)) for one, text in asked]
    answers = Graduated(None).price(queries)
    assert [exact(answer) for answer in answers[::2]] == [1400, 10, 1400]
    assert [answer.parts for answer in answers[1::2]] == [(), ()]
    assert {problem.code for answer in answers for problem in answer.problems} == {
        "pricing_tiered.tier_malformed"
    }


@pytest.mark.parametrize("quantity", ["1000000000000000000", "-1000000000000000000"])
def test_a_quantity_beyond_all_bounds_is_refused_alone(price, exact, quantity):
    version = price("graduated", tiers=BRIEF)
    queries = [PriceQuery(price=version, quantity=Decimal(text)) for text in ("1", quantity, "2")]
    one, refused, two = Graduated(None).price(queries)
    assert (exact(one), exact(two)) == (10, 20)
    assert [problem.code for problem in refused.problems] == ["pricing_tiered.quantity_too_large"]


def test_the_largest_quantity_still_fits_the_digits_that_are_stored(ask, exact):
    answer = ask(
        "graduated", "999999999999999999.999999999", tiers="0-0.000000001: 1; 0.000000001-: 1"
    )
    assert all(fits(part.quantity, decimals=9) for part in answer.parts)
    assert exact(answer) == Fraction("999999999999999999.999999999")


def test_answers_do_not_depend_on_the_caller_s_decimal_context(ask):
    wanted = ask("graduated", "700.123456789", tiers=HOSTED)
    with localcontext() as loose:
        loose.prec = 3
        assert ask("graduated", "700.123456789", tiers=HOSTED) == wanted
