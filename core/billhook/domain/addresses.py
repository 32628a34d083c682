"""How each country writes addresses: which fields it has, what they are called, in which order.

From the Universal Postal Union's “Postal addressing systems in member countries”
and ISO 3166-2. A subdivision is needed where tax depends on it; elsewhere it helps
at most. A country that is not listed has a postal code before the city, and no
subdivision that anybody writes.
"""

from dataclasses import dataclass
from enum import StrEnum

from billhook.i18n import gettext as _
from billhook.problems import Problem


class SubdivisionName(StrEnum):
    """What the parts of a country are called there."""

    STATE = "state"
    PROVINCE = "province"
    COUNTY = "county"
    PREFECTURE = "prefecture"
    EMIRATE = "emirate"
    CANTON = "canton"
    REGION = "region"


class PostalName(StrEnum):
    """What a postal code is called."""

    POSTAL_CODE = "postal_code"
    POSTCODE = "postcode"
    ZIP = "zip"
    PIN = "pin"
    EIRCODE = "eircode"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCustom:
    """The fields of a country's addresses."""

    subdivision: SubdivisionName | None = None
    """None where nobody writes one."""
    needs_subdivision: bool = False
    """Whether tax depends on it."""
    codes: frozenset[str] = frozenset()
    """All subdivisions by ISO 3166-2 without the country; empty where they are not listed here."""
    postal: PostalName | None = PostalName.POSTAL_CODE
    """None where there are no postal codes."""
    is_city_first: bool = False
    """Whether the city stands before the postal code."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields below the street, in the order of the country."""
        postal = ("postal_code",) if self.postal else ()
        places = ("city", *postal) if self.is_city_first else (*postal, "city")
        if self.subdivision is None:
            return places
        if self.is_city_first and postal:
            return ("city", "subdivision", *postal)
        return (*places, "subdivision")


_US = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
    "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR UM VI"
)
_CANADA = "AB BC MB NB NL NS NT NU ON PE QC SK YT"
_AUSTRALIA = "ACT NSW NT QLD SA TAS VIC WA"
_WITHOUT_CODES = (
    "AE AG AO AW BF BI BJ BS BW BZ CD CF CG CI CK CM DJ DM FJ GD GM GQ GY HK JM KI KM KN ML MO MR "
    "MW NR NU QA RW SB SC SL SR ST SY TG TK TO TV UG VU YE ZW"
)

_DEFAULT = AddressCustom()
_CUSTOMS = {
    **{code: AddressCustom(postal=None) for code in _WITHOUT_CODES.split()},
    "AE": AddressCustom(subdivision=SubdivisionName.EMIRATE, postal=None),
    "AU": AddressCustom(
        subdivision=SubdivisionName.STATE,
        codes=frozenset(_AUSTRALIA.split()),
        postal=PostalName.POSTCODE,
        is_city_first=True,
    ),
    "BR": AddressCustom(
        subdivision=SubdivisionName.STATE, needs_subdivision=True, is_city_first=True
    ),
    "CA": AddressCustom(
        subdivision=SubdivisionName.PROVINCE,
        needs_subdivision=True,
        codes=frozenset(_CANADA.split()),
        is_city_first=True,
    ),
    "CH": AddressCustom(subdivision=SubdivisionName.CANTON),
    "CN": AddressCustom(subdivision=SubdivisionName.PROVINCE, is_city_first=True),
    "ES": AddressCustom(subdivision=SubdivisionName.PROVINCE),
    **dict.fromkeys(
        ("GB", "GG", "IM", "JE", "NZ", "ZA"),
        AddressCustom(postal=PostalName.POSTCODE, is_city_first=True),
    ),
    "IE": AddressCustom(
        subdivision=SubdivisionName.COUNTY, postal=PostalName.EIRCODE, is_city_first=True
    ),
    "IN": AddressCustom(
        subdivision=SubdivisionName.STATE,
        needs_subdivision=True,
        postal=PostalName.PIN,
        is_city_first=True,
    ),
    "IT": AddressCustom(subdivision=SubdivisionName.PROVINCE),
    "JP": AddressCustom(subdivision=SubdivisionName.PREFECTURE, is_city_first=True),
    "MX": AddressCustom(subdivision=SubdivisionName.STATE),
    **dict.fromkeys(("SG", "TH", "TW", "VN"), AddressCustom(is_city_first=True)),
    "US": AddressCustom(
        subdivision=SubdivisionName.STATE,
        needs_subdivision=True,
        codes=frozenset(_US.split()),
        postal=PostalName.ZIP,
        is_city_first=True,
    ),
}


def custom(country: str) -> AddressCustom:
    """Return how a country writes addresses."""
    return _CUSTOMS.get(country, _DEFAULT)


def problems(country: str, subdivision: str) -> list[Problem]:
    """Return what keeps a subdivision from saying where tax is due."""
    known = custom(country)
    if not subdivision and known.needs_subdivision:
        message = _("Fill it in: the tax of this country depends on it.")
        return [Problem(code="address.subdivision_missing", path="subdivision", message=message)]
    if subdivision and known.codes and subdivision.upper() not in known.codes:
        message = _(
            "“%(code)s” is no code of this country. Write one such as %(example)s.",
            code=subdivision,
            example=min(known.codes),
        )
        return [Problem(code="address.subdivision_unknown", path="subdivision", message=message)]
    return []
