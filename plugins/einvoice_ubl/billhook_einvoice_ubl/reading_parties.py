"""Seller and buyer out of UBL."""

from lxml.etree import _Element

from billhook.domain.parties import Address
from billhook_einvoice_ubl.nodes import every, first, identifier, text
from billhook_einvoice_ubl.terms import TradeParty
from billhook_einvoice_ubl.writing_parties import VAT


def party(root: _Element, role: str) -> TradeParty:
    """BG-4, BG-7; of a party that is not there, all is empty."""
    found = first(root, f"{role}/cac:Party")
    if found is None:
        return TradeParty(name="", address=Address(country=""))
    return TradeParty(
        name=text(found, "cac:PartyLegalEntity/cbc:RegistrationName")
        or text(found, "cac:PartyName/cbc:Name"),
        address=_address(found),
        endpoint=identifier(found, "cbc:EndpointID"),
        identifier=identifier(found, "cac:PartyIdentification/cbc:ID"),
        vat_id=_tax_number(found, is_vat=True),
        tax_id=_tax_number(found, is_vat=False),
        legal_id=identifier(found, "cac:PartyLegalEntity/cbc:CompanyID"),
        legal_information=text(found, "cac:PartyLegalEntity/cbc:CompanyLegalForm"),
        contact_name=text(found, "cac:Contact/cbc:Name"),
        phone=text(found, "cac:Contact/cbc:Telephone"),
        email=text(found, "cac:Contact/cbc:ElectronicMail"),
    )


def _address(party: _Element) -> Address:
    path = "cac:PostalAddress"
    return Address(
        country=text(party, f"{path}/cac:Country/cbc:IdentificationCode"),
        street=text(party, f"{path}/cbc:StreetName"),
        extra=text(party, f"{path}/cbc:AdditionalStreetName"),
        postal_code=text(party, f"{path}/cbc:PostalZone"),
        city=text(party, f"{path}/cbc:CityName"),
        subdivision=text(party, f"{path}/cbc:CountrySubentity"),
    )


def _tax_number(party: _Element, *, is_vat: bool) -> str:
    """Return the number under VAT, or the one under any other scheme."""
    for scheme in every(party, "cac:PartyTaxScheme"):
        if (text(scheme, "cac:TaxScheme/cbc:ID").upper() == VAT) is is_vat:
            return text(scheme, "cbc:CompanyID")
    return ""
