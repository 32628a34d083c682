"""Tax numbers by format and checksum, for the EU, GB, CH, LI and NO.

The arithmetic is python-stdnum's. Numbers of other countries are not checked.
That a number is well formed does not say that it is in force: VIES knows that.
"""

from contextlib import suppress

from stdnum.ch import vat as ch_vat
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.gb import vat as gb_vat
from stdnum.no import mva as no_mva

from billhook.problems import Problem
from billhook_tax_rules.texts import gettext as _

_SEPARATORS = str.maketrans("", "", " \t\n.-/")
_LONGEST = 60
_PREFIXES = {"GR": "EL", "MC": "FR", "IM": "GB"}
_EXAMPLES = {
    "AT": "ATU57194903",
    "BE": "BE0697449992",
    "BG": "BG175074752",
    "CH": "CHE-107.787.577 MWST",
    "CY": "CY10259033P",
    "CZ": "CZ25123891",
    "DE": "DE136695976",
    "DK": "DK13585628",
    "EE": "EE100931558",
    "EL": "EL094259216",
    "ES": "ESB58378431",
    "FI": "FI20774740",
    "FR": "FR61954506077",
    "GB": "GB 980 7806 84",
    "HR": "HR33392005961",
    "HU": "HU12892312",
    "IE": "IE6433435F",
    "IT": "IT00743110157",
    "LI": "CHE-107.787.577 MWST",
    "LT": "LT119511515",
    "LU": "LU15027442",
    "LV": "LV40003521600",
    "MT": "MT11679112",
    "NL": "NL004495445B01",
    "NO": "NO 995 525 828 MVA",
    "PL": "PL8567346215",
    "PT": "PT501964843",
    "RO": "RO18547290",
    "SE": "SE123456789701",
    "SI": "SI50223054",
    "SK": "SK2022749619",
    "XI": "XI980780684",
}
"""One well-formed number of each scheme: for messages, and for tests to prove the adapter."""

_SCHEMES = _EXAMPLES.keys()


def check(country: str, number: str) -> str | Problem:
    """Return the number as it is printed in one piece, with its prefix, or what is wrong.

    A business may hold a number of another country than its own, so a prefix that
    stands in the number is tried before the country's.
    """
    text = number[:_LONGEST].translate(_SEPARATORS).upper()
    own = _PREFIXES.get(country, country)
    written = _PREFIXES.get(text[:2], text[:2])
    if written in _SCHEMES and written != own:
        with suppress(ValidationError):
            return _validated(written, text)
    if own not in _SCHEMES:
        return text
    try:
        return _validated(own, text)
    except ValidationError as error:
        return _refused(own, number, error)


def _validated(scheme: str, text: str) -> str:
    """Check by the rules of one scheme. Raises ValidationError."""
    match scheme:
        case "GB":
            return "GB" + gb_vat.validate(text)
        case "CH" | "LI":
            return ch_vat.validate(text)
        case "NO":
            return "NO" + no_mva.validate(text)
        case "EL":
            return eu_vat.validate("EL" + text.removeprefix("EL").removeprefix("GR"))
        case _:
            return eu_vat.validate(scheme + text.removeprefix(scheme))


def _refused(prefix: str, number: str, error: ValidationError) -> Problem:
    if isinstance(error, InvalidChecksum):
        code = "tax_rules.number_mistyped"
        message = _(
            "“%(number)s” is mistyped: its check digit does not fit. Compare it with the original.",
            number=number,
        )
    else:
        code = "tax_rules.number_malformed"
        message = _(
            "“%(number)s” does not look like a tax number of %(country)s. One is %(example)s.",
            number=number,
            country=prefix,
            example=_EXAMPLES[prefix],
        )
    return Problem(code=code, path="tax_number", message=message)
