"""Tax numbers by format and checksum, for the EU, GB, CH, LI and NO.

The arithmetic is python-stdnum's. Numbers of other countries are taken as they
are. That a number is well formed does not say that it is in force.
"""

from contextlib import suppress

from stdnum.ch import vat as ch_vat
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.gb import vat as gb_vat
from stdnum.no import mva as no_mva

from billhook.i18n import gettext as _
from billhook.limits import CODE
from billhook.problems import Problem

_SEPARATORS = str.maketrans("", "", " \t\n.-/")
_PREFIXES = {"GR": "EL", "MC": "FR", "IM": "GB"}
EXAMPLES = {
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
"""One well-formed number of each scheme, by the prefix that the scheme writes."""


def check(country: str, number: str, *, path: str = "tax_number") -> str | Problem:
    """Return the number in one piece, with its prefix, or what is wrong with it.

    A business may hold a number of another country than its own, so that a prefix
    which stands in the number is tried first.
    """
    if len(number) > CODE:
        return _malformed(_PREFIXES.get(country, country), number, path)
    text = number.translate(_SEPARATORS).upper()
    own = _PREFIXES.get(country, country)
    written = _PREFIXES.get(text[:2], text[:2])
    if written in EXAMPLES and written != own:
        with suppress(ValidationError):
            return _validated(written, text)
    if own not in EXAMPLES:
        return text
    try:
        return _validated(own, text)
    except InvalidChecksum:
        return Problem(
            code="tax_number.mistyped",
            path=path,
            message=_(
                "“%(number)s” is mistyped: its check digit does not fit. Compare it with the "
                "original.",
                number=number,
            ),
        )
    except ValidationError:
        return _malformed(own, number, path)


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


def _malformed(scheme: str, number: str, path: str) -> Problem:
    return Problem(
        code="tax_number.malformed",
        path=path,
        message=_(
            "“%(number)s” does not look like a tax number of %(country)s. One is %(example)s.",
            number=number[:CODE],
            country=scheme,
            example=EXAMPLES.get(scheme, EXAMPLES["DE"]),
        ),
    )
