"""Names of taxes, numbers and units in the document's language, by the custom of the trade."""

from decimal import Decimal

from billhook.domain.parties import Party
from billhook.domain.states import DocumentType
from billhook.domain.tax import TaxComponent
from billhook.services.presenting.texts import gettext as _


def document_title(kind: DocumentType) -> str:
    if kind is DocumentType.CREDIT_NOTE:
        return _("Credit note")
    return _("Invoice")


def tax_name(component: TaxComponent) -> str:
    """Return a tax's name; one that we do not know stands as its engine wrote it."""
    known = {
        "VAT": _("VAT"),
        "GST": _("GST"),
        "HST": _("HST"),
        "PST": _("PST"),
        "QST": _("QST"),
        "RST": _("RST"),
        "CGST": _("CGST"),
        "SGST": _("SGST"),
        "IGST": _("IGST"),
        "UTGST": _("UTGST"),
        "JCT": _("Consumption tax"),
        "VSK": _("VAT (VSK)"),
        "Sales tax": _("Sales tax"),
        "Withholding tax": _("Withholding tax"),
    }
    name = known.get(component.tax, component.tax)
    if component.tax == "Sales tax" and component.subdivision:
        return f"{name} {component.subdivision}"
    return name


def tax_number_label(country: str) -> str:
    """Return what a party's number for tax is called where it lives."""
    known = {
        "AU": _("ABN"),
        "CA": _("GST/HST number"),
        "CH": _("UID"),
        "GB": _("VAT registration number"),
        "IN": _("GSTIN"),
        "JP": _("Registration number for consumption tax"),
        "NZ": _("GST number"),
        "US": _("Tax ID"),
    }
    return known.get(country, _("VAT ID"))


def legal_id_label(party: Party) -> str:
    """Return what a party's number in the register is called (ISO 6523 schemes)."""
    known = {
        "0002": _("SIREN"),
        "0009": _("SIRET"),
        "0060": _("DUNS number"),
        "0088": _("GLN"),
        "0183": _("UID"),
        "0204": _("Leitweg-ID"),
    }
    return known.get(party.legal_id_scheme, _("Registration number"))


def unit_name(code: str, quantity: Decimal) -> str:
    """Return a unit (UN/ECE Recommendation 20) in words; an unknown code stands as it is."""
    if code in _SIGNS:
        return _SIGNS[code]
    one, many = _words().get(code, (code, code))
    return one if quantity == 1 else many


_SIGNS = {
    "": "",
    "C62": "",  # one: a thing counted by itself
    "GB": "GB",
    "GRM": "g",
    "HUR": "h",
    "KGM": "kg",
    "KMT": "km",
    "KWH": "kWh",
    "LTR": "l",
    "MIN": "min",
    "MTK": "m²",
    "MTQ": "m³",
    "MTR": "m",
    "SEC": "s",
    "TNE": "t",
}


def _words() -> dict[str, tuple[str, str]]:
    pieces = (_("piece"), _("pieces"))
    return {
        "ANN": (_("year"), _("years")),
        "DAY": (_("day"), _("days")),
        "E48": (_("service"), _("services")),
        "EA": pieces,
        "H87": pieces,
        "LS": (_("lump sum"), _("lump sums")),
        "MON": (_("month"), _("months")),
        "PR": (_("pair"), _("pairs")),
        "WEE": (_("week"), _("weeks")),
        "XPK": (_("pack"), _("packs")),
    }
