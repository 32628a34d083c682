"""Exact numbers: amounts in minor units, prices, quantities and rates.

An amount is a whole number of minor units beside its ISO 4217 code. Unit
prices, quantities and rates are ``Decimal`` and come in through the strict
grammar of `parse_decimal` alone. Nothing here or elsewhere touches a float.
"""

import decimal
import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from billhook.errors import BadNumber, UnknownCurrency

CONTEXT = decimal.Context(
    prec=50,
    rounding=decimal.ROUND_HALF_UP,  # away from zero on a tie, for both signs
    Emin=-100,
    Emax=100,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)

_UNBOUNDED = decimal.Context(
    prec=decimal.MAX_PREC, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX, traps=[]
)

PRICE_DECIMALS = 12
QUANTITY_DECIMALS = 9
RATE_DECIMALS = 6
DIGITS = 28
LARGEST_AMOUNT = 2**63 - 1

_GRAMMAR = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)

# ISO 4217, list one (active funds and currencies), by number of minor digits.
_WITHOUT_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_WITH_THREE = "BHD IQD JOD KWD LYD OMR TND"
_WITH_FOUR = "CLF UYW"
_WITH_TWO = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
    CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR
    LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD
    PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
    SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW
    ZWG
"""
MINOR_DIGITS: dict[str, int] = {
    code: digits
    for digits, codes in ((0, _WITHOUT_MINOR), (2, _WITH_TWO), (3, _WITH_THREE), (4, _WITH_FOUR))
    for code in codes.split()
}


def minor_digits(currency: str) -> int:
    """Return how many decimals an amount of the currency has (ISO 4217).

    Raises UnknownCurrency.
    """
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


def parse_decimal(text: str, *, decimals: int) -> Decimal:
    """Read ``-?digits[.digits]``; no exponent, separator, NaN or infinity.

    Raises BadNumber where the text is no such number, has more than `decimals`
    decimals (trailing zeros aside) or more than 28 digits.
    """
    if len(text) > 2 * DIGITS or not _GRAMMAR.fullmatch(text):
        raise BadNumber(text[:40], decimals)
    value = Decimal(text)
    if value.is_zero():
        return Decimal(0)
    if fits(value, decimals=decimals):
        return value
    raise BadNumber(text[:40], decimals)


def parse_amount(text: str, currency: str) -> int:
    """Read an amount in major units ("12.50") into minor units (1250).

    Raises BadNumber, UnknownCurrency.
    """
    digits = minor_digits(currency)
    return to_minor(parse_decimal(text, decimals=digits), currency)


def fits(value: Decimal, *, decimals: int) -> bool:
    """Tell whether the value is finite and within the digits that we store."""
    if not value.is_finite():
        return False
    return _holds(value, decimals) or _holds(value.normalize(_UNBOUNDED), decimals)


def _holds(value: Decimal, decimals: int) -> bool:
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    return -exponent <= decimals and len(digits) + max(exponent, 0) <= DIGITS


def plain(value: Decimal) -> str:
    """Write the one canonical text of a number: no exponent, no idle zeros."""
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def round_half_away(value: Decimal, digits: int) -> int:
    """Round to whole units of 10**-digits; ties go away from zero."""
    return int(CONTEXT.to_integral_value(CONTEXT.scaleb(value, digits)))


def to_minor(value: Decimal, currency: str) -> int:
    """Round a number of major units to whole minor units.

    Raises BadNumber beyond 64 bits, UnknownCurrency.
    """
    minor = round_half_away(value, minor_digits(currency))
    if abs(minor) > LARGEST_AMOUNT:
        raise BadNumber(plain(value), minor_digits(currency))
    return minor


def to_major(minor: int, currency: str) -> Decimal:
    """Return an amount in major units, with all the currency's decimals."""
    return Decimal(minor).scaleb(-minor_digits(currency), CONTEXT)


def amount_text(minor: int, currency: str) -> str:
    """Write an amount in major units for JSON and files: ``1234.50``."""
    digits = minor_digits(currency)
    if not digits:
        return str(minor)
    text = str(abs(minor)).rjust(digits + 1, "0")
    return f"{'-' if minor < 0 else ''}{text[:-digits]}.{text[-digits:]}"


def spread(total: int, weights: Sequence[int | Decimal]) -> list[int]:
    """Split a total by weights so that the parts sum to it exactly.

    Where the weights sum to zero, all goes to the first.
    """
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact)
    if whole == 0:
        return [total, *([0] * (len(weights) - 1))] if weights else []
    return settle(total, [total * weight / whole for weight in exact])


def settle(total: int, shares: Sequence[Fraction]) -> list[int]:
    """Round exact shares to whole units that sum to the total.

    The total is the shares' sum, rounded. Units that rounding leaves over go to
    the largest remainders, first share first. What is turned around, as a credit
    note is, comes to the same parts turned around.
    """
    if _is_turned(total, shares):
        return [-part for part in settle(-total, [-share for share in shares])]
    parts = [share.numerator // share.denominator for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def _is_turned(total: int, shares: Sequence[Fraction]) -> bool:
    """Tell which of a document and its mirror image this is of, by its total, else by its first share."""
    first = next((share for share in (Fraction(total), *shares) if share), Fraction(0))
    return first < 0
