"""What a country calls its tax, and how it frees what leaves it.

The categories of EN 16931 belong to value added tax in Europe. Where another law
holds, a treatment has none, and formats that need one refuse the document.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """The tax of one country."""

    tax: str = "VAT"
    """As documents print it."""
    has_categories: bool = True
    """Whether the categories of EN 16931 fit."""
    export_law: str = ""
    """The law that frees exports; empty where the note names none."""
    taxes_all_services_from_abroad: bool = False
    """Whether a registered seller abroad charges consumers for any service, not
    only for electronic ones."""


_EUROPEAN = Regime()

_REGIMES = {
    "AU": Regime(
        tax="GST",
        has_categories=False,
        export_law="A New Tax System (Goods and Services Tax) Act 1999, Subdivision 38-E and section 38-190",
        taxes_all_services_from_abroad=True,
    ),
    "CA": Regime(
        tax="GST/HST",
        has_categories=False,
        export_law="Excise Tax Act, Schedule VI, Part V",
        taxes_all_services_from_abroad=True,
    ),
    "IN": Regime(
        tax="IGST",
        has_categories=False,
        export_law="Integrated Goods and Services Tax Act 2017, section 16",
    ),
    "IS": Regime(tax="VSK"),
    "JP": Regime(tax="JCT", has_categories=False, export_law="Consumption Tax Act, article 7"),
    "NZ": Regime(
        tax="GST",
        has_categories=False,
        export_law="Goods and Services Tax Act 1985, sections 11 and 11A",
        taxes_all_services_from_abroad=True,
    ),
    "US": Regime(tax="Sales tax", has_categories=False),
}


def regime(country: str) -> Regime:
    """Return the regime of a country; one that is not known is like Europe's."""
    return _REGIMES.get(country, _EUROPEAN)
