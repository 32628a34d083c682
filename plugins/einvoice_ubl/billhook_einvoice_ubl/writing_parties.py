"""Seller and buyer as UBL writes them."""

from lxml.etree import _Element

from billhook.domain.parties import Address
from billhook_einvoice_ubl.elements import group, identifier, leaf
from billhook_einvoice_ubl.terms import TradeParty

VAT = "VAT"
OTHER_TAX = "TAX"
"""Any scheme but VAT makes the number BT-32."""


def write_seller(root: _Element, party: TradeParty) -> None:
    """BG-4."""
    with group(root, "cac:AccountingSupplierParty") as role:
        _write_party(role, party)


def write_buyer(root: _Element, party: TradeParty) -> None:
    """BG-7."""
    with group(root, "cac:AccountingCustomerParty") as role:
        _write_party(role, party)


def _write_party(role: _Element, party: TradeParty) -> None:
    with group(role, "cac:Party") as added:
        identifier(added, "cbc:EndpointID", party.endpoint)  # BT-34, BT-49
        with group(added, "cac:PartyIdentification") as own:
            identifier(own, "cbc:ID", party.identifier)  # BT-29, BT-46
        _write_address(added, party.address)
        _write_tax_number(added, party.vat_id, VAT)  # BT-31, BT-48
        _write_tax_number(added, party.tax_id, OTHER_TAX)  # BT-32
        with group(added, "cac:PartyLegalEntity") as entity:
            leaf(entity, "cbc:RegistrationName", party.name)  # BT-27, BT-44
            identifier(entity, "cbc:CompanyID", party.legal_id)  # BT-30, BT-47
            leaf(entity, "cbc:CompanyLegalForm", party.legal_information)  # BT-33
        with group(added, "cac:Contact") as contact:
            leaf(contact, "cbc:Name", party.contact_name)  # BT-41, BT-56
            leaf(contact, "cbc:Telephone", party.phone)  # BT-42, BT-57
            leaf(contact, "cbc:ElectronicMail", party.email)  # BT-43, BT-58


def _write_address(parent: _Element, address: Address) -> None:
    """BG-5, BG-8."""
    with group(parent, "cac:PostalAddress") as added:
        leaf(added, "cbc:StreetName", address.street)  # BT-35, BT-50
        leaf(added, "cbc:AdditionalStreetName", address.extra)  # BT-36, BT-51
        leaf(added, "cbc:CityName", address.city)  # BT-37, BT-52
        leaf(added, "cbc:PostalZone", address.postal_code)  # BT-38, BT-53
        leaf(added, "cbc:CountrySubentity", address.subdivision)  # BT-39, BT-54
        with group(added, "cac:Country") as country:
            leaf(country, "cbc:IdentificationCode", address.country)  # BT-40, BT-55


def _write_tax_number(parent: _Element, number: str, scheme: str) -> None:
    if not number:
        return
    with group(parent, "cac:PartyTaxScheme") as added:
        leaf(added, "cbc:CompanyID", number)
        with group(added, "cac:TaxScheme") as tax:
            leaf(tax, "cbc:ID", scheme)
