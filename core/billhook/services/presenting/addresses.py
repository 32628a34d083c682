"""Addresses by the custom of their country: Universal Postal Union, S42 and addressing sheets."""

from billhook.domain.parties import Address
from billhook.services.presenting.formats import Formats

_CODE_FIRST = ("{postal_code} {city}",)
_STATE_LINE = ("{postal_code} {city} {subdivision}",)
_CODE_BELOW = ("{city}", "{postal_code}")
_CODE_LAST = ("{city} {postal_code}",)
_STATE_AND_CODE = ("{city} {subdivision} {postal_code}",)

_CUSTOMS: dict[str, tuple[str, ...]] = {
    "US": ("{city}, {subdivision} {postal_code}",),
    "BR": ("{city} - {subdivision}", "{postal_code}"),
    "IE": ("{city}", "{subdivision}", "{postal_code}"),
    "IN": ("{city} {postal_code}", "{subdivision}"),
    "MX": ("{postal_code} {city}, {subdivision}",),
    **dict.fromkeys(("AU", "CA"), _STATE_AND_CODE),
    **dict.fromkeys(("GB", "GG", "IM", "JE", "ZA", "HK"), _CODE_BELOW),
    **dict.fromkeys(("BD", "ID", "JO", "JP", "KR", "NP", "NZ", "PK", "SA", "SG"), _CODE_LAST),
    **dict.fromkeys(("TH", "TW", "VN", "YE"), _CODE_LAST),
    "IT": _STATE_LINE,
}
"""Where the postal code does not stand before the city, or the province stands after it."""


def address_lines(address: Address, formats: Formats, *, is_abroad: bool) -> tuple[str, ...]:
    """Return the lines below the name; the country's name only where a border is crossed."""
    if address.country == "JP" and formats.locale.language == "ja":
        lines = _japanese(address)
    else:
        places = _CUSTOMS.get(address.country, _CODE_FIRST)
        lines = [address.street, address.extra, *(_place(line, address) for line in places)]
    if is_abroad:
        lines.append(formats.country(address.country))
    return tuple(line for line in lines if line)


def _place(custom: str, address: Address) -> str:
    """Fill a line; what is missing leaves no gap and no comma."""
    subdivision = "" if address.subdivision.isdigit() else address.subdivision
    line = custom.format(
        postal_code=address.postal_code, city=address.city, subdivision=subdivision
    )
    return " ".join(line.split()).replace(" ,", ",").strip(" ,-")


def _japanese(address: Address) -> list[str]:
    code = f"〒{address.postal_code}" if address.postal_code else ""
    return [code, f"{address.city}{address.street}", address.extra]
