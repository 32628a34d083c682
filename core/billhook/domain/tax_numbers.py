"""Tax numbers by format and checksum, for Europe, AU, CA, IN, JP and NZ.

The arithmetic is python-stdnum's. Numbers of other countries are taken as they
are. That a number is well formed does not say that it is in force.
"""

import re
from contextlib import suppress

from stdnum.au import abn as au_abn
from stdnum.ca import bn as ca_bn
from stdnum.ch import vat as ch_vat
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import InvalidChecksum, InvalidFormat, ValidationError
from stdnum.gb import vat as gb_vat
from stdnum.in_ import gstin
from stdnum.is_ import vsk
from stdnum.no import mva as no_mva
from stdnum.nz import ird as nz_ird

from billhook.i18n import gettext as _
from billhook.limits import CODE
from billhook.problems import Problem

_SEPARATORS = str.maketrans("", "", " \t\n.-/")
_PREFIXES = {"GR": "EL", "MC": "FR", "IM": "GB"}
_JAPANESE = re.compile(r"T[0-9]{13}", re.ASCII)
EXAMPLES = {
    "AT": "ATU57194903",
    "AU": "83 914 571 673",
    "BE": "BE0697449992",
    "BG": "BG175074752",
    "CA": "123026635 RT 0001",
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
    "IN": "27AAPFU0939F1ZV",
    "IS": "IS 00621",
    "IT": "IT00743110157",
    "JP": "T5835678256246",
    "LI": "CHE-107.787.577 MWST",
    "LT": "LT119511515",
    "LU": "LU15027442",
    "LV": "LV40003521600",
    "MT": "MT11679112",
    "NL": "NL004495445B01",
    "NO": "NO 995 525 828 MVA",
    "NZ": "49-098-576",
    "PL": "PL8567346215",
    "PT": "PT501964843",
    "RO": "RO18547290",
    "SE": "SE123456789701",
    "SI": "SI50223054",
    "SK": "SK2022749619",
    "XI": "XI980780684",
}
"""One well-formed number of each scheme, by the prefix that the scheme writes, else its country."""

PREFIXES = frozenset(EXAMPLES) - {"AU", "CA", "IN", "JP", "NZ"}
"""What numbers begin with; those of the others do not name their country."""


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
    if written in PREFIXES and written != own:
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
        case "IS":
            return "IS" + vsk.validate(text)
        case "AU":
            return au_abn.validate(text.removeprefix("ABN"))
        case "CA":
            return ca_bn.validate(text)
        case "IN":
            return gstin.validate(text)
        case "JP":
            return _qualified_issuer(text)
        case "NZ":
            return nz_ird.validate(text)
        case "EL":
            return eu_vat.validate("EL" + text.removeprefix("EL").removeprefix("GR"))
        case _:
            return eu_vat.validate(scheme + text.removeprefix(scheme))


def _qualified_issuer(text: str) -> str:
    """Check the registration number of an issuer of qualified invoices.

    Its digits are not checked: those of sole traders are no corporate numbers, and
    need not follow their rule. Raises ValidationError.
    """
    if not _JAPANESE.fullmatch(text):
        raise InvalidFormat
    return text


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
